from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from data.gallery import Gallery, folder_gallery
from engine import images
from engine.artifact import Artifact
from engine.grids import Grids

COLOURS = {"a.png": (200, 30, 30), "b.png": (30, 200, 30), "c.png": (30, 30, 200)}


@pytest.fixture
def gallery(make_image: Callable[..., Path], tmp_path: Path) -> Gallery:
    for name, colour in COLOURS.items():
        make_image(f"mine/{name}", colour)
    return folder_gallery(tmp_path / "mine", "mine")


def test_grids_are_what_the_network_sees(gallery: Gallery, loaded: Artifact, tmp_path: Path) -> None:
    grids = Grids(tmp_path / "grids", gallery.images, loaded)
    assert not grids.ready
    grids.fill(gallery, 10)
    assert grids.ready
    pixels = images.load(gallery.path("b.png").read_bytes(), loaded.network.config.image_side)
    with torch.inference_mode():
        expected = loaded.network.encode_image(pixels.unsqueeze(0)).grid[0].numpy()
    np.testing.assert_allclose(grids.of([1])[0], expected, atol=0.05)


def test_filling_goes_on_where_it_stopped(gallery: Gallery, loaded: Artifact, tmp_path: Path) -> None:
    Grids(tmp_path / "grids", gallery.images, loaded).fill(gallery, 2)
    again = Grids(tmp_path / "grids", gallery.images, loaded)
    assert again.done == 2
    before = again.of([0, 1]).copy()
    again.fill(gallery, 2)
    assert again.ready
    np.testing.assert_array_equal(again.of([0, 1]), before)
    assert (again.of([2]) != 0).any()


def test_another_gallery_begins_anew(gallery: Gallery, loaded: Artifact, tmp_path: Path) -> None:
    Grids(tmp_path / "grids", gallery.images, loaded).fill(gallery, 3)
    assert Grids(tmp_path / "grids", gallery.images[:2], loaded).done == 0


def test_an_image_that_is_gone_is_passed_over(
    gallery: Gallery, loaded: Artifact, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gallery.path("b.png").unlink()
    grids = Grids(tmp_path / "grids", gallery.images, loaded)
    grids.fill(gallery, 3)
    assert grids.ready
    assert "b.png" in caplog.text
    assert (grids.of([2]) != 0).any()
