"""What speaks for a caption, for the confidence."""

from __future__ import annotations

import numpy as np
import pytest

from engine.model.calibration import uncalibrated
from engine.model.class_names import ClassNames
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


def evidence(text: str, joint: tuple[float, float] = (1.0, 0.0)) -> np.ndarray:
    sentence = Sentence((5, 6, 7), -2.0, 0.75, np.array(joint, np.float32))
    return caption_evidence([sentence], [text], PHOTO, NAMES, uncalibrated(2))[0]


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
    sentence = Sentence((5,), -1.0, 0.0, np.array([1.0, 0.0], np.float32))
    nameless = PHOTO._replace(classes=np.zeros((1, 0), np.float32))
    found = caption_evidence([sentence], ["a dog"], nameless, ClassNames((), (), ()), uncalibrated(2))
    assert found[0, 2] == 0
