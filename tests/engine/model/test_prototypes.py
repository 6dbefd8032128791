"""Joint vectors of words that no caption contains."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from engine.model.prototypes import load, no_prototypes
from engine.training.predict_prototypes import compress

WORDS = ("violin", "cello", "zebra")
COVARIANCE = np.diag([1.0] + [0.01] * 15)  # photos differ by their first number, whatever they show


@pytest.fixture
def vectors() -> np.ndarray:
    vectors = np.random.default_rng(1).normal(size=(len(WORDS), 16)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def test_compression_keeps_the_directions(vectors: np.ndarray) -> None:
    prototypes = compress(WORDS, vectors, COVARIANCE)
    for word, vector in zip(WORDS, vectors, strict=True):
        assert prototypes.of(word) @ vector > 0.999


def test_vectors_of_a_texts_words_are_summed_and_unknown_words_skipped(vectors: np.ndarray) -> None:
    prototypes = compress(WORDS, vectors, COVARIANCE)
    assert prototypes.of("A Violin, a cello!") == pytest.approx(
        prototypes.of("violin") + prototypes.of("cello"), abs=1e-5
    )
    assert not prototypes.of("a dog").any()
    assert "zebra" in prototypes
    assert "dog" not in prototypes


def test_prototypes_are_loaded_as_they_were_saved(vectors: np.ndarray, tmp_path: Path) -> None:
    files = tmp_path / "prototypes.safetensors", tmp_path / "prototypes.txt"
    (saved := compress(WORDS, vectors, COVARIANCE)).save(*files)
    loaded = load(*files)
    assert loaded.words == saved.words
    assert loaded.of("zebra") == pytest.approx(saved.of("zebra"), abs=1e-3)
    assert loaded.detector("zebra") == pytest.approx(saved.detector("zebra"), abs=1e-3)


def test_a_word_list_that_is_too_short_is_refused(vectors: np.ndarray, tmp_path: Path) -> None:
    files = tmp_path / "prototypes.safetensors", tmp_path / "prototypes.txt"
    compress(WORDS, vectors, COVARIANCE).save(*files)
    files[1].write_text("violin\n", encoding="utf-8")
    with pytest.raises(ValueError, match="1 words"):
        load(*files)


def test_a_detector_leaves_out_what_photos_differ_in_anyhow(vectors: np.ndarray) -> None:
    prototypes = compress(WORDS, vectors, COVARIANCE)
    word, detector = prototypes.of("violin"), prototypes.detector("violin")
    assert detector @ detector == pytest.approx(1, abs=1e-5)
    assert abs(detector[0]) < 0.2 * abs(word[0])
    assert detector[1:] @ word[1:] > 0.9 * np.linalg.norm(word[1:])


def test_photos_of_a_word_are_told_from_others_by_its_detector() -> None:
    generator = np.random.default_rng(1)
    word = np.full(16, 0.25)
    photos = generator.normal(size=(1_000, 16)) * np.sqrt(np.diag(COVARIANCE))
    shown = photos[:100] + 0.3 * word
    prototypes = compress(WORDS[:1], word[None], COVARIANCE)

    def share_of_pairs_in_order(direction: np.ndarray) -> float:
        return float((shown @ direction > (photos[100:] @ direction)[:, None]).mean())

    assert share_of_pairs_in_order(prototypes.detector("violin")) > 0.95
    assert share_of_pairs_in_order(prototypes.of("violin")) < 0.85


def test_prototypes_of_an_older_version_are_their_own_detectors(vectors: np.ndarray, tmp_path: Path) -> None:
    files = tmp_path / "prototypes.safetensors", tmp_path / "prototypes.txt"
    compress(WORDS, vectors, COVARIANCE).save(*files)
    arrays = load_file(files[0])
    save_file({name: arrays[name] for name in ("codes", "basis")}, files[0])
    assert (loaded := load(*files)).detector("zebra") == pytest.approx(loaded.of("zebra"))


def test_there_may_be_no_prototypes() -> None:
    prototypes = no_prototypes(16)
    assert prototypes.of("violin").shape == prototypes.detector("violin").shape == (16,)
    assert "violin" not in prototypes
