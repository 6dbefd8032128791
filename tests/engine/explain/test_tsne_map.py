from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.explain import tsne_map
from engine.explain.tsne_map import (
    MARGIN,
    PAPER,
    SIDE,
    Map,
    assign_to_grid,
    cached_layout,
    draw_photos,
    draw_words,
    make_map,
    place_labels,
)
from engine.results import Point

KINDS, EACH = 3, 8
NAMES = [f"word{i}" for i in range(KINDS * EACH)]


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    """Three tight bundles of eight vectors, (24, 10)."""
    random = np.random.default_rng(0)
    bundles = np.repeat(random.normal(size=(KINDS, 10)), EACH, axis=0)
    return bundles + 0.1 * random.normal(size=bundles.shape)


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG"
    return image.convert("RGB")


def test_what_is_alike_lies_together(vectors: np.ndarray) -> None:
    places = make_map(NAMES, vectors).places
    distances = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) // EACH == np.arange(len(NAMES)) // EACH).all()


def test_places_fill_the_unit_square(vectors: np.ndarray) -> None:
    found = make_map(NAMES, vectors)
    assert found.names == tuple(NAMES)
    assert found.places.min(axis=0) == pytest.approx([0, 0])
    assert found.places.max(axis=0) == pytest.approx([1, 1])


def test_the_same_seed_gives_the_same_map(vectors: np.ndarray) -> None:
    one, two = make_map(NAMES, vectors, seed=3), make_map(NAMES, vectors, seed=3)
    assert (one.places == two.places).all()
    assert (one.neighbourhoods == two.neighbourhoods).all()


def test_the_length_of_a_vector_does_not_matter(vectors: np.ndarray) -> None:
    lengths = np.linspace(1, 9, len(vectors))[:, None]
    assert make_map(NAMES, vectors).places == pytest.approx(
        make_map(NAMES, vectors * lengths).places, abs=0.05
    )


def test_neighbourhoods_are_counted_from_the_left(vectors: np.ndarray) -> None:
    found = make_map(NAMES, vectors)
    numbers = sorted(set(found.neighbourhoods))
    middles = [found.places[found.neighbourhoods == number, 0].mean() for number in numbers]
    assert middles == sorted(middles)


@pytest.mark.parametrize("count", [3, 5])
def test_a_map_needs_four_things_and_a_vector_for_each(count: int) -> None:
    with pytest.raises(ValueError, match="four things"):
        make_map(NAMES[:count], np.eye(count + (count == 5), 6))


def test_boxes_never_overlap_and_stay_inside() -> None:
    random = np.random.default_rng(0)
    places, sizes = random.random((60, 2)) ** 2, random.uniform((30, 10), (90, 20), (60, 2))
    centres = place_labels(places, sizes, 700)
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


def test_points_snap_to_cells_of_their_own_near_them() -> None:
    grid = np.stack(np.meshgrid(range(3), range(3)), axis=-1).reshape(-1, 2)
    order = np.random.default_rng(0).permutation(9)
    assert (assign_to_grid((grid[order] + 0.4) / 3) == grid[order]).all()
    crowded = assign_to_grid(np.full((7, 2), 0.5))
    assert len(set(map(tuple, crowded))) == 7
    assert crowded.max() == 2


def test_words_are_drawn_where_they_lie(vectors: np.ndarray) -> None:
    places = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=np.float32)
    words = ("skateboarding", "dog", "beach", "$x$")
    image = np.array(opened(draw_words(Map(words, places, np.arange(4)))))
    assert image.shape == (SIDE, SIDE, 3)
    paper = np.array([int(PAPER[i : i + 2], 16) for i in (1, 3, 5)])
    inked = (np.abs(image.astype(int) - paper) > 120).any(axis=-1)  # letters, not the pale land
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
    places = np.array([[0, 0], [1, 0], [0, 1]], dtype=np.float32)
    found = Map(("red", "green", "blue"), places, np.zeros(3, dtype=int))
    sheet = opened(draw_photos(found, (Image.new("RGB", (30, 20), colour) for colour in colours)))
    assert sheet.size == (SIDE, SIDE)
    quarter = SIDE // 4
    seen = [
        sheet.getpixel((x, y))
        for x, y in ((quarter, quarter), (3 * quarter, quarter), (quarter, 3 * quarter))
    ]
    assert seen == colours


def test_a_photo_is_wanted_for_each_name() -> None:
    found = Map(("a", "b"), np.zeros((2, 2)), np.zeros(2, dtype=int))
    with pytest.raises(ValueError, match="shorter"):
        draw_photos(found, [Image.new("RGB", (4, 4))])


def test_points_say_what_lies_where() -> None:
    places = np.array([[0, 0.25], [1, 0.5]], dtype=np.float32)
    assert Map(("cat", "dog"), places, np.array([1, 0])).points == (
        Point("cat", 0.0, 0.25, 1),
        Point("dog", 1.0, 0.5, 0),
    )


def test_a_map_is_made_once_and_kept(
    tmp_path: Path, vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cached_layout(tmp_path / "maps", NAMES, vectors)
    with monkeypatch.context() as patch:
        patch.setattr(tsne_map, "make_map", None)  # whoever calls it now fails
        assert cached_layout(tmp_path / "maps", NAMES, vectors).points == made.points
    others = vectors[::-1].copy()
    assert cached_layout(tmp_path / "maps", NAMES, others).points != made.points


def test_a_damaged_map_is_made_anew(tmp_path: Path, vectors: np.ndarray) -> None:
    made = cached_layout(tmp_path, NAMES, vectors)
    (file,) = tmp_path.iterdir()
    for damage in (b"", b"PK", file.read_bytes()[:300]):
        file.write_bytes(damage)
        assert cached_layout(tmp_path, NAMES, vectors).points == made.points


def test_a_map_that_cannot_be_kept_is_answered_all_the_same(tmp_path: Path, vectors: np.ndarray) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert len(cached_layout(tmp_path / "file", NAMES, vectors).points) == len(NAMES)
