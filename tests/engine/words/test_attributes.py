"""What the shipped network knows of words: the queries that people try first."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.gallery import cache_dir
from engine.model.checkpoint import Checkpoint
from engine.words.attributes import AttributeDetector
from engine.words.joint_words import JointWordVectors
from engine.words.word_similarity import WordSpace, word_space


@pytest.fixture(scope="module")
def space(shipped: Checkpoint, computed: Path) -> WordSpace:
    return word_space(shipped, JointWordVectors(shipped, computed / cache_dir.WORDS))


@pytest.mark.parametrize(
    ("word", "thing", "is_so"),
    [
        ("green", "grass", True),
        ("blue", "sky", True),
        ("white", "snow", True),
        ("red", "shirt", True),
        ("black", "dog", True),
        ("brown", "horse", True),
        ("wooden", "bench", True),
        ("river", "lake", False),
        ("car", "truck", False),
        ("dog", "black", False),
        ("men", "man", False),
        ("sister", "brother", False),
        ("grass", "green", False),
        ("green", "cello", False),  # not in the output vocabulary
    ],
)
def test_attributes_are_distinguished_from_other_words(
    shipped: Checkpoint, word: str, thing: str, is_so: bool
) -> None:
    token_ids = [shipped.vocabulary.token_id(one) for one in (word, thing)]
    assert AttributeDetector(shipped.vocabulary).describes(*token_ids) is is_so


@pytest.mark.parametrize(
    ("analogy", "answer"),
    [
        ("man men woman", "women"),
        ("grass green sky", "blue"),
        ("sky blue grass", "green"),
        ("snow white grass", "green"),
    ],
)
def test_common_analogies_are_answered(space: WordSpace, analogy: str, answer: str) -> None:
    assert space.analogy(*analogy.split(), 1)[0].word == answer


def test_common_words_have_the_expected_neighbours(space: WordSpace) -> None:
    boys = {match.word for match in space.similar("boy", 8)}
    assert {"boys", "kid", "toddler", "girl"} <= boys
    chases = [match.word for match in space.similar("chasing", 8)]
    assert {"chases", "chase", "running"} <= set(chases)
    assert not {"rider", "police"} & (boys | set(chases))
