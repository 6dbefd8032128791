"""What the network that ships knows of words: what people try first."""

from __future__ import annotations

import pytest

from engine.model import checkpoint
from engine.settings import ARTIFACT_DIR
from engine.words.attributes import Attributes
from engine.words.word_similarity import WordSpace, word_space


@pytest.fixture(scope="module")
def shipped() -> checkpoint.Checkpoint:
    return checkpoint.load(ARTIFACT_DIR)


@pytest.fixture(scope="module")
def space(shipped: checkpoint.Checkpoint) -> WordSpace:
    return word_space(shipped)


@pytest.mark.parametrize(
    ("word", "thing", "is_so"),
    [
        ("green", "grass", True),
        ("blue", "sky", True),
        ("white", "snow", True),
        ("red", "shirt", True),
        ("men", "man", False),
        ("sister", "brother", False),
        ("grass", "green", False),
        ("green", "cello", False),  # known, but the decoder cannot say it
    ],
)
def test_a_word_that_says_what_a_thing_is_like_is_told_from_others(
    shipped: checkpoint.Checkpoint, word: str, thing: str, is_so: bool
) -> None:
    numbers = [shipped.vocabulary.token_id(one) for one in (word, thing)]
    assert Attributes(shipped).describes(*numbers) is is_so


@pytest.mark.parametrize(
    ("riddle", "solution"),
    [
        ("man men woman", "women"),
        ("grass green sky", "blue"),
        ("sky blue grass", "green"),
        ("snow white grass", "green"),
    ],
)
def test_riddles_that_people_try_first_are_solved(space: WordSpace, riddle: str, solution: str) -> None:
    assert space.analogy(*riddle.split(), 1)[0].word == solution


def test_words_that_people_try_first_have_the_kin_they_expect(space: WordSpace) -> None:
    boys = {match.word for match in space.similar("boy", 8)}
    assert {"boys", "kid", "toddler", "girl"} <= boys
    chases = [match.word for match in space.similar("chasing", 8)]
    assert {"chases", "chase", "running"} <= set(chases)
    assert not {"rider", "police"} & (boys | set(chases))
