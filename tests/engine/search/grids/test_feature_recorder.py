"""The feature grids of images are kept while they are indexed."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from data.gallery import Gallery
from engine.gallery import cache_dir, galleries
from engine.gallery.embeddings import embeddings_file, gallery_key
from engine.gallery.image_reader import LeftOut, encode_image, read_image
from engine.model.checkpoint import Checkpoint
from engine.search.grids import feature_recorder
from engine.search.grids.feature_cache import FeatureCache
from engine.search.grids.feature_recorder import FeatureRecorder
from engine.search.indexing import EncodedImage, UpdateReport, encode_images, index_status, update
from engine.settings import EngineSettings

Paint = Callable[..., None]


@pytest.fixture
def settings(tmp_path: Path) -> EngineSettings:
    return EngineSettings(home=tmp_path / "home", gallery=tmp_path / "mine")


@pytest.fixture
def paint(make_image: Callable[..., Path]) -> Paint:
    def paint(*numbers: int) -> None:
        for number in numbers:
            make_image(f"mine/{number}.png", (40 * number, 90, 30))

    return paint


def gallery_of(settings: EngineSettings) -> Gallery:
    return galleries.open_gallery(settings)


def recorder_of(loaded: Checkpoint, settings: EngineSettings) -> FeatureRecorder:
    status = index_status(gallery_of(settings), loaded, settings)
    coming = {image: status.states[image] for image in status.missing}
    return FeatureRecorder(gallery_of(settings), status.embeddings, coming, loaded, settings)


def index(loaded: Checkpoint, settings: EngineSettings) -> tuple[UpdateReport, FeatureCache]:
    """Index the gallery as the command does; return the report, and the gallery's feature cache."""
    gallery = gallery_of(settings)
    recorder = recorder_of(loaded, settings)
    encode = recorder.recording(partial(encode_images, loaded))
    report = update(gallery, loaded, embeddings_file(gallery, loaded, settings), settings, encode)
    folder, key = settings.home / cache_dir.GRIDS, gallery_key(gallery, loaded)
    cache = FeatureCache(folder, key, report.embeddings, loaded)
    recorder.close(report.embeddings)
    return report, cache


def files(settings: EngineSettings) -> list[Path]:
    return sorted((settings.home / cache_dir.GRIDS).glob("*.npy"))


def assert_grids(cache: FeatureCache, loaded: Checkpoint, settings: EngineSettings, *names: str) -> None:
    """All images have the grids that the network gives them."""
    assert cache.ready
    assert cache.size == len(names)
    for row, name in enumerate(names):
        photo = read_image(gallery_of(settings), name, loaded.network.config.image_size)
        np.testing.assert_array_equal(
            cache.rows([row])[0],
            encode_image(loaded.network, photo).grid[0].astype(np.float16),  # type: ignore[union-attr]
        )


def test_a_gallery_has_all_grids_once_it_is_indexed(
    loaded: Checkpoint, settings: EngineSettings, paint: Paint
) -> None:
    paint(1, 2, 3)
    report, cache = index(loaded, settings)
    assert report.encoded == 3
    assert_grids(cache, loaded, settings, "1.png", "2.png", "3.png")
    assert len(files(settings)) == 1


def test_new_images_join_those_that_have_grids(
    loaded: Checkpoint, settings: EngineSettings, paint: Paint
) -> None:
    paint(1, 3)
    index(loaded, settings)
    paint(2)
    report, cache = index(loaded, settings)
    assert report.encoded == 1
    assert_grids(cache, loaded, settings, "1.png", "3.png", "2.png")


def test_a_file_that_is_no_image_costs_the_others_nothing(
    loaded: Checkpoint, settings: EngineSettings, paint: Paint, tmp_path: Path
) -> None:
    paint(1, 3)
    (tmp_path / "mine" / "2.png").write_text("no image")
    _, cache = index(loaded, settings)
    assert_grids(cache, loaded, settings, "1.png", "3.png")
    assert len(files(settings)) == 1  # the one that was planned is gone
    _, again = index(loaded, settings)
    assert again.ready


def test_an_interrupted_run_leaves_its_grids_to_the_next(
    loaded: Checkpoint, settings: EngineSettings, paint: Paint
) -> None:
    paint(1, 2, 3)
    gallery = gallery_of(settings)
    encode = recorder_of(loaded, settings).recording(partial(encode_images, loaded))
    images = encode(gallery, ["1.png", "2.png", "3.png"])
    next(images)
    next(images)
    images.close()  # type: ignore[attr-defined] - of a generator
    status = index_status(gallery, loaded, settings)
    assert status.missing == ("1.png", "2.png", "3.png")  # no vector was stored
    _, cache = index(loaded, settings)
    assert_grids(cache, loaded, settings, "1.png", "2.png", "3.png")


def test_an_image_that_failed_once_has_its_own_grid_later(
    loaded: Checkpoint, settings: EngineSettings, paint: Paint
) -> None:
    paint(1, 2, 3)

    def failing(gallery: Gallery, names: Sequence[str]) -> Iterator[EncodedImage]:
        for image in encode_images(loaded, gallery, names):
            yield image._replace(features=LeftOut("busy", 3)) if image.name == "2.png" else image

    encode = recorder_of(loaded, settings).recording(failing)
    assert len([*encode(gallery_of(settings), ["1.png", "2.png", "3.png"])]) == 3  # then it is killed
    _, cache = index(loaded, settings)
    assert_grids(cache, loaded, settings, "1.png", "2.png", "3.png")


@pytest.mark.parametrize("refused", ["__init__", "add_grid"])
def test_on_a_full_disk_images_are_indexed_without_grids(
    loaded: Checkpoint,
    settings: EngineSettings,
    paint: Paint,
    monkeypatch: pytest.MonkeyPatch,
    refused: str,
) -> None:
    paint(1, 2)

    class Full(FeatureCache):
        pass

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Full, refused, refuse)
    monkeypatch.setattr(feature_recorder, "FeatureCache", Full)
    report, cache = index(loaded, settings)
    assert report.encoded == 2
    assert cache.filled == 0
