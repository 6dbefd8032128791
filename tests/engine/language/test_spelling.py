"""Correction of slips of the pen."""

import pytest

from engine.language.spelling import SpellingCorrector

CORRECTOR = SpellingCorrector(
    ("dog", "black", "ground", "group", "frisbee", "running"), {"dog", "lack"}, ("violin",)
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("dgo", "dog"),
        ("blcak", "black"),
        ("groud", "ground"),
        ("runing", "running"),
        ("firsbee", "frisbee"),
        ("doooog", "dog"),
        ("violn", "violin"),
    ],
)
def test_a_slip_becomes_the_nearest_word(written: str, read: str) -> None:
    assert CORRECTOR.correct(written) == read


@pytest.mark.parametrize("word", ["dog", "lack", "no", "x2y", "xylophone"])
def test_known_words_short_words_and_words_far_from_all_stay(word: str) -> None:
    assert CORRECTOR.correct(word) is None
