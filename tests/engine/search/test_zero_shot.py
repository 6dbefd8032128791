from __future__ import annotations

import numpy as np
import pytest

from engine.gallery.image_classes import STEPS, unknown
from engine.model.prototypes import SHARES, WordPrototypes
from engine.search.zero_shot import zero_shot_scores

FINCH, BANANA = 11, 954
IMAGES = np.array([[0.1, 0.0], [0.3, 0.9], [0.2, 0.1]], np.float32)


@pytest.fixture
def prototypes() -> WordPrototypes:
    nearest = np.array([[BANANA, FINCH]] * 2, np.uint16), np.array([[SHARES, 51]] * 2, np.uint8)
    codes = np.array([[100, 0], [0, 100]], np.int8)
    return WordPrototypes(["fruit", "plantain"], codes, np.eye(2), np.eye(2)[::-1], nearest)


def shown(*classes: int | None) -> np.ndarray:
    """Return the classes of images, each of which surely shows one, or nothing."""
    rows = unknown(len(classes))
    for row, number in zip(rows, classes, strict=True):
        if number is not None:
            row[0] = number, STEPS
    return rows


def order(prototypes: WordPrototypes, text: str, classes: np.ndarray) -> list[int]:
    return np.argsort(-zero_shot_scores(prototypes, text, IMAGES, classes)).tolist()


def test_images_are_in_the_order_of_the_words_detector(prototypes: WordPrototypes) -> None:
    assert order(prototypes, "fruit", unknown(3)) == [1, 2, 0]
    assert order(prototypes, "plantain", unknown(3)) == [1, 2, 0]
    np.testing.assert_allclose(
        zero_shot_scores(prototypes, "plantain", IMAGES, unknown(3)), [-1.225, 1.225, 0], atol=1e-3
    )


def test_an_image_of_a_class_near_the_word_gains_by_how_near_it_is(prototypes: WordPrototypes) -> None:
    plain = zero_shot_scores(prototypes, "plantain", IMAGES, shown(None, None, None))
    gained = zero_shot_scores(prototypes, "plantain", IMAGES, shown(BANANA, FINCH, None)) - plain
    assert gained[0] > gained[1] > gained[2]
    assert order(prototypes, "fruit", shown(BANANA, None, None))[0] == 1


def test_the_nearest_classes_of_a_texts_words_are_summed(prototypes: WordPrototypes) -> None:
    assert prototypes.nearest_classes("a fruit") == pytest.approx({BANANA: 1.0, FINCH: 0.2})
    assert prototypes.nearest_classes("plantain fruit") == pytest.approx({BANANA: 2.0, FINCH: 0.4})
    assert not prototypes.nearest_classes("a dog")


def test_the_classes_are_not_counted_where_nothing_was_recognised(prototypes: WordPrototypes) -> None:
    seen = zero_shot_scores(prototypes, "fruit", IMAGES, shown(5, 6, 7))
    np.testing.assert_array_equal(seen, zero_shot_scores(prototypes, "fruit", IMAGES, unknown(3)))


def test_an_empty_gallery_has_no_scores(prototypes: WordPrototypes) -> None:
    assert not len(zero_shot_scores(prototypes, "fruit", IMAGES[:0], unknown(0)))
