"""What speaks for a caption, for the confidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.model.calibration import uncalibrated
from engine.model.class_names import ClassNames
from engine.model.vocabulary import SPECIALS, Vocabulary
from engine.runtime.network import ImageFeatures
from engine.runtime.sentence import Sentence
from engine.words.caption_evidence import EVIDENCE, caption_evidence

NAMES = ClassNames(
    ("beagle", "corgi", "hot dog"), ("dog", "dog", "hot dog"), (("beagle",), ("corgi",), ("hot dog",))
)
PHOTO = ImageFeatures(
    np.zeros((1, 1, 2), np.float32),
    np.array([[1.0, 0.0]], np.float32),
    np.array([[0.25, 0.5, 0.125]], np.float32),
    np.zeros((1, 1, 2), np.float32),
)


VOCABULARY = Vocabulary([*SPECIALS, "a", "two", "cat", "dog", "dogs", "hot", "man", "dogged", "run"], 13, 0)


def token_ids(text: str) -> tuple[int, ...]:
    return tuple(VOCABULARY.words.index(word) for word in text.split())


def evidence(
    text: str,
    joint: tuple[float, float] = (1.0, 0.0),
    others: tuple[str, ...] = (),
    names: ClassNames = NAMES,
) -> np.ndarray:
    beside = tuple(map(token_ids, others))
    sentence = Sentence(token_ids(text), -2.0, 0.75, np.array(joint, np.float32), beside)
    photo = PHOTO if names else PHOTO._replace(classes=np.zeros((1, 0), np.float32))
    return caption_evidence([sentence], photo, VOCABULARY, names, uncalibrated(2))[0]


def test_it_holds_log_probability_and_bonus() -> None:
    found = evidence("two dogs run")
    assert found.shape == (EVIDENCE,)
    assert found[[0, 3]].tolist() == [-0.5, 0.75]


@pytest.mark.parametrize(
    ("text", "probability"),
    [("two dogs run", 0.75), ("a hot dog", 0.75), ("hot dogs", 0.75), ("a cat", 0.0), ("a dogged man", 0.0)],
)
def test_it_holds_the_probability_of_the_likeliest_thing_that_is_named(text: str, probability: float) -> None:
    assert evidence(text)[2] == pytest.approx(probability)


def test_a_caption_near_its_photo_has_a_higher_z_score() -> None:
    assert evidence("a dog", (1.0, 0.0))[1] > evidence("a dog", (0.0, 1.0))[1]


def test_without_names_nothing_is_named() -> None:
    assert evidence("a dog", names=ClassNames((), (), ()))[2] == 0


@pytest.mark.parametrize(
    ("others", "agreement"),
    [
        ((), 1.0),
        (("a dog run",), 1.0),
        (("a dog",), 0.5),  # "run" is missing; "a" does not count
        (("a dog", "a cat run", "two"), 1 / 3),
    ],
)
def test_it_holds_how_far_other_sentences_of_its_beams_agree(
    others: tuple[str, ...], agreement: float
) -> None:
    assert evidence("a dog run", others=others)[4] == pytest.approx(agreement)


def test_it_holds_how_unusual_the_photo_is() -> None:
    usual = replace(uncalibrated(2), mean=np.array([1.0, 0.0], np.float32))
    sentence = Sentence(token_ids("a dog"), -2.0)
    near, far = (
        caption_evidence([sentence], PHOTO, VOCABULARY, NAMES, calibration)[0, 5]
        for calibration in (usual, uncalibrated(2))
    )
    assert near == 0
    assert far == pytest.approx(1.02**-0.5)


def test_photos_that_are_all_alike_make_no_other_one_infinitely_unusual() -> None:
    alike = replace(uncalibrated(2), covariance=np.zeros((2, 2), np.float32))
    assert np.isfinite(alike.distance(np.ones(2, np.float32)))
