"""Joint vectors of words that no caption contains."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from engine.model.prototypes import (
    HUB_WEIGHT,
    HUB_WORDS,
    NEAREST,
    STEPS,
    WordPrototypes,
    load,
    no_prototypes,
)
from engine.training.predict_prototypes import compress

WORDS = ("violin", "cello", "zebra")


@pytest.fixture
def vectors() -> np.ndarray:
    vectors = np.random.default_rng(1).normal(size=(len(WORDS), 16)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def test_compression_keeps_the_directions(vectors: np.ndarray) -> None:
    prototypes = compress(WORDS, vectors)
    for word, vector in zip(WORDS, vectors, strict=True):
        assert prototypes.of(word) @ vector > 0.999


def test_vectors_of_a_texts_words_are_summed_and_unknown_words_skipped(vectors: np.ndarray) -> None:
    prototypes = compress(WORDS, vectors)
    assert prototypes.of("A Violin, a cello!") == pytest.approx(
        prototypes.of("violin") + prototypes.of("cello"), abs=1e-5
    )
    assert not prototypes.of("a dog").any()
    assert "zebra" in prototypes
    assert "dog" not in prototypes


def test_prototypes_are_loaded_as_they_were_saved(vectors: np.ndarray, tmp_path: Path) -> None:
    files = tmp_path / "prototypes.safetensors", tmp_path / "prototypes.txt"
    (saved := compress(WORDS, vectors)).save(*files)
    loaded = load(*files)
    assert loaded.words == saved.words
    assert loaded.of("zebra") == pytest.approx(saved.of("zebra"), abs=1e-3)


def test_a_word_list_that_is_too_short_is_refused(vectors: np.ndarray, tmp_path: Path) -> None:
    files = tmp_path / "prototypes.safetensors", tmp_path / "prototypes.txt"
    compress(WORDS, vectors).save(*files)
    files[1].write_text("violin\n", encoding="utf-8")
    with pytest.raises(ValueError, match="1 words"):
        load(*files)


def test_an_image_near_every_word_has_the_greater_hubness(vectors: np.ndarray) -> None:
    prototypes = compress(WORDS, vectors)
    hub = vectors.sum(axis=0)
    images = np.stack([hub / np.linalg.norm(hub), vectors[0]])
    hubness = prototypes.hubs(images)
    assert hubness[0] > hubness[1]


def test_there_may_be_no_prototypes() -> None:
    prototypes = no_prototypes(16)
    assert prototypes.of("violin").shape == (16,)
    assert "violin" not in prototypes


def test_hubness_is_zero_without_prototypes() -> None:
    assert no_prototypes(4).hubs(np.ones((3, 4), np.float32)) == pytest.approx(np.zeros(3))


def test_the_hubness_of_a_large_gallery_is_computed_in_parts() -> None:
    generator = np.random.default_rng(1)
    codes = generator.integers(-STEPS, STEPS, (HUB_WORDS, 16)).astype(np.int8)
    prototypes = WordPrototypes([f"w{number}" for number in range(HUB_WORDS)], codes, np.eye(16))
    images = generator.normal(size=(10_000, 16)).astype(np.float32)
    tracemalloc.start()
    hubness = prototypes.hubs(images)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 2**20  # bytes; all cosines at once take 80 MB, and 80 MB sorted
    words = codes / np.linalg.norm(codes.astype(np.float32), axis=1, keepdims=True)
    some = [0, 1_999, 2_000, 9_999]
    nearest = np.sort(images[some] @ words.T, axis=1)[:, -NEAREST:]
    np.testing.assert_allclose(hubness[some], HUB_WEIGHT * nearest.mean(axis=1), rtol=1e-4)
