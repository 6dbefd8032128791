"""What the recognizer saw, as words."""

from __future__ import annotations

import numpy as np
import pytest

from engine.model.class_names import ClassNames
from engine.model.vocabulary import SPECIALS, Vocabulary
from engine.results import Recognised
from engine.words.recognition import ABSENT_PENALTY, BONUS, CaptionBonus, recognise, tag_words

NAMES = ClassNames(
    own=("beagle", "corgi", "house finch", "hot dog", "thresher"),
    common=("dog", "dog", "bird", "hot dog", ""),
    names=(
        ("beagle", "hound", "dog", "animal"),
        ("corgi", "dog", "animal"),
        ("house finch", "finch", "bird", "animal"),
        ("hot dog", "food"),
        ("thresher",),
    ),
)
VOCABULARY = Vocabulary((*SPECIALS, "a", "dog", "dogs", "bird", "hot", "runs"), output_size=10)


def photo(**probabilities: float) -> np.ndarray:
    return np.array([probabilities.get(name.replace(" ", "_"), 0.0) for name in NAMES.own])


def test_breeds_that_may_be_meant_are_a_dog() -> None:
    assert recognise(NAMES, photo(beagle=0.5, corgi=0.4), 3) == (Recognised("dog", 0.9),)


def test_a_breed_is_named_where_it_is_sure() -> None:
    assert recognise(NAMES, photo(beagle=0.75, house_finch=0.25), 3) == (
        Recognised("beagle", 0.75),
        Recognised("bird", 0.25),
    )


def test_what_has_no_common_name_has_its_own() -> None:
    assert recognise(NAMES, photo(thresher=0.5), 3) == (Recognised("thresher", 0.5),)


def test_nothing_is_named_where_nothing_is_likely() -> None:
    assert recognise(NAMES, photo(beagle=0.1, house_finch=0.1), 3) == ()
    assert recognise(NAMES, np.full(5, 0.0), 3) == ()


def test_tags_are_single_words_the_likeliest_first() -> None:
    words = tag_words(NAMES, photo(house_finch=0.75, beagle=0.25))
    assert list(words.items()) == [("finch", 0.75), ("bird", 0.75), ("beagle", 0.25), ("dog", 0.25)]


def test_a_hot_dog_is_no_dog() -> None:
    assert list(tag_words(NAMES, photo(hot_dog=1.0))) == ["hot dog"]
    bonus = CaptionBonus(NAMES, VOCABULARY, 0).of(photo(hot_dog=1.0)[None])
    assert bonus is not None
    gains = dict(zip(VOCABULARY.words, bonus[0].tolist(), strict=True))
    assert (gains["hot"], gains["dog"]) == (BONUS, -ABSENT_PENALTY)


def test_words_of_what_is_seen_gain_in_both_numbers() -> None:
    bonus = CaptionBonus(NAMES, VOCABULARY, 0).of(photo(beagle=0.25, corgi=0.75)[None])
    assert bonus is not None
    gains = dict(zip(VOCABULARY.words, bonus[0].tolist(), strict=True))
    assert gains["dog"] == gains["dogs"] == pytest.approx(BONUS)
    assert gains["bird"] == gains["runs"] == 0.0


def test_the_most_frequent_words_need_no_bonus() -> None:
    bonus = CaptionBonus(NAMES, VOCABULARY, VOCABULARY.token_id("bird")).of(
        photo(beagle=0.5, house_finch=0.5)[None]
    )
    assert bonus is not None
    gains = dict(zip(VOCABULARY.words, bonus[0].tolist(), strict=True))
    assert gains["dog"] == 0
    assert gains["bird"] == pytest.approx(BONUS / 2)


def test_without_a_recognizer_there_is_no_bonus() -> None:
    assert CaptionBonus(ClassNames((), (), ()), VOCABULARY).of(np.zeros((1, 0))) is None
