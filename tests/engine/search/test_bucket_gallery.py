"""A gallery whose photos are in a bucket of S3: listed, read and indexed, also while the store is away."""

from __future__ import annotations

import asyncio
import io
import os
import pickle
import socket
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import cast

import pytest
from PIL import Image

from data import bucket_folder
from data.bucket_folder import BucketFolder
from engine.async_engine import AsyncEngine
from engine.errors import GalleryError, PhotosAwayError
from engine.gallery import galleries
from engine.gallery.image_reader import TOO_LARGE, LeftOut, read_image
from engine.model.checkpoint import Checkpoint
from engine.photos import decoding
from engine.search import live_gallery
from engine.search.live_gallery import LiveGallery
from engine.service import Engine
from engine.settings import EngineSettings
from tests.object_store import ObjectStore

pytestmark = pytest.mark.filterwarnings("ignore")  # those of the server and its packages
COLOURS = ((200, 30, 30), (30, 200, 30), (30, 30, 200), (200, 200, 30))


def photo(colour: tuple[int, int, int]) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(content, "PNG")
    return content.getvalue()


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a store that did not answer be asked again soon."""
    monkeypatch.setattr(bucket_folder, "RETRY_INTERVAL", 0.1)


@pytest.fixture
def address(store: ObjectStore, request: pytest.FixtureRequest) -> str:
    """A folder of the test's own."""
    return f"s3://{store.bucket}/{request.node.name}"


@pytest.fixture
def put(store: ObjectStore, address: str) -> Callable[[str, bytes], None]:
    """Write a file into that folder, as another process does."""
    folder = address.removeprefix(f"s3://{store.bucket}/")
    return lambda name, content: store.put(f"{folder}/{name}", content)


@pytest.fixture
def settings(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EngineSettings:
    """Settings of a host who serves that folder, which is listed all the time."""
    monkeypatch.delenv("FLICKR8K_DIR", raising=False)
    for pause in ("SCAN_PAUSE", "BUILD_PAUSE", "PUBLISH_INTERVAL"):
        monkeypatch.setattr(live_gallery, pause, 0)
    return EngineSettings(home=tmp_path, gallery=address, rescan=1e-9)


Put = Callable[[str, bytes], None]


def work(gallery: LiveGallery) -> None:
    gallery.prepare()
    while not gallery.is_idle:
        gallery.prepare()


def test_the_images_of_a_bucket_are_those_that_a_folder_would_have(address: str, put: Put) -> None:
    names = ["b.png", "2024/a c#?.JPG", "2024/ä%41.webp", "d//e.jpg", "f*[1].png"]
    others = [
        "notes.txt",
        ".thumbs/a.jpg",
        "@eaDir/a.jpg",
        "2024/.a.jpg",
        "raw.DNG",
        "folder/",
        "b.png?versionId=1.png",
    ]
    for name in (*names, *others):
        put(name, name.encode())
    folder = BucketFolder(f"{address}/")
    listing = folder.listing()
    assert list(listing.files) == sorted(names)
    assert listing.notices == ("1 file of formats that are not read: raw.DNG.",)
    assert {name: folder.read(name, 99) for name in names} == {name: name.encode() for name in names}
    assert folder.read("b.png", 2) == b"b."


def test_what_others_write_is_in_the_next_listing(
    settings: EngineSettings, store: ObjectStore, address: str, put: Put
) -> None:
    for name in ("same.png", "changed.png", "deleted.png", "empty.png"):
        put(name, b"" if name == "empty.png" else b"before")
    gallery = galleries.open_gallery(settings)
    before = gallery.states()
    assert gallery.read("empty.png") == b""
    put("changed.png", b"behind")  # as long as it was
    put("new.png", b"new")
    store.delete(f"{address.removeprefix(f's3://{store.bucket}/')}/deleted.png")
    with pytest.raises(FileNotFoundError):
        gallery.read("deleted.png")
    assert gallery.is_gone("deleted.png")
    assert not gallery.is_gone("new.png")
    with pytest.raises(KeyError):
        gallery.read("new.png")
    after = galleries.open_gallery(settings).states()
    assert after.keys() == {"same.png", "changed.png", "empty.png", "new.png"}
    assert {name for name in before if after.get(name) != before[name]} == {"changed.png", "deleted.png"}


def test_a_folder_reaches_other_processes_without_its_listing(address: str, put: Put) -> None:
    put("a.png", b"image")
    folder = BucketFolder(address)
    folder.listing()
    copy = pickle.loads(pickle.dumps(folder))
    assert copy == folder
    assert (copy.key, copy.read("a.png", 9)) == (folder.key, b"image")
    assert copy.states(["a.png"]) == {}


def test_a_file_that_is_too_large_is_not_read_as_a_whole(
    settings: EngineSettings, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "MAX_BYTES", 100)
    put("large.png", photo(COLOURS[0]) + b"x" * 100)
    asked: list[int] = []
    read = BucketFolder.read

    def noted(folder: BucketFolder, path: str, most: int) -> bytes:
        asked.append(most)
        return read(folder, path, most)

    monkeypatch.setattr(BucketFolder, "read", noted)
    assert read_image(galleries.open_gallery(settings), "large.png", 64) == LeftOut(TOO_LARGE)
    assert asked == [101]


def test_a_bucket_is_indexed_and_followed_while_it_is_served(
    settings: EngineSettings, loaded: Checkpoint, store: ObjectStore, address: str, put: Put
) -> None:
    for number, colour in enumerate(COLOURS):
        put(f"{number}.png", photo(colour))
    put("broken.jpg", b"no photo")
    gallery = LiveGallery(loaded, settings, live=True)
    work(gallery)
    assert set(gallery.retriever.embeddings.images) == {"0.png", "1.png", "2.png", "3.png"}
    assert gallery.picture("1.png") == photo(COLOURS[1])
    vectors = dict(zip(gallery.retriever.embeddings.images, gallery.retriever.embeddings.matrix, strict=True))
    put("1.png", photo((250, 250, 250)))
    put("sub/new.png", photo((9, 9, 9)))
    store.delete(f"{address.removeprefix(f's3://{store.bucket}/')}/3.png")
    work(gallery)
    after = gallery.retriever.embeddings
    assert set(after.images) == {"0.png", "1.png", "2.png", "sub/new.png"}
    assert (after.matrix[after.rows["1.png"]] != vectors["1.png"]).any()
    assert (after.matrix[after.rows["0.png"]] == vectors["0.png"]).all()
    again = LiveGallery(loaded, settings)
    assert set(again.retriever.embeddings.images) == set(after.images)  # nothing is encoded again


def test_while_the_store_is_away_nothing_is_forgotten_and_it_goes_on_by_itself(
    settings: EngineSettings,
    loaded: Checkpoint,
    store: ObjectStore,
    put: Put,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for number, colour in enumerate(COLOURS):
        put(f"{number}.png", photo(colour))
    gallery = LiveGallery(loaded, settings, live=True)
    work(gallery)
    query = gallery.retriever.embeddings.matrix[0]
    store.stop()
    try:
        for _ in range(3):
            gallery.prepare()
        assert caplog.text.count("The gallery stays as it is") == 1
        assert f"{settings.gallery} cannot be read (KINDRED_GALLERY): Could not connect" in caplog.text
        assert len(gallery.retriever) == 4
        with pytest.raises(OSError, match=r"connect|answer"):
            gallery.picture("0.png")
        with pytest.raises(PhotosAwayError):
            gallery.retriever.search_by_photo(query, 3)
        with pytest.raises(GalleryError, match="cannot be read"):
            galleries.open_gallery(settings)
    finally:
        store.start()
    put("new.png", photo((9, 9, 9)))
    time.sleep(2 * bucket_folder.RETRY_INTERVAL)
    work(gallery)
    assert "new.png" in gallery.retriever.embeddings.images
    assert gallery.picture("0.png") == photo(COLOURS[0])
    assert gallery.retriever.search_by_photo(query, 3)


async def test_a_store_that_does_not_answer_holds_up_neither_words_nor_the_loop(
    settings: EngineSettings,
    loaded: Checkpoint,
    store: ObjectStore,
    put: Put,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put("0.png", photo(COLOURS[0]))
    monkeypatch.setattr(bucket_folder, "RETRY_INTERVAL", 60.0)
    gallery = galleries.open_gallery(settings)
    asked = threading.Event()

    class Words:
        live_gallery = LiveGallery(loaded, settings.model_copy(update={"rescan": 0.0}))

        def picture(self, image: str) -> bytes:
            asked.set()
            return gallery.read(image)

        def similar(self, word: str, count: int) -> tuple[str]:
            return (word,)

    engine = AsyncEngine(cast(Engine, Words()), max_waiting=9)
    store.stop()
    monkeypatch.setattr(bucket_folder, "READ_TIMEOUT", 1.0)
    try:
        with socket.create_server(("127.0.0.1", int(store.address.rpartition(":")[2]))):
            picture = asyncio.create_task(engine.picture("0.png"))
            await asyncio.to_thread(asked.wait)
            assert await engine.similar("boy") == ("boy",)
            assert not picture.done()
            with pytest.raises(OSError, match="in time"):
                await picture
            with pytest.raises(OSError, match="does not answer"):  # at once: it was asked a moment ago
                await engine.picture("0.png")
    finally:
        store.start()
        await engine.close()


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("s3://nowhere-at-all/a", "s3://nowhere-at-all/a cannot be read .*: The specified bucket does not"),
        ("s3://photos-of-a-host/nothing", "There is no image in s3://photos-of-a-host/nothing that"),
    ],
)
def test_a_bucket_that_cannot_be_served_is_named(settings: EngineSettings, place: str, reason: str) -> None:
    with pytest.raises(GalleryError, match=reason):
        galleries.open_gallery(settings.model_copy(update={"gallery": place}))


def test_without_credentials_that_is_said(settings: EngineSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", os.devnull)
    monkeypatch.setattr(bucket_folder, "_files", cache(bucket_folder._files.__wrapped__))
    with pytest.raises(GalleryError, match="Unable to locate credentials"):
        galleries.open_gallery(settings)


def test_a_bucket_has_a_cache_of_its_own(settings: EngineSettings, put: Put, loaded: Checkpoint) -> None:
    from engine.gallery.embeddings import gallery_key

    put("a.png", photo(COLOURS[0]))
    put("sub/a.png", photo(COLOURS[0]))
    below = settings.model_copy(update={"gallery": f"{settings.gallery}/sub"})
    opened, opened_below = (galleries.open_gallery(one) for one in (settings, below))
    assert gallery_key(opened, loaded) != gallery_key(opened_below, loaded)
    assert opened_below.name == "sub"
