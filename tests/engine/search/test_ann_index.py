"""Nearest neighbours: the exact scan and the Annoy index."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from annoy import AnnoyIndex as Annoy

from engine.search.ann_index import AnnoyIndex, ExactIndex, recall_at, search_k


def unit_vectors(count: int, width: int = 32) -> np.ndarray:
    # Embeddings of photos form clusters; uniform noise would be a harder, different problem.
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(40, width))
    vectors = centres[rng.integers(40, size=count)] + 0.6 * rng.normal(size=(count, width))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_scores_are_cosines_best_first(tmp_path: Path) -> None:
    vectors = unit_vectors(300)
    hits = AnnoyIndex(vectors, tmp_path).nearest(vectors[5], 10)
    assert hits[0] == (5, pytest.approx(1.0, abs=1e-5))
    for row, cosine in hits:
        assert cosine == pytest.approx(float(vectors[row] @ vectors[5]), abs=1e-5)
    assert [cosine for _, cosine in hits] == sorted((cosine for _, cosine in hits), reverse=True)


def test_nearly_all_true_neighbours_are_found(tmp_path: Path) -> None:
    vectors = unit_vectors(5_000)
    assert recall_at(AnnoyIndex(vectors, tmp_path), ExactIndex(vectors), vectors[:100]) >= 0.98


@pytest.mark.parametrize(
    ("size", "inspected"), [(12, 5_000), (8_000, 5_000), (100_000, 9_487), (10**6, 30_000)]
)
def test_more_vectors_of_a_larger_gallery_are_inspected(size: int, inspected: int) -> None:
    assert search_k(size) == inspected


def test_recall_of_a_bad_index_is_low() -> None:
    vectors = unit_vectors(500)
    assert recall_at(ExactIndex(vectors[::-1]), ExactIndex(vectors), vectors[:50]) < 0.5


def test_a_vector_of_the_wrong_width_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        AnnoyIndex(unit_vectors(20), tmp_path).nearest(np.ones(31, dtype=np.float32), 3)


def test_an_index_on_disk_is_reused_and_never_overwritten(tmp_path: Path) -> None:
    vectors = unit_vectors(50)
    first = AnnoyIndex(vectors, tmp_path)
    written = first.file.stat().st_ino
    assert AnnoyIndex(vectors, tmp_path).file.stat().st_ino == written
    assert AnnoyIndex(vectors[:-1], tmp_path).file != first.file
    assert len(list(tmp_path.glob("*.annoy"))) == 2


def test_an_index_in_use_is_not_the_oldest_of_the_cache(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "cache"
    file = AnnoyIndex(unit_vectors(20), folder).file
    os.utime(file, (1, 1))
    AnnoyIndex(unit_vectors(20), folder)
    assert file.stat().st_mtime > 1


def test_an_index_keeps_its_name_over_versions(tmp_path: Path) -> None:
    """Else each upgrade would build all indexes again, and leave the former ones on the disk."""
    vectors = unit_vectors(20)
    digest = hashlib.sha256(vectors.tobytes() + b"(20, 32) 60 1").hexdigest()
    assert AnnoyIndex(vectors, tmp_path, "mine-").file.name == f"mine-{digest[:16]}.annoy"


def test_an_index_is_the_same_on_any_number_of_cores(tmp_path: Path) -> None:
    vectors, expected = unit_vectors(300), Annoy(32, "angular")
    expected.set_seed(1)
    for row, vector in enumerate(vectors):
        expected.add_item(row, vector.tolist())
    expected.build(60, n_jobs=1)
    expected.save(str(tmp_path / "expected"))
    assert AnnoyIndex(vectors, tmp_path).file.read_bytes() == (tmp_path / "expected").read_bytes()


def test_vectors_of_another_width_have_another_file(tmp_path: Path) -> None:
    vectors = unit_vectors(20)
    assert AnnoyIndex(vectors, tmp_path).file != AnnoyIndex(vectors.reshape(40, -1), tmp_path).file


def test_recall_is_of_the_ten_nearest_by_default() -> None:
    vectors = unit_vectors(30)
    exact, counts = ExactIndex(vectors), list[int]()

    class Recording(ExactIndex):
        def nearest(self, vector: np.ndarray, count: int) -> list[tuple[int, float]]:
            counts.append(count)
            return super().nearest(vector, 5)

    assert recall_at(Recording(vectors), exact, vectors[:3]) == 0.5
    assert counts == [10] * 3


def test_fewer_images_than_requested_are_all_found(tmp_path: Path) -> None:
    assert len(AnnoyIndex(unit_vectors(3), tmp_path).nearest(unit_vectors(3)[0], 10)) == 3


def test_a_single_image_counts_as_all_of_ten(tmp_path: Path) -> None:
    vectors = unit_vectors(1)
    assert recall_at(AnnoyIndex(vectors, tmp_path), ExactIndex(vectors), vectors) == 1


@pytest.mark.parametrize("damage", ["cut", "empty", "overwritten", "no sum"])
def test_a_damaged_index_is_rebuilt_and_a_mapped_one_stays_usable(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    vectors = unit_vectors(300)
    before = AnnoyIndex(vectors, tmp_path)
    expected, content = before.nearest(vectors[5], 10), before.file.read_bytes()
    other = before.file.with_suffix(".other")
    before.file.rename(other)  # mapped as it is
    half = len(content) // 2
    torn = {"cut": content[:half], "empty": b"", "overwritten": content[:half] + bytes(half)}
    before.file.write_bytes(torn.get(damage, content))
    if damage == "no sum":
        before.file.with_suffix(".sum").unlink()
    written = before.file.stat().st_ino
    after = AnnoyIndex(vectors, tmp_path)
    assert after.nearest(vectors[5], 10) == before.nearest(vectors[5], 10) == expected
    assert after.file.stat().st_ino != written
    (line,) = caplog.messages
    assert str(after.file) in line
    caplog.clear()
    AnnoyIndex(vectors, tmp_path)
    assert not caplog.messages
