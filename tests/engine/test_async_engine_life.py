"""The asynchronous engine's life: what runs in which thread, idle work, start and end."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any, cast

import pytest

from engine import async_engine, idle_indexing
from engine.api import CAPTIONS, LABELS, MATCHES, TAGS
from engine.async_engine import AsyncEngine, open_engine
from engine.errors import BusyError
from engine.gallery.flickr8k_fetch import Flickr8kFetch
from engine.photos.decoder_pool import DecoderPool
from engine.results import GalleryInfo
from engine.service import Engine
from engine.settings import EngineSettings

pytestmark = pytest.mark.asyncio(loop_scope="session")

GALLERY = GalleryInfo("starter", 6, "")


class Recorder:
    """Takes the place of the engine: every method returns its name, its arguments and its thread."""

    image_size = 64
    gallery = GALLERY

    def __init__(self) -> None:
        self.live_gallery = IdleGallery()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def method(*arguments: Any, **options: Any) -> Any:
            thread = threading.current_thread().name.partition("_")[0]
            return name, arguments, options, thread

        return method


class IdleGallery:
    """Work for idle moments.

    Attributes:
        images: How many images are to be indexed.
        steps: What was done.
        error: Raised by the next step.
        priority: That of the thread that maintains the gallery.
    """

    def __init__(self) -> None:
        self.images, self.steps = 0, list[str]()
        self.error: Exception | None = None
        self.priority = 0

    def maintain(self) -> None:
        self.priority = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        self.steps.append("maintain")
        if self.error:
            error, self.error = self.error, None
            raise error

    def next_image(self) -> str | None:
        return "a.jpg" if self.images else None

    def read(self, image: str) -> str:
        self.steps.append("read")
        return image

    def add(self, photo: str) -> None:
        self.images -= 1
        self.steps.append("add")

    def close(self) -> None:
        self.steps.append("close")


class Decoders:
    """Takes the place of the pool: notes what is asked for, and whether it was closed."""

    def __init__(self, *_: Any) -> None:
        self.asked: list[tuple[bytes, int, bool]] = []
        self.is_warm = self.is_closed = False

    def warm(self) -> None:
        self.is_warm = True

    def decode(self, photo: bytes, side: int, *, for_display: bool = False) -> str:
        self.asked.append((photo, side, for_display))
        return "decoded"

    def close(self) -> None:
        self.is_closed = True


class Fetch:
    """Takes the place of the download of Flickr8K."""

    share: float | None = 0.25
    is_closed = False

    def close(self) -> None:
        self.is_closed = True


def wrapped(engine: Recorder, max_waiting: int = 9, **parts: Any) -> AsyncEngine:
    return AsyncEngine(cast(Engine, engine), max_waiting, **parts)


async def test_each_request_has_its_defaults_and_its_thread() -> None:
    decoders = Decoders()
    engine = wrapped(Recorder(), decoders=cast(DecoderPool, decoders))
    answers: list[Any] = [
        await request
        for request in (
            engine.describe(b"p"),
            engine.captions(b"p"),
            engine.tags(b"p"),
            engine.labels(b"p", ["cat"]),
            engine.search_focused(b"p", "the dog"),
            engine.find("a dog", 3, b"p"),
            engine.explain(b"p", "a dog runs"),
        )
    ]
    assert answers == [
        ("describe", ("decoded", MATCHES, CAPTIONS), {}, "inference"),
        ("captions", ("decoded", CAPTIONS), {}, "inference"),
        ("tags", ("decoded", TAGS), {}, "inference"),
        ("labels", ("decoded", ["cat"], LABELS), {}, "inference"),
        ("search_focused", ("decoded", "the dog", MATCHES), {}, "inference"),
        ("find", ("a dog", 3, "decoded"), {}, "inference"),
        ("explain", ("decoded", "a dog runs"), {}, "drawing"),
    ]
    assert decoders.asked == [(b"p", 64, False)] * 6 + [(b"p", 64, True)]  # "Why?" draws on the photo
    answers = [
        await request
        for request in (
            engine.find("a dog"),
            engine.word_map(),
            engine.image_map(),
            engine.word_points(),
            engine.image_points(),
            engine.similar("boy"),
            engine.analogy("man", "men", "woman"),
            engine.word_similarity("boy", "girl"),
            engine.understand("a dog"),
            engine.similar_images("a.jpg"),
            engine.sample(),
            engine.picture("a.jpg"),
            engine.thumbnail("a.jpg", 64),
            engine.album_photo("a.jpg"),
        )
    ]
    assert answers == [
        ("find", ("a dog", MATCHES), {}, "inference"),
        *((name, (), {}, "drawing") for name in ("word_map", "image_map", "word_points", "image_points")),
        ("similar", ("boy", MATCHES), {}, "lookup"),
        ("analogy", ("man", "men", "woman", MATCHES), {}, "lookup"),
        ("word_similarity", ("boy", "girl"), {}, "lookup"),
        ("understand", ("a dog", None), {"with_photo": False}, "lookup"),
        ("similar_images", ("a.jpg", MATCHES), {}, "lookup"),
        ("sample", (MATCHES,), {}, "lookup"),
        picture := ("picture", ("a.jpg",), {}, "reading"),
        ("thumbnail", (picture, 64), {}, "lookup"),
        ("album_photo", (picture,), {}, "decoding"),
    ]
    await engine.close()


async def test_the_gallery_tells_how_much_of_a_better_one_is_fetched() -> None:
    fetch = Fetch()
    alone, fetching = wrapped(Recorder()), wrapped(Recorder(), fetch=cast(Flickr8kFetch, fetch))
    assert (alone.gallery.fetched, fetching.gallery.fetched) == (GALLERY.fetched, 0.25)
    fetch.share = None
    assert fetching.gallery == GALLERY
    for engine in (alone, fetching):
        await engine.close()


async def test_one_request_runs_and_as_many_wait_as_the_settings_say() -> None:
    recorder, gate = Recorder(), threading.Event()
    recorder.word_map = gate.wait  # type: ignore[method-assign]
    engine = wrapped(recorder, max_waiting=2)
    for _ in range(2):  # as many again when the first have ended
        gate.clear()
        requests = [asyncio.create_task(engine.word_map()) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await engine.image_map()
        gate.set()
        await asyncio.gather(*requests)
    await engine.close()


@pytest.mark.parametrize("threads", [None, 2])
async def test_photos_are_answered_one_by_one_unless_more_threads_are_wanted(threads: int | None) -> None:
    recorder, together = Recorder(), threading.Barrier(2)

    def meet(*_: Any) -> bool:
        try:
            together.wait(20 if threads else 0.05)
        except threading.BrokenBarrierError:
            return False
        return True

    recorder.tags = meet  # type: ignore[attr-defined]
    options = {} if threads is None else {"threads": threads}
    engine = wrapped(recorder, decoders=cast(DecoderPool, Decoders()), **options)
    met: list[Any] = await asyncio.gather(engine.tags(b"p"), engine.tags(b"p"))
    assert met == [threads == 2] * 2
    await engine.close()


async def test_an_idle_engine_looks_for_work_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_indexing, "IDLE_INTERVAL", 60)
    recorder = Recorder()
    recorder.live_gallery.images = 2
    engine = wrapped(recorder)
    await until(lambda: len(recorder.live_gallery.steps) == 7)
    await asyncio.sleep(0.02)
    assert recorder.live_gallery.steps == ["maintain", "read", "add"] * 2 + ["maintain"]
    await engine.close()
    assert engine._indexing._task.cancelled()
    assert recorder.live_gallery.steps[-1] == "close"  # what was indexed is stored


async def test_an_idle_engine_leaves_the_processor_alone() -> None:
    recorder = Recorder()
    engine = wrapped(recorder)
    await asyncio.sleep(0.05)
    assert len(recorder.live_gallery.steps) < 5  # one each half second
    await engine.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere priorities belong to processes")
async def test_the_gallery_is_maintained_at_low_priority() -> None:
    recorder = Recorder()
    engine = wrapped(recorder)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    await until(lambda: bool(recorder.live_gallery.steps))
    assert recorder.live_gallery.priority == 10 or recorder.live_gallery.priority == own > 10
    await engine.close()


async def test_after_an_error_nobody_foresaw_indexing_pauses(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(idle_indexing, "IDLE_INTERVAL", 0.001)
    recorder = Recorder()
    recorder.live_gallery.error = RuntimeError("a bug")
    engine = wrapped(recorder)
    await until(lambda: "a bug" in caplog.text)
    await asyncio.sleep(0.05)
    assert recorder.live_gallery.steps == ["maintain"]
    await engine.close()
    assert engine._indexing._retry
    assert engine._indexing._retry.cancelled()


async def test_indexing_lets_requests_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_indexing, "IDLE_INTERVAL", 0.001)
    recorder, reading, gate = Recorder(), threading.Event(), threading.Event()
    gallery = recorder.live_gallery
    gallery.images = 1

    def read(image: str) -> str:
        reading.set()
        gate.wait(20)
        return image

    gallery.read = read  # type: ignore[method-assign]
    engine = wrapped(recorder)
    await asyncio.to_thread(reading.wait, 20)
    recorder.word_map = gate.wait  # type: ignore[method-assign]
    engine._requests += 1  # one that was admitted, and whose photo is being decoded
    gate.set()
    await asyncio.sleep(0.05)
    assert "add" not in gallery.steps
    engine._requests -= 1
    await until(lambda: "add" in gallery.steps)
    await engine.close()


async def test_closing_finishes_what_runs_and_releases_everything() -> None:
    recorder, gate, decoders, fetch = Recorder(), threading.Event(), Decoders(), Fetch()
    ended: list[bool] = []

    def work() -> None:
        gate.wait(20)
        ended.append(True)

    recorder.word_map = work  # type: ignore[method-assign]
    engine = wrapped(recorder, decoders=cast(DecoderPool, decoders), fetch=cast(Flickr8kFetch, fetch))
    running, waiting = (asyncio.create_task(engine.word_map()) for _ in range(2))
    await asyncio.sleep(0.01)
    closing = asyncio.create_task(engine.close())
    await asyncio.sleep(0.01)
    assert not closing.done()
    gate.set()
    await closing
    await running
    assert ended == [True]
    with pytest.raises((CancelledError, asyncio.CancelledError)):
        await waiting  # it never began
    assert decoders.is_closed
    assert fetch.is_closed
    for request in (engine.similar("boy"), engine.image_map(), engine.album_photo("a.jpg")):
        with pytest.raises(RuntimeError, match="shutdown"):
            await request
    with pytest.raises(RuntimeError, match="shutdown"):
        engine._indexing.maintenance.submit(print)


class Opened(Recorder):
    """An engine as `open_engine` makes it."""

    opened: tuple[Any, ...] = ()
    warmed = 0
    error: Exception | None = None

    def __init__(self, settings: EngineSettings, **options: Any) -> None:
        super().__init__()
        if self.error:
            raise self.error
        type(self).opened = (settings, options)

    def warm(self) -> None:
        type(self).warmed += 1


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> list[Decoders]:
    """The pools that were opened."""
    pools: list[Decoders] = []

    class Pool(Decoders):
        def __init__(self) -> None:
            super().__init__()
            pools.append(self)

    monkeypatch.setattr(async_engine, "DecoderPool", Pool)
    monkeypatch.setattr(async_engine, "Engine", Opened)
    return pools


async def test_an_engine_is_warm_before_it_is_used(pools: list[Decoders], tmp_path: Path) -> None:
    warmed = Opened.warmed
    settings = EngineSettings(home=tmp_path, gallery=tmp_path, waiting=7)
    engine = await open_engine(settings)
    (decoders,) = pools
    assert Opened.opened == (settings, {"live": True, "decode": decoders.decode})
    assert (decoders.is_warm, decoders.is_closed, Opened.warmed) == (True, False, warmed + 1)
    assert engine._max_waiting == 7
    await engine.close()
    assert decoders.is_closed


async def test_a_start_that_fails_leaves_no_process(
    pools: list[Decoders], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Opened, "error", ValueError("no network"))
    with pytest.raises(ValueError, match="no network"):
        await open_engine(EngineSettings(home=tmp_path))
    assert [pool.is_closed for pool in pools] == [True]


@pytest.mark.usefixtures("pools")
@pytest.mark.parametrize(("fetch", "gallery"), [(True, False), (False, False), (True, True)])
async def test_flickr8k_is_fetched_only_where_it_lacks_and_may_be(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fetch: bool,
    gallery: bool,
) -> None:
    monkeypatch.delenv("FLICKR8K_DIR", raising=False)
    fetched: list[Path] = []

    def begin(folder: Path, _: Callable[[], None]) -> Fetch:
        fetched.append(folder)
        return Fetch()

    monkeypatch.setattr(async_engine, "Flickr8kFetch", begin)
    monkeypatch.setattr(IdleGallery, "scan_soon", lambda _: None, raising=False)
    caplog.set_level("INFO")
    settings = EngineSettings(home=tmp_path, fetch=fetch, gallery=tmp_path if gallery else None)
    engine = await open_engine(settings)
    assert len(fetched) == (fetch and not gallery)
    assert ("A few starter photos are served" in caplog.text) is (not fetch and not gallery)
    await engine.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.001)
