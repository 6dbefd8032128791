"""Joint vectors of words are kept for the next start."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from engine.model.checkpoint import Checkpoint
from engine.words.joint_words import JointWordVectors


def embeddings_of(words: JointWordVectors, monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """Return a list that grows by the token ids that are embedded from now on."""
    embedded: list[list[int]] = []
    embed = words._embed

    def recording(token_ids: np.ndarray) -> np.ndarray:
        embedded.append(token_ids.tolist())
        return embed(token_ids)

    monkeypatch.setattr(words, "_embed", recording)
    return embedded


def test_words_that_are_remembered_are_not_embedded_again(
    loaded: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(loaded.vocabulary)
    first = JointWordVectors(loaded, tmp_path)
    first.remember(range(size))
    second = JointWordVectors(loaded, tmp_path)
    embedded = embeddings_of(second, monkeypatch)
    np.testing.assert_array_equal(second.of(range(size)), first.of(range(size)))
    np.testing.assert_array_equal(second.mean, first.mean)
    assert embedded == []


def test_other_words_are_embedded_when_they_are_asked_for(
    loaded: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, unseen = JointWordVectors(loaded), len(loaded.vocabulary) - 1
    embedded = embeddings_of(words, monkeypatch)
    vectors = words.of([4, unseen])
    assert embedded == [[unseen]]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("content", [b"", b"no vectors at all"])
def test_a_damaged_file_is_made_anew(loaded: Checkpoint, tmp_path: Path, content: bytes) -> None:
    expected = JointWordVectors(loaded, tmp_path).mean
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(content)
    np.testing.assert_array_equal(JointWordVectors(loaded, tmp_path).mean, expected)
    assert file.read_bytes() == whole


def test_vectors_that_are_not_of_length_1_are_made_anew(loaded: Checkpoint, tmp_path: Path) -> None:
    expected = JointWordVectors(loaded, tmp_path).mean
    (file,) = tmp_path.iterdir()
    arrays = load_file(file)
    save_file(arrays | {"vectors": np.zeros_like(arrays["vectors"])}, file)
    np.testing.assert_array_equal(JointWordVectors(loaded, tmp_path).mean, expected)


def test_a_folder_that_cannot_be_written_costs_only_time(loaded: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = JointWordVectors(loaded, tmp_path / "file" / "words")
    np.testing.assert_array_equal(words.mean, JointWordVectors(loaded).mean)
