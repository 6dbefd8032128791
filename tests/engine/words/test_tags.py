"""Tags of a photo, with a tiny network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.model.calibration import uncalibrated
from engine.model.checkpoint import Checkpoint
from engine.model.prototypes import no_prototypes
from engine.model.vocabulary import SPECIALS, Vocabulary
from engine.reference.network import Network
from engine.reference.storage import as_runtime
from engine.words import tags as tags_module
from engine.words.joint_words import JointWordVectors
from engine.words.tags import Tagger
from engine.words.word_similarity import unit_rows, word_space

# Twelve words are in the output vocabulary. Of the others "ocean" is near "beach", and "violin" near none.
WORDS = (*SPECIALS, "a", "dog", "runs", "on", "the", "beach", "boy", "sits", "ocean", "violin")


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare each of the words outside captions in a block of its own."""
    monkeypatch.setattr(tags_module, "BLOCK", 1)


@pytest.fixture
def network(network_copy: Network) -> Network:
    """Its word vectors are set by these tests."""
    return network_copy


def tagger(network: Network, words: tuple[str, ...] = WORDS) -> Tagger:
    table = torch.eye(10)[[0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 9]]
    table[WORDS.index("ocean")] = 0.65 * table[WORDS.index("beach")] + 0.76 * table[0]
    network.word_embedding.pretrained.weight.copy_(table)
    return tagger_of(network, words)


def tagger_of(network: Network, words: tuple[str, ...] = WORDS) -> Tagger:
    checkpoint = checkpoint_of(network, words)
    joint_words = JointWordVectors(checkpoint)
    return Tagger(checkpoint, joint_words, word_space(checkpoint, joint_words))


def checkpoint_of(network: Network, words: tuple[str, ...]) -> Checkpoint:
    runtime, vocabulary = as_runtime(network, threads=1), Vocabulary(words, output_size=12)
    return Checkpoint(runtime, vocabulary, uncalibrated(16), no_prototypes(16), Path(), "", {})


def photo_of(network: Network, word: str) -> np.ndarray:
    joint_words = JointWordVectors(checkpoint_of(network, WORDS))
    return unit_rows(joint_words.of([WORDS.index(word)])[0] - joint_words.mean)


def tag_words(tags: Tagger, photo: np.ndarray, count: int = 20) -> set[str]:
    return {tag.word for tag in tags.tags(photo, count)}


@pytest.mark.parametrize("word", ["dog", "runs", "boy", "sits"])
def test_the_word_that_fits_comes_first(network: Network, word: str) -> None:
    tags = tagger(network).tags(photo_of(network, word), 3)
    assert tags[0].word == word
    assert tags[0].spoken
    assert [tag.score for tag in tags] == sorted((tag.score for tag in tags), reverse=True)


def test_a_word_outside_captions_is_found_by_its_neighbour(network: Network) -> None:
    tags = tagger(network)
    best = tags.tags(photo_of(network, "ocean"), 2)
    assert ("ocean", False) in {(tag.word, tag.spoken) for tag in best}


def test_a_word_far_from_all_words_of_captions_is_no_tag(network: Network) -> None:
    assert "violin" not in tag_words(tagger(network), photo_of(network, "violin"))


def test_stop_words_are_no_tags(network: Network) -> None:
    assert not {"a", "on", "the", *SPECIALS} & tag_words(tagger(network), photo_of(network, "on"))


def test_of_similar_words_one_is_a_tag(network: Network) -> None:
    photo = photo_of(network, "runs")
    first, other, *_ = (tag.word for tag in tagger(network).tags(photo, 9) if tag.spoken)
    words = network.word_embedding
    for table in (words.pretrained.weight, words.learned.weight):
        table[WORDS.index(other)] = table[WORDS.index(first)]
    assert len({first, other} & tag_words(tagger_of(network), photo)) == 1


def test_sensitive_words_are_no_tags(network: Network) -> None:
    words = (*WORDS[:-2], "drunk", "violin")
    assert "drunk" not in tag_words(tagger(network, words), photo_of(network, "ocean"))
    assert "beach" not in tag_words(tagger(network, words), photo_of(network, "ocean"))  # for being near it
