"""Names of the recognizer's classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.model import class_names
from engine.model.class_names import ClassNames, singular

NAMES = ClassNames(
    own=("beagle", "house finch", "yacht"),
    common=("dog", "bird", ""),
    names=(("beagle", "hound", "dog", "animal"), ("house finch", "finch", "bird", "animal"), ("yacht",)),
)


@pytest.mark.parametrize(
    ("word", "one"),
    [
        ("dogs", "dog"),
        ("mice", "mouse"),
        ("benches", "bench"),
        ("puppies", "puppy"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("buses", "bus"),
    ],
)
def test_plurals_lead_to_their_singular(word: str, one: str) -> None:
    assert singular(word) == one


def test_a_kind_stands_for_all_of_its_classes() -> None:
    assert NAMES.classes("Animals") == (0, 1)
    assert NAMES.classes("house finches") == (1,)
    assert NAMES.classes("violin") == ()


@pytest.mark.parametrize("name", ["a beagle", "the beagle", "beagles"])
def test_an_article_and_the_plural_change_no_name(name: str) -> None:
    assert NAMES.classes(name) == (0,)


def test_probabilities_are_summed_by_common_name() -> None:
    assert NAMES.sum_by_common_name(np.array([0.5, 0.25, 0.25])) == {"dog": 0.5, "bird": 0.25}


def test_names_are_read_as_they_were_saved(tmp_path: Path) -> None:
    NAMES.save(tmp_path / "names.json")
    assert class_names.load(tmp_path / "names.json") == NAMES
