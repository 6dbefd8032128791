"""The feature cache: filling, resuming, growing, damage."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from data.gallery import Gallery, folder_gallery
from engine.gallery.embeddings import ImageEmbeddings
from engine.gallery.image_reader import encode_image, read_image
from engine.model.checkpoint import Checkpoint
from engine.photos import preprocess
from engine.search.grids.feature_cache import FeatureCache, size_on_disk
from tests.conftest import ROOT

COLOURS = {"a.png": (200, 30, 30), "b.png": (30, 200, 30), "c.png": (30, 30, 200)}
Fill = Callable[[FeatureCache, int], None]
KEY = "0123abcd-0123456789abcdef-"


@pytest.fixture
def gallery(make_image: Callable[..., Path], tmp_path: Path) -> Gallery:
    for name, colour in COLOURS.items():
        make_image(f"mine/{name}", colour)
    return folder_gallery(tmp_path / "mine", "mine")


@pytest.fixture
def open_cache(loaded: Checkpoint, tmp_path: Path) -> Callable[..., FeatureCache]:
    def open_cache(*names: str, key: str = KEY, **states: str) -> FeatureCache:
        file_states = {name: states.get(name[0], "unchanged") for name in names}
        return FeatureCache(
            tmp_path / "grids", key, ImageEmbeddings(names, np.empty((len(names), 0)), file_states), loaded
        )

    return open_cache


@pytest.fixture
def fill(gallery: Gallery, loaded: Checkpoint) -> Fill:
    def fill(cache: FeatureCache, count: int) -> None:
        for _ in range(count):
            if (image := cache.next_image) is not None:
                cache.add(
                    encode_image(loaded.network, read_image(gallery, image, loaded.network.config.image_size))
                )
        cache.save()

    return fill


def test_the_documents_say_how_much_disk_a_grid_takes(shipped: Checkpoint) -> None:
    size = f"{round(size_on_disk(1, shipped.network.config) / 1000)} KB"
    for document in ("README.md", "docs/SETTINGS.md", "docs/scaling.md"):
        assert size in (ROOT / document).read_text("utf-8"), document


def test_grids_are_those_of_the_network(
    gallery: Gallery, loaded: Checkpoint, open_cache: Callable[..., FeatureCache], fill: Fill
) -> None:
    grids = open_cache(*gallery.images)
    assert not grids.ready
    fill(grids, 10)
    assert grids.ready
    pixels = preprocess.decode_to_pixels(gallery.read("b.png"), loaded.network.config.image_size)
    expected = loaded.network.encode_image(pixels[None]).grid[0]
    np.testing.assert_allclose(grids.rows([1])[0], expected, atol=0.002)


def test_filling_resumes_where_it_stopped(
    gallery: Gallery, open_cache: Callable[..., FeatureCache], fill: Fill
) -> None:
    fill(open_cache(*gallery.images), 2)
    again = open_cache(*gallery.images)
    assert again.filled == 2
    before = again.rows([0, 1]).copy()
    fill(again, 2)
    assert again.ready
    np.testing.assert_array_equal(again.rows([0, 1]), before)
    assert (again.rows([2]) != 0).any()


def test_a_gallery_that_has_grown_keeps_the_grids_it_has(
    gallery: Gallery, open_cache: Callable[..., FeatureCache], fill: Fill
) -> None:
    old = open_cache("a.png", "b.png")
    fill(old, 2)
    grown = open_cache("b.png", "c.png")
    assert grown.filled == 1
    np.testing.assert_array_equal(grown.rows([0]), old.rows([1]))
    fill(grown, 1)
    assert grown.ready
    assert old.ready


def test_a_cache_that_is_behind_another_takes_over_its_grids(
    open_cache: Callable[..., FeatureCache], fill: Fill
) -> None:
    fill(open_cache("a.png", "b.png", "c.png"), 1)
    few = open_cache("a.png", "b.png")
    fill(few, 1)
    grids = open_cache("a.png", "b.png", "c.png")
    assert grids.next_image == "c.png"
    np.testing.assert_array_equal(grids.rows([0, 1]), few.rows([0, 1]))


def test_grids_are_not_taken_over_from_a_damaged_file(
    open_cache: Callable[..., FeatureCache], fill: Fill, tmp_path: Path
) -> None:
    fill(open_cache("a.png", "b.png"), 2)
    (file,) = (tmp_path / "grids").glob("*.npy")
    file.write_bytes(file.read_bytes()[:-100])
    assert open_cache("a.png", "b.png", "c.png").next_image == "a.png"


def test_a_changed_photo_gets_another_grid(
    gallery: Gallery, open_cache: Callable[..., FeatureCache], fill: Fill
) -> None:
    fill(open_cache("a.png", "b.png"), 2)
    assert open_cache("a.png", "b.png", b="changed").filled == 1


def test_grids_that_are_not_filled_are_not_copied(
    gallery: Gallery, open_cache: Callable[..., FeatureCache], fill: Fill
) -> None:
    fill(open_cache("a.png", "b.png", "c.png"), 1)
    assert open_cache("a.png", "b.png").filled == 1


def test_another_gallery_starts_empty(
    gallery: Gallery, open_cache: Callable[..., FeatureCache], fill: Fill
) -> None:
    fill(open_cache(*gallery.images), 3)
    assert open_cache(*gallery.images, key="f" + KEY[1:]).filled == 0


def test_a_missing_image_is_skipped(
    gallery: Gallery,
    open_cache: Callable[..., FeatureCache],
    fill: Fill,
    caplog: pytest.LogCaptureFixture,
) -> None:
    Path(str(gallery.folder), "b.png").unlink()
    grids = open_cache(*gallery.images)
    fill(grids, 3)
    assert grids.ready
    assert "b.png" in caplog.text
    assert (grids.rows([2]) != 0).any()


def test_a_full_disk_is_detected_before_filling(
    open_cache: Callable[..., FeatureCache], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(100, 90, 10))
    with pytest.raises(OSError, match="No space left"):
        open_cache("a.png")
    assert not list((tmp_path / "grids").iterdir())


@pytest.mark.parametrize("remaining", [0, 5, 100, 0.5])
def test_damaged_grids_are_computed_again_and_mapped_ones_stay_usable(
    gallery: Gallery,
    open_cache: Callable[..., FeatureCache],
    fill: Fill,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    remaining: float,
) -> None:
    before = open_cache(*gallery.images)
    fill(before, 3)
    expected = before.rows([0, 1, 2]).copy()
    (file,) = (tmp_path / "grids").glob("*.npy")
    content = file.read_bytes()
    file.rename(file.with_suffix(".other"))  # mapped as it is
    file.write_bytes(content[: int(remaining * len(content) if remaining < 1 else remaining)])
    after = open_cache(*gallery.images)
    assert after.filled == 0
    assert str(file) in caplog.text
    fill(after, 3)
    np.testing.assert_array_equal(after.rows([0, 1, 2]), expected)
    np.testing.assert_array_equal(before.rows([0, 1, 2]), expected)
    assert open_cache(*gallery.images).ready
