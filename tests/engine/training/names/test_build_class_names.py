"""The names of classes from WordNet and captions."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.training.names.build_class_names import MIN_COUNT, count_names, name_classes
from engine.training.names.wordnet import WordNet

SYNSETS = """\
  1 This software and database is being provided to you
00000001 03 n 01 entity 0 000 | that which is
00000002 05 n 02 dog 0 Canis_familiaris 0 001 @ 00000001 n 0000 | a member of the genus Canis
00000003 05 n 01 beagle 0 001 @ 00000002 n 0000 | a small short-legged hound
00000004 06 n 01 dog 1 001 @ 00000001 n 0000 | metal supports for logs in a fireplace
00000005 06 n 02 andiron 0 firedog 0 001 @ 00000004 n 0000 | metal supports in a fireplace
"""
SENSES = """\
  1 This software and database is being provided to you
entity n 1 0 1 0 00000001
dog n 2 1 @ 2 1 00000002 00000004
canis_familiaris n 1 1 @ 1 0 00000002
beagle n 1 1 @ 1 0 00000003
andiron n 1 1 @ 1 0 00000005
firedog n 1 1 @ 1 0 00000005
"""


@pytest.fixture
def wordnet(tmp_path: Path) -> WordNet:
    (tmp_path / "data.noun").write_text(SYNSETS)
    (tmp_path / "index.noun").write_text(SENSES)
    return WordNet(tmp_path)


def test_a_meaning_is_found_by_its_definition(wordnet: WordNet) -> None:
    assert wordnet.find(["dog"], "supports for logs") == "00000004"
    assert wordnet.find(["dog", "Canis familiaris"], "") == "00000002"
    assert wordnet.find(["tench"], "") is None


def test_kinds_are_named_by_words_that_usually_mean_them(wordnet: WordNet) -> None:
    names = name_classes([["beagle"], ["andiron"]], ["a hound", "supports"], wordnet, ())
    assert names.names == (("beagle", "dog", "canis familiaris"), ("andiron",))  # a dog is no metal support


def test_the_common_name_is_the_nearest_that_captions_use(wordnet: WordNet) -> None:
    captions = ["Two firedogs."] + ["andirons by the fire"] * MIN_COUNT
    names = name_classes([["beagle"], ["andiron"]], ["a hound", "supports"], wordnet, captions)
    assert names.common == ("dog", "andiron")


def test_names_are_counted_in_both_numbers_once_a_caption() -> None:
    counts = count_names(["Hot dogs and hot dogs", "a hot dog", "a dog"], {"hot dog", "dog", "cat"})
    assert counts == {"hot dog": 2, "dog": 3, "cat": 0}
