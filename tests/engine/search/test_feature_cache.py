from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from data.gallery import Gallery, folder_gallery
from engine.model.checkpoint import Checkpoint
from engine.photos import preprocess
from engine.search.embeddings import ImageEmbeddings
from engine.search.feature_cache import FeatureCache
from tests.processors import by_precision

COLOURS = {"a.png": (200, 30, 30), "b.png": (30, 200, 30), "c.png": (30, 30, 200)}
KEY = "0123abcd-0123456789abcdef-"


@pytest.fixture
def gallery(make_image: Callable[..., Path], tmp_path: Path) -> Gallery:
    for name, colour in COLOURS.items():
        make_image(f"mine/{name}", colour)
    return folder_gallery(tmp_path / "mine", "mine")


@pytest.fixture
def begin(loaded: Checkpoint, tmp_path: Path) -> Callable[..., FeatureCache]:
    def begin(*names: str, key: str = KEY, **states: str) -> FeatureCache:
        seen = {name: states.get(name[0], "as ever") for name in names}
        return FeatureCache(
            tmp_path / "grids", key, ImageEmbeddings(names, np.empty((len(names), 0)), seen), loaded
        )

    return begin


@by_precision
@pytest.mark.usefixtures("processor")
def test_grids_are_what_the_network_sees(
    gallery: Gallery, loaded: Checkpoint, begin: Callable[..., FeatureCache]
) -> None:
    grids = begin(*gallery.images)
    assert not grids.ready
    grids.fill(gallery, 10)
    assert grids.ready
    pixels = preprocess.load(gallery.path("b.png").read_bytes(), loaded.network.config.image_size)
    with torch.inference_mode():
        expected = loaded.network.encode_image(pixels.unsqueeze(0)).grid[0].numpy()
    np.testing.assert_allclose(grids.of([1])[0], expected, atol=0.05)


def test_filling_goes_on_where_it_stopped(gallery: Gallery, begin: Callable[..., FeatureCache]) -> None:
    begin(*gallery.images).fill(gallery, 2)
    again = begin(*gallery.images)
    assert again.done == 2
    before = again.of([0, 1]).copy()
    again.fill(gallery, 2)
    assert again.ready
    np.testing.assert_array_equal(again.of([0, 1]), before)
    assert (again.of([2]) != 0).any()


def test_a_gallery_that_has_grown_keeps_the_grids_it_has(
    gallery: Gallery, begin: Callable[..., FeatureCache]
) -> None:
    old = begin("a.png", "b.png")
    old.fill(gallery, 2)
    grown = begin("b.png", "c.png")
    assert grown.done == 1
    np.testing.assert_array_equal(grown.of([0]), old.of([1]))
    grown.fill(gallery, 1)
    assert grown.ready
    assert old.ready


def test_a_photo_that_has_changed_gets_another_grid(
    gallery: Gallery, begin: Callable[..., FeatureCache]
) -> None:
    begin("a.png", "b.png").fill(gallery, 2)
    assert begin("a.png", "b.png", b="changed").done == 1


def test_grids_that_are_not_done_are_not_taken_over(
    gallery: Gallery, begin: Callable[..., FeatureCache]
) -> None:
    begin("a.png", "b.png", "c.png").fill(gallery, 1)
    assert begin("a.png", "b.png").done == 1


def test_another_gallery_begins_anew(gallery: Gallery, begin: Callable[..., FeatureCache]) -> None:
    begin(*gallery.images).fill(gallery, 3)
    assert begin(*gallery.images, key="f" + KEY[1:]).done == 0


def test_an_image_that_is_gone_is_passed_over(
    gallery: Gallery, begin: Callable[..., FeatureCache], caplog: pytest.LogCaptureFixture
) -> None:
    gallery.path("b.png").unlink()
    grids = begin(*gallery.images)
    grids.fill(gallery, 3)
    assert grids.ready
    assert "b.png" in caplog.text
    assert (grids.of([2]) != 0).any()


def test_a_disk_without_room_is_noticed_before_it_is_full(
    begin: Callable[..., FeatureCache], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(100, 90, 10))
    with pytest.raises(OSError, match="No space left"):
        begin("a.png")
    assert not list((tmp_path / "grids").iterdir())


@pytest.mark.parametrize("left", [0, 5, 100, 0.5])
def test_damaged_grids_are_made_anew_and_who_has_the_old_ones_mapped_goes_on(
    gallery: Gallery,
    begin: Callable[..., FeatureCache],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    left: float,
) -> None:
    before = begin(*gallery.images)
    before.fill(gallery, 3)
    expected = before.of([0, 1, 2]).copy()
    (file,) = (tmp_path / "grids").glob("*.npy")
    content = file.read_bytes()
    file.rename(file.with_suffix(".other"))  # mapped as it is
    file.write_bytes(content[: int(left * len(content) if left < 1 else left)])
    after = begin(*gallery.images)
    assert after.done == 0
    assert str(file) in caplog.text
    after.fill(gallery, 3)
    np.testing.assert_array_equal(after.of([0, 1, 2]), expected)
    np.testing.assert_array_equal(before.of([0, 1, 2]), expected)
    assert begin(*gallery.images).ready
