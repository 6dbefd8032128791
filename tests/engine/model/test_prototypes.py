"""What words look like that no caption held."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.model.prototypes import load, no_prototypes
from engine.training.predict_prototypes import compress

WORDS = ("violin", "cello", "zebra")


@pytest.fixture
def vectors() -> np.ndarray:
    vectors = np.random.default_rng(1).normal(size=(len(WORDS), 16)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def test_few_numbers_keep_the_directions(vectors: np.ndarray) -> None:
    prototypes = compress(WORDS, vectors)
    for word, vector in zip(WORDS, vectors, strict=True):
        assert prototypes.of(word) @ vector > 0.999


def test_the_words_of_a_text_are_summed_and_others_passed_over(vectors: np.ndarray) -> None:
    prototypes = compress(WORDS, vectors)
    assert prototypes.of("A Violin, a cello!") == pytest.approx(
        prototypes.of("violin") + prototypes.of("cello"), abs=1e-5
    )
    assert not prototypes.of("a dog").any()
    assert "zebra" in prototypes
    assert "dog" not in prototypes


def test_what_is_saved_is_what_is_read(vectors: np.ndarray, tmp_path: Path) -> None:
    files = tmp_path / "prototypes.safetensors", tmp_path / "prototypes.txt"
    (kept := compress(WORDS, vectors)).save(*files)
    read = load(*files)
    assert read.words == kept.words
    assert read.of("zebra") == pytest.approx(kept.of("zebra"), abs=1e-3)


def test_a_list_of_words_that_is_too_short_is_refused(vectors: np.ndarray, tmp_path: Path) -> None:
    files = tmp_path / "prototypes.safetensors", tmp_path / "prototypes.txt"
    compress(WORDS, vectors).save(*files)
    files[1].write_text("violin\n", encoding="utf-8")
    with pytest.raises(ValueError, match="1 words"):
        load(*files)


def test_an_image_near_to_every_word_loses_to_one_that_is_near_to_this(vectors: np.ndarray) -> None:
    prototypes = compress(WORDS, vectors)
    hub = vectors.sum(axis=0)
    images = np.stack([hub / np.linalg.norm(hub), vectors[0]])
    taken_off = prototypes.hubs(images)
    assert taken_off[0] > taken_off[1]


def test_a_network_may_know_no_such_words() -> None:
    prototypes = no_prototypes(16)
    assert prototypes.of("violin").shape == (16,)
    assert "violin" not in prototypes


def test_hubs_are_none_where_no_words_are_known() -> None:
    assert no_prototypes(4).hubs(np.ones((3, 4), np.float32)) == pytest.approx(np.zeros(3))
