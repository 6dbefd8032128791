"""Maps: layout, placement of labels, drawing, and the cache."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from threadpoolctl import threadpool_info, threadpool_limits

from engine.explain import tsne_map
from engine.explain.tsne_map import (
    BACKGROUND,
    MARGIN,
    SIDE,
    MapLayout,
    assign_to_grid,
    cached_layout,
    compute_layout,
    draw_photos,
    draw_words,
    place_labels,
)
from engine.results import Point

CLUSTER_COUNT, CLUSTER_SIZE = 3, 8
NAMES = [f"word{i}" for i in range(CLUSTER_COUNT * CLUSTER_SIZE)]


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    """Three tight clusters of eight vectors, (24, 10)."""
    random = np.random.default_rng(0)
    centres = np.repeat(random.normal(size=(CLUSTER_COUNT, 10)), CLUSTER_SIZE, axis=0)
    return centres + 0.1 * random.normal(size=centres.shape)


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG"
    return image.convert("RGB")


def test_similar_vectors_are_near_each_other(vectors: np.ndarray) -> None:
    positions = compute_layout(NAMES, vectors).positions
    distances = np.linalg.norm(positions[:, None] - positions[None], axis=-1)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) // CLUSTER_SIZE == np.arange(len(NAMES)) // CLUSTER_SIZE).all()


def test_positions_fill_the_unit_square(vectors: np.ndarray) -> None:
    layout = compute_layout(NAMES, vectors)
    assert layout.names == tuple(NAMES)
    assert layout.positions.min(axis=0) == pytest.approx([0, 0])
    assert layout.positions.max(axis=0) == pytest.approx([1, 1])


def test_the_same_seed_gives_the_same_map(vectors: np.ndarray) -> None:
    one, two = compute_layout(NAMES, vectors, seed=3), compute_layout(NAMES, vectors, seed=3)
    assert (one.positions == two.positions).all()
    assert (one.clusters == two.clusters).all()


def test_a_layout_is_computed_in_one_thread(vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.manifold import TSNE

    fit, threads = TSNE.fit_transform, set[int]()

    def counted(*arguments: Any) -> np.ndarray:
        threads.update(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp")
        return fit(*arguments)

    monkeypatch.setattr(TSNE, "fit_transform", counted)
    with threadpool_limits(limits=2, user_api="openmp"):
        compute_layout(NAMES, vectors)
    assert threads == {1}


def test_the_length_of_a_vector_does_not_matter(vectors: np.ndarray) -> None:
    lengths = np.linspace(1, 9, len(vectors))[:, None]
    assert compute_layout(NAMES, vectors).positions == pytest.approx(
        compute_layout(NAMES, vectors * lengths).positions, abs=0.05
    )


def test_clusters_are_counted_from_the_left(vectors: np.ndarray) -> None:
    layout = compute_layout(NAMES, vectors)
    numbers = sorted(set(layout.clusters))
    middles = [layout.positions[layout.clusters == number, 0].mean() for number in numbers]
    assert middles == sorted(middles)


@pytest.mark.parametrize("count", [3, 5])
def test_a_map_needs_four_things_and_a_vector_for_each(count: int) -> None:
    with pytest.raises(ValueError, match="four things"):
        compute_layout(NAMES[:count], np.eye(count + (count == 5), 6))


def test_boxes_never_overlap_and_stay_inside() -> None:
    random = np.random.default_rng(0)
    positions, sizes = random.random((60, 2)) ** 2, random.uniform((30, 10), (90, 20), (60, 2))
    centres = place_labels(positions, sizes, 700)
    assert np.isfinite(centres).all()
    assert (centres >= sizes / 2).all()
    assert (centres <= 700 - sizes / 2).all()
    apart = np.abs(centres[:, None] - centres[None]) >= (sizes[:, None] + sizes[None]) / 2
    assert (apart.any(axis=-1) | np.eye(60, dtype=bool)).all()


def test_the_first_box_keeps_its_place_and_the_next_moves_as_little_as_can_be() -> None:
    first, second = place_labels(np.full((2, 2), 0.5), np.full((2, 2), 20.0), 400)
    assert first == pytest.approx([200, 200])
    assert 20 < np.linalg.norm(second - first) < 50


def test_a_box_without_room_is_left_out() -> None:
    centres = place_labels(np.full((2, 2), 0.5), np.array([[90.0, 90.0], [50.0, 50.0]]), 100)
    assert np.isfinite(centres).all(axis=1).tolist() == [True, False]


def test_points_get_cells_of_their_own_near_them() -> None:
    grid = np.stack(np.meshgrid(range(3), range(3)), axis=-1).reshape(-1, 2)
    order = np.random.default_rng(0).permutation(9)
    assert (assign_to_grid((grid[order] + 0.4) / 3) == grid[order]).all()
    crowded = assign_to_grid(np.full((7, 2), 0.5))
    assert len(set(map(tuple, crowded))) == 7
    assert crowded.max() == 2


def test_words_are_drawn_where_they_lie(vectors: np.ndarray) -> None:
    positions = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=np.float32)
    words = ("skateboarding", "dog", "beach", "$x$")
    image = np.array(opened(draw_words(MapLayout(words, positions, np.arange(4)))))
    assert image.shape == (SIDE, SIDE, 3)
    paper = np.array([int(BACKGROUND[i : i + 2], 16) for i in (1, 3, 5)])
    inked = (np.abs(image.astype(int) - paper) > 120).any(axis=-1)  # letters, not the pale discs
    corner = SIDE // 4
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        part = inked[
            row * 3 * corner : (row * 3 + 1) * corner, column * 3 * corner : (column * 3 + 1) * corner
        ]
        assert part.any()
    edge = MARGIN // 2
    assert not inked[:edge].any() and not inked[-edge:].any()
    assert not inked[:, :edge].any() and not inked[:, -edge:].any()


def test_each_photo_is_shown_in_a_cell_of_its_own() -> None:
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    positions = np.array([[0, 0], [1, 0], [0, 1]], dtype=np.float32)
    layout = MapLayout(("red", "green", "blue"), positions, np.zeros(3, dtype=int))
    sheet = opened(draw_photos(layout, (Image.new("RGB", (30, 20), colour) for colour in colours)))
    assert sheet.size == (SIDE, SIDE)
    quarter = SIDE // 4
    seen = [
        sheet.getpixel((x, y))
        for x, y in ((quarter, quarter), (3 * quarter, quarter), (quarter, 3 * quarter))
    ]
    assert seen == colours


def test_each_name_needs_a_photo() -> None:
    layout = MapLayout(("a", "b"), np.zeros((2, 2)), np.zeros(2, dtype=int))
    with pytest.raises(ValueError, match="shorter"):
        draw_photos(layout, [Image.new("RGB", (4, 4))])


def test_points_have_names_positions_and_clusters() -> None:
    positions = np.array([[0, 0.25], [1, 0.5]], dtype=np.float32)
    assert MapLayout(("cat", "dog"), positions, np.array([1, 0])).points == (
        Point("cat", 0.0, 0.25, 1),
        Point("dog", 1.0, 0.5, 0),
    )


def test_a_layout_is_computed_once_and_cached(
    tmp_path: Path, vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cached_layout(tmp_path / "maps", NAMES, vectors)
    with monkeypatch.context() as patch:
        patch.setattr(tsne_map, "compute_layout", None)  # a call would fail
        assert cached_layout(tmp_path / "maps", NAMES, vectors).points == made.points
    others = vectors[::-1].copy()
    assert cached_layout(tmp_path / "maps", NAMES, others).points != made.points


def test_a_damaged_layout_is_computed_again(tmp_path: Path, vectors: np.ndarray) -> None:
    made = cached_layout(tmp_path, NAMES, vectors)
    (file,) = tmp_path.iterdir()
    for damage in (b"", b"PK", file.read_bytes()[:300]):
        file.write_bytes(damage)
        assert cached_layout(tmp_path, NAMES, vectors).points == made.points


def test_a_layout_that_cannot_be_cached_is_returned(tmp_path: Path, vectors: np.ndarray) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert len(cached_layout(tmp_path / "file", NAMES, vectors).points) == len(NAMES)
