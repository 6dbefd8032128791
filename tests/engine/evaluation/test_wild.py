"""Figures about photos unlike Flickr8K's."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import EmptyQueryError
from engine.evaluation.wild import (
    DOG,
    PERSON,
    class_search,
    confidence_scores,
    tag_accuracy,
    wrongly_named,
)
from engine.results import Caption, Match, Tag

REFERENCES = {"kitchen": ["a clean kitchen", "a white stove"], "park": ["two men run with dogs"]}


class _Engine:
    """Answers as if every photo showed a panda."""

    def captions(self, photo: bytes, count: int) -> tuple[Caption, ...]:
        raise NotImplementedError

    def tags(self, photo: bytes, count: int) -> tuple[Tag, ...]:
        return (Tag("panda", 0.9, spoken=False), Tag("bear", 0.5, spoken=True))

    def find(self, text: str, count: int) -> tuple[Match, ...]:
        if text == "tench":
            raise EmptyQueryError(key="unknown-words")
        return tuple(Match(f"{name}.jpg", 0.5) for name in ("panda", "bear"))


@pytest.fixture
def classes(tmp_path: Path) -> dict[Path, str]:
    names = {"panda": "giant panda", "bear": "brown bear", "tench": "tench", "other": "other"}
    for photo in names:
        (tmp_path / f"{photo}.jpg").touch()
    return {tmp_path / f"{photo}.jpg": name for photo, name in names.items()}


def test_a_dog_is_wrong_if_no_reference_names_one() -> None:
    captions = {"kitchen": "a white dog in a kitchen", "park": "a dog runs"}
    assert wrongly_named(captions, REFERENCES, DOG) == {"captions": 2, "wrong": 1}


def test_a_person_is_right_by_any_word_for_a_person() -> None:
    captions = {"kitchen": "a kitchen", "park": "a woman runs"}
    assert wrongly_named(captions, REFERENCES, PERSON) == {"captions": 1, "wrong": 0}


def test_the_brier_score_stands_beside_that_of_the_mean() -> None:
    kitchen, park = Path("kitchen"), Path("park")
    best = {kitchen: Caption("a dog in the snow", 0.5, 0.25), park: Caption("men with dogs", 0.5, 0.75)}
    references = {kitchen: REFERENCES["kitchen"], park: REFERENCES["park"]}
    scores = confidence_scores(best, references)
    assert scores == {"right": 0.5, "mean_confidence": 0.5, "brier": 0.062, "brier_of_the_mean": 0.25}


def test_tags_are_compared_with_the_last_word_of_a_class(classes: dict[Path, str]) -> None:
    assert tag_accuracy(_Engine(), classes) == {"among_ten": 0.5, "first": 0.25}


def test_a_class_that_is_not_found_ranks_last(classes: dict[Path, str]) -> None:
    found = class_search(_Engine(), classes)
    assert found["not_understood"] == 1
    assert found["median_rank"] == 3.0  # of 1, 2, 4 and 4
