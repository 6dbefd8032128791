"""Feature grids in a bucket: computed by one process, fetched by others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from data import bucket_folder
from engine.model.checkpoint import Checkpoint
from engine.search import live_gallery
from engine.search.grids import shared_grids
from engine.search.live_gallery import LiveGallery
from engine.settings import EngineSettings
from tests.object_store import ObjectStore

pytestmark = pytest.mark.filterwarnings("ignore")  # those of the server and its packages
PHOTOS = 5


class Counted(LiveGallery):
    """A gallery that counts the grids it computes.

    Attributes:
        computed: how many.
    """

    computed = 0

    def add(self, photo: object) -> None:
        """Add a photo, to index or for its grid."""
        self.computed += not self._backlog
        super().add(photo)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be waited for."""
    monkeypatch.delenv("FLICKR8K_DIR", raising=False)
    for pause in ("SCAN_PAUSE", "BUILD_PAUSE", "PUBLISH_INTERVAL"):
        monkeypatch.setattr(live_gallery, pause, 0)
    for pause in ("INTERVAL", "RETRY_INTERVAL"):
        monkeypatch.setattr(shared_grids, pause, 0)
    monkeypatch.setattr(bucket_folder, "RETRY_INTERVAL", 0)


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> str:
    """The folder of the bucket in which the test's processes share grids."""
    return request.node.name


Open = Callable[[str], Counted]


@pytest.fixture
def open_gallery(
    store: ObjectStore, folder: str, loaded: Checkpoint, make_image: Callable[..., Path], tmp_path: Path
) -> Open:
    """Return a function that opens the gallery in a process with a KINDRED_HOME of its own."""
    for number in range(PHOTOS):
        make_image(f"mine/{number}.png", (50 * number, 90, 200 - 40 * number))
    common = EngineSettings(gallery=tmp_path / "mine", rescan=1e-9, features=f"s3://{store.bucket}/{folder}")
    return lambda home: Counted(loaded, common.model_copy(update={"home": tmp_path / home}), live=True)


def work(gallery: LiveGallery) -> None:
    gallery.prepare()
    while not gallery.is_idle:
        gallery.prepare()
    gallery.prepare()  # what was computed last is shared, too


def grids(gallery: LiveGallery) -> np.ndarray:
    features = gallery.retriever.second_stage.features
    assert features is not None
    return features.rows(list(range(len(gallery.retriever))))


def test_a_process_on_another_machine_fetches_all_grids(
    open_gallery: Open, store: ObjectStore, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_grids, "CHUNK", 2)
    first, second = open_gallery("first"), open_gallery("second")
    work(first)
    assert len(store.contents(folder)) == PHOTOS
    work(second)
    assert (first.computed, second.computed) == (PHOTOS, 0)
    np.testing.assert_array_equal(grids(second), grids(first))
    assert (grids(second) != 0).any(axis=(1, 2)).all()


def test_what_is_missing_or_damaged_is_computed_and_stored_again(
    open_gallery: Open, store: ObjectStore, folder: str
) -> None:
    first = open_gallery("first")
    work(first)
    before = store.contents(folder)
    whole = [before[name] for name in before]
    for name, content in zip(before, (None, whole[1][:-1], b"\xff" * len(whole[2])), strict=False):
        if content is None:
            store.delete(name)
        else:
            store.put(name, content)
    second = open_gallery("second")
    work(second)
    assert second.computed == 3
    np.testing.assert_allclose(grids(second), grids(first), atol=1e-3)
    assert {name: len(content) for name, content in store.contents(folder).items()} == {
        name: len(content) for name, content in before.items()
    }


def test_after_a_restart_nothing_is_stored_twice_and_what_is_new_is_added(
    open_gallery: Open,
    store: ObjectStore,
    folder: str,
    make_image: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work(open_gallery("first"))
    written: list[str] = []
    write = bucket_folder.BucketFolder.write

    def noted(place: bucket_folder.BucketFolder, path: str, content: bytes) -> None:
        written.append(path)
        write(place, path, content)

    monkeypatch.setattr(bucket_folder.BucketFolder, "write", noted)
    again = open_gallery("first")
    work(again)
    assert not written
    make_image("mine/new.png", (1, 2, 3))
    work(again)
    assert (len(written), len(store.contents(folder))) == (1, PHOTOS + 1)


def test_a_grid_of_a_photo_that_could_not_be_read_is_not_shared(
    open_gallery: Open, store: ObjectStore, folder: str, tmp_path: Path
) -> None:
    gallery = open_gallery("first")
    while gallery.next_image() is None or gallery._backlog:
        gallery.prepare()
    photo = tmp_path / "mine" / str(gallery.next_image())
    content, times = photo.read_bytes(), photo.stat()
    photo.write_bytes(b"x" * len(content))
    gallery.add(gallery.read(photo.name))
    photo.write_bytes(content)

    os.utime(photo, ns=(times.st_atime_ns, times.st_mtime_ns))
    work(gallery)
    assert not grids(gallery)[0].any()
    assert len(store.contents(folder)) == PHOTOS - 1


def test_without_the_bucket_each_computes_its_own_and_says_so(
    open_gallery: Open,
    store: ObjectStore,
    folder: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(shared_grids, "RETRY_INTERVAL", 60.0)
    gallery = open_gallery("first")
    store.stop()
    try:
        work(gallery)
        assert gallery.computed == PHOTOS
        assert caplog.text.count("Grids are not shared by s3://") == 1
    finally:
        store.start()
    assert not store.contents(folder)
    gallery.retriever.second_stage.share(at_once=True)
    assert len(store.contents(folder)) == PHOTOS


def test_only_a_bucket_is_an_address_of_grids() -> None:
    for address in ("/mnt/grids", "https://a.b/c", "s3://KEY:SECRET@grids"):
        with pytest.raises(ValueError, match="Name a folder of a bucket") as refused:
            EngineSettings(features=address)
        assert "SECRET" not in str(refused.value)
