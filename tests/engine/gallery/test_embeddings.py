"""Image embeddings: what they are, how they grow, and their file."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import FrozenInstanceError
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from safetensors.numpy import save_file

from data.disk_folder import DiskFolder
from data.gallery import Gallery
from engine.gallery import embeddings, image_classes
from engine.gallery.embeddings import GrowingEmbeddings, ImageEmbeddings
from engine.gallery.near_duplicates import SIGNATURE_SIZE
from engine.runtime.network import ImageFeatures
from engine.settings import EngineSettings


def test_embeddings_are_loaded_with_their_images(tmp_path: Path) -> None:
    matrix, signatures = np.eye(3, 5, dtype=np.float32), np.stack([signature(level) for level in (1, 2, 3)])
    stored = embeddings.ImageEmbeddings(("a.jpg", "b.jpg", "c.jpg"), matrix, signatures=signatures)
    embeddings.save(stored, tmp_path / "v.safetensors", "f")
    loaded = embeddings.load(tmp_path / "v.safetensors", "f")
    assert loaded is not None
    assert loaded.images == ("a.jpg", "b.jpg", "c.jpg")
    np.testing.assert_allclose(loaded.matrix, matrix)
    np.testing.assert_array_equal(loaded.signatures, signatures)


def test_embeddings_of_an_older_version_have_no_signatures(tmp_path: Path) -> None:
    file = tmp_path / "v.safetensors"
    metadata = {"network": "f", "images": '["a.jpg", "b.jpg"]', "seen": "{}"}
    save_file({"vectors": np.eye(2, dtype=np.float16)}, file, metadata)
    loaded = embeddings.load(file, "f")
    assert loaded is not None
    assert loaded.incomplete(with_classes=False) == ("a.jpg", "b.jpg")


def test_embeddings_of_another_network_are_not_used(tmp_path: Path) -> None:
    file = tmp_path / "v.safetensors"
    embeddings.save(embeddings.ImageEmbeddings(("a.jpg",), np.ones((1, 4), dtype=np.float32)), file, "this")
    assert embeddings.load(file, "that") is None


def test_damaged_embeddings_are_not_used(tmp_path: Path) -> None:
    (tmp_path / "v.safetensors").write_bytes(b"half a file")
    assert embeddings.load(tmp_path / "v.safetensors", "f") is None


def test_vectors_have_the_length_of_one_whatever_their_file_made_of_them(tmp_path: Path) -> None:
    matrix, file = np.array([[0.6, 0.8], [0.0, 0.9]], dtype=np.float32), tmp_path / "v.safetensors"
    embeddings.save(ImageEmbeddings(("a.jpg", "b.jpg"), matrix), file, "f")
    loaded = embeddings.load(file, "f")
    assert loaded is not None
    np.testing.assert_allclose(loaded.matrix, [[0.6, 0.8], [0, 1]], atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(loaded.matrix, axis=1), [1, 1], rtol=1e-6)


@pytest.mark.parametrize("damage", [0.0, np.nan, np.inf, 0.01, embeddings.MIN_LENGTH])
def test_images_with_a_damaged_vector_are_indexed_again_and_the_others_stay(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: float
) -> None:
    matrix, file = np.eye(3, 5, dtype=np.float32), tmp_path / "v.safetensors"
    matrix[1] *= 0
    matrix[1, 1] = damage
    states = {"a.jpg": "1", "b.jpg": "1", "c.jpg": "1"}
    embeddings.save(ImageEmbeddings(("a.jpg", "b.jpg", "c.jpg"), matrix, states), file, "f")
    loaded = embeddings.load(file, "f")
    assert loaded is not None
    assert loaded.images == ("a.jpg", "c.jpg")
    assert np.isfinite(loaded.matrix).all()
    assert loaded.current(states).missing(states) == ("b.jpg",)
    assert str(file) in caplog.text


def test_vectors_are_on_the_disk_before_they_replace_the_former_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, flush, flushed = tmp_path / "v.safetensors", os.fsync, list[tuple[bool, bool]]()
    embeddings.save(ImageEmbeddings(("a.jpg",), np.ones((1, 4), np.float32)), file, "former")

    def record(descriptor: int) -> None:
        flushed.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), embeddings.load(file, "new") is not None))
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    embeddings.save(ImageEmbeddings(("a.jpg",), np.ones((1, 4), np.float32)), file, "new")
    is_folder, is_replaced = True, True
    assert flushed == [(not is_folder, not is_replaced), (is_folder, is_replaced)]


def test_a_file_that_grows_is_saved_the_less_often_the_larger_it_is(tmp_path: Path) -> None:
    file = tmp_path / "v.safetensors"
    assert embeddings.save_pause(file, 10) == 10
    file.touch()
    for size, pause in ((999_999, 1), (1_000_000, 2)):
        os.truncate(file, size)
        assert embeddings.save_pause(file, 1) == pause
    os.truncate(file, 200_000_000)
    assert embeddings.save_pause(file, 10) == 400


def features(*vector: float, classes: tuple[float, ...] = ()) -> ImageFeatures:
    joint, probabilities = np.array([vector], np.float32), np.array([classes], np.float32)
    return cast(ImageFeatures, SimpleNamespace(joint=joint, classes=probabilities))


def signature(level: int) -> np.ndarray:
    return np.full(SIGNATURE_SIZE, level, np.uint8)


def test_an_image_that_is_added_again_takes_its_new_place() -> None:
    first = ImageEmbeddings(("a.jpg", "b.jpg"), np.eye(2, dtype=np.float32), {"a.jpg": "1", "b.jpg": "1"})
    growing = GrowingEmbeddings(first)
    growing.add("c.jpg", "1", features(0.6, 0.8), signature(3))
    growing.add("a.jpg", "2", features(0.0, -1.0), signature(4))
    growing.sign("b.jpg", signature(5))
    growing.leave_out("bad.jpg", "1")
    assert growing.added == 2
    found = growing.freeze()
    assert found.images == ("b.jpg", "c.jpg", "a.jpg")
    np.testing.assert_allclose(found.matrix, [[0, 1], [0.6, 0.8], [0, -1]])
    assert found.file_states == {"a.jpg": "2", "b.jpg": "1", "c.jpg": "1", "bad.jpg": "1"}
    assert found.signatures[:, 0].tolist() == [5, 3, 4]
    assert found.incomplete(with_classes=False) == ()
    assert found.unreadable == 1
    assert first.images == ("a.jpg", "b.jpg")
    assert growing.added == 0


def test_of_an_image_that_is_added_twice_the_later_counts() -> None:
    growing = GrowingEmbeddings(ImageEmbeddings((), np.empty((0, 2), np.float32)))
    growing.add("a.jpg", "1", features(1.0, 0.0), signature(1))
    growing.add("b.jpg", "1", features(0.6, 0.8), signature(2))
    growing.add("a.jpg", "2", features(0.0, 1.0), signature(3))
    assert growing.freeze().images == ("b.jpg", "a.jpg")


def test_what_an_older_version_left_out_is_incomplete_until_it_is_added() -> None:
    growing = GrowingEmbeddings(ImageEmbeddings(("a.jpg", "b.jpg"), np.eye(2, dtype=np.float32)))
    growing.sign("b.jpg", signature(5))
    growing.classify("a.jpg", features(1.0, 0.0, classes=(0.0, 1.0)))
    found = growing.freeze()
    assert found.incomplete(with_classes=False) == ("a.jpg",)
    assert found.incomplete(with_classes=True) == ("a.jpg", "b.jpg")
    assert found.classes[0, 0].tolist() == [1, image_classes.STEPS]
    np.testing.assert_array_equal(found.signatures[1], signature(5))
    growing.sign("a.jpg", signature(6))
    growing.classify("b.jpg", features(0.0, 1.0, classes=(1.0, 0.0)))
    assert growing.freeze().incomplete(with_classes=True) == ()


def test_a_file_keeps_its_name_over_versions(tmp_path: Path) -> None:
    gallery, settings = Gallery("mine", DiskFolder(Path("/photos")), ()), EngineSettings(home=tmp_path)
    checkpoint = cast(Any, SimpleNamespace(fingerprint="0123456789ab"))
    file = embeddings.embeddings_file(gallery, checkpoint, settings)
    folder = hashlib.sha256(b"/photos").hexdigest()[:8]
    assert file == tmp_path / "vectors" / f"mine-{folder}-0123456789ab.safetensors"


def test_embeddings_that_threads_share_cannot_be_exchanged() -> None:
    shared = ImageEmbeddings(("a.jpg",), np.ones((1, 4), np.float32))
    with pytest.raises(FrozenInstanceError):
        shared.images = ()  # type: ignore[misc]


def test_of_two_galleries_that_are_joined_the_second_comes_last() -> None:
    first = ImageEmbeddings(("a.jpg", "b.jpg"), np.eye(2, dtype=np.float32), {"a.jpg": "1", "bad.jpg": "1"})
    second = ImageEmbeddings(("c.jpg",), np.array([[0.6, 0.8]], np.float32), {"c.jpg": "2"})
    joined = first.joined(second)
    assert joined.images == ("a.jpg", "b.jpg", "c.jpg")
    assert joined.rows == {"a.jpg": 0, "b.jpg": 1, "c.jpg": 2}
    assert joined.file_states == {"a.jpg": "1", "bad.jpg": "1", "c.jpg": "2"}
    np.testing.assert_allclose(joined.matrix, [[1, 0], [0, 1], [0.6, 0.8]])


def test_no_embeddings_are_as_wide_as_those_to_come() -> None:
    checkpoint = SimpleNamespace(network=SimpleNamespace(config=SimpleNamespace(joint_width=7)))
    nothing = embeddings.no_embeddings(cast(Any, checkpoint))
    assert (nothing.images, nothing.matrix.shape, nothing.matrix.dtype) == ((), (0, 7), np.float32)


def test_what_has_changed_or_is_gone_is_not_current_and_comes_back_with_its_file() -> None:
    states = {"a.jpg": "1", "b.jpg": "1", "bad.jpg": "1"}
    known = ImageEmbeddings(("a.jpg", "b.jpg"), np.eye(2, dtype=np.float32), states)
    assert known.current({"a.jpg": "1", "b.jpg": "2"}).images == ("a.jpg",)
    assert known.current({"a.jpg": "1"}).missing({"a.jpg": "1", "b.jpg": "2", "bad.jpg": "2"}) == (
        "b.jpg",
        "bad.jpg",
    )
    assert known.current(states).images == known.images
    assert known.current(states).missing(states) == ()
