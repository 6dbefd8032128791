"""The likeliest classes of a gallery's images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.gallery.embeddings import GrowingEmbeddings, ImageEmbeddings, load, save
from engine.gallery.image_classes import TOP, are_unknown, likeliest, probabilities_of, unknown
from engine.gallery.near_duplicates import unknown_signatures
from engine.runtime.network import ImageFeatures

KNOWN = ImageEmbeddings(("a.jpg", "b.jpg"), np.eye(2, dtype=np.float32), {"a.jpg": "1", "b.jpg": "2"})


def seen(*probabilities: float) -> ImageFeatures:
    joint, patches = np.array([[0.6, 0.8]], np.float32), np.zeros((1, 1, 2), np.float32)
    return ImageFeatures(patches, joint, np.array([probabilities], np.float32), patches)


def test_an_image_keeps_its_likeliest() -> None:
    probabilities = (np.exp(np.arange(20.0)) / np.exp(np.arange(20.0)).sum()).tolist()
    classes = likeliest(seen(*probabilities))
    assert classes[:, 0].tolist() == list(range(19, 19 - TOP, -1))
    assert probabilities_of(classes[None], [19, 17]) == pytest.approx(
        [probabilities[19] + probabilities[17]], abs=1e-4
    )


def test_what_no_recognizer_saw_are_unknown() -> None:
    unseen = likeliest(seen())
    both = np.stack([unseen, likeliest(seen(0.25, 0.75))])
    assert are_unknown(both).tolist() == [True, False]
    assert probabilities_of(unknown(1), [0]) == 0


def test_an_image_that_lacked_its_classes_stays_where_it_is() -> None:
    growing = GrowingEmbeddings(KNOWN)
    growing.classify("a.jpg", seen(0.25, 0.75))
    grown = growing.freeze()
    assert grown.images == KNOWN.images
    assert grown.unclassified == ("b.jpg",)
    assert grown.classes[0, :2].tolist() == [[1, 49151], [0, 16384]]


def test_classes_are_stored_and_older_files_have_none(tmp_path: Path) -> None:
    growing = GrowingEmbeddings(KNOWN)
    growing.add("b.jpg", "2", seen(0.25, 0.75), unknown_signatures(1)[0])
    save(growing.freeze(), tmp_path / "x.safetensors", "network")
    stored = load(tmp_path / "x.safetensors", "network")
    assert stored is not None
    assert probabilities_of(stored.classes, [1]) == pytest.approx([0, 0.75], abs=1e-4)
    assert KNOWN.take([1], {}).unclassified == ("b.jpg",)
