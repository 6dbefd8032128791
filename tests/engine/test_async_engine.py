"""The asynchronous engine: threads, limits, and the time it has been stalled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from engine import async_engine, idle_indexing, watched_threads
from engine.async_engine import AsyncEngine, open_engine
from engine.errors import BusyError, UnknownWordError
from engine.model.checkpoint import Checkpoint
from engine.photos.decoder_pool import DecoderPool
from engine.results import Description
from engine.search.live_gallery import LiveGallery
from engine.service import Engine
from engine.settings import EngineSettings
from tests.engine.photos.test_decoder_pool import HOSTILE_COMMAND


class PendingImages:
    """The work of a `LiveGallery`: a number of images, and the threads in which it is done."""

    def __init__(self) -> None:
        self.pending = 0
        self.error: Exception | None = None
        self.threads: dict[str, str] = {}

    def maintain(self) -> None:
        self._note("maintain")
        if self.error:
            error, self.error = self.error, None
            raise error

    def next_image(self) -> str | None:
        return "a.jpg" if self.pending else None

    def read(self, image: str) -> str:
        self._note("read")
        return image

    def add(self, photo: str) -> None:
        self._note("add")
        self.pending -= 1

    def close(self) -> None:
        pass

    def _note(self, step: str) -> None:
        self.threads[step] = threading.current_thread().name.partition("_")[0]


class SlowEngine:
    """Blocks in `describe` until the gate is opened."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.threads: set[str] = set()
        self.live_gallery = PendingImages()

    def describe(self, photo: bytes, count: int, captions: int) -> Description:
        self.threads.add(threading.current_thread().name)
        self.gate.wait(10)
        return Description((), ())

    def picture(self, image: str) -> bytes:
        self.gate.wait(10)
        return b""

    def album_photo(self, picture: bytes) -> bytes:
        return picture

    def word_map(self) -> bytes:
        return self.picture("")

    def find(self, text: str, count: int) -> tuple[()]:
        return ()

    def similar(self, word: str, count: int) -> tuple[()]:
        if word == "?":
            raise UnknownWordError(word)
        return ()


@pytest.fixture
def slow() -> SlowEngine:
    return SlowEngine()


async def test_stalled_for_counts_while_the_engine_hangs_even_if_callers_give_up(
    slow: SlowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(watched_threads, "time", SimpleNamespace(monotonic=lambda: now))
    engine = AsyncEngine(cast(Engine, slow), max_waiting=9)
    assert engine.stalled_for == 0
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await engine.describe(b"")
        now += 10
    assert engine.stalled_for == 30  # since the first request: those that had not started were cancelled
    slow.gate.set()
    await engine.describe(b"")
    await asyncio.gather(*(engine.describe(b"") for _ in range(5)))
    await asyncio.sleep(0)
    assert engine.stalled_for == 0
    await engine.close()


async def test_a_file_that_hangs_is_noticed_and_others_do_not_queue_behind_it_without_end(
    slow: SlowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(watched_threads, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(async_engine, "MAX_LOOKUPS", 3)
    engine = AsyncEngine(cast(Engine, slow), max_waiting=9)
    pictures = [asyncio.create_task(engine.picture("on a disk that is away")) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await engine.picture("one more")
    now += 30
    assert engine.stalled_for == 30
    assert await engine.similar("boy") == ()  # words need no disk
    slow.gate.set()
    assert await asyncio.gather(*pictures) == [b""] * 3
    await asyncio.sleep(0)
    assert engine.stalled_for == 0
    await engine.close()


async def test_one_of_two_threads_that_hangs_is_noticed_while_the_other_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, gate = 1_000.0, threading.Event()
    monkeypatch.setattr(watched_threads, "time", SimpleNamespace(monotonic=lambda: now))
    threads = watched_threads.WatchedThreads("two", max_pending=9, workers=2)
    hangs = asyncio.create_task(threads.run(lambda: gate.wait(10)))
    await asyncio.sleep(0)
    for _ in range(3):
        now += 10
        await threads.run(lambda: None)
        await asyncio.sleep(0)
    assert threads.stalled_for == 30
    gate.set()
    await hangs
    await asyncio.sleep(0)
    assert threads.stalled_for == 0
    threads.executor.shutdown()


async def test_as_many_requests_as_threads_are_computed_side_by_side(slow: SlowEngine) -> None:
    engine = AsyncEngine(cast(Engine, slow), max_waiting=9, threads=2)
    both = [asyncio.create_task(engine.describe(b"")) for _ in range(2)]
    while len(slow.threads) < 2:  # noqa: ASYNC110 - each holds its thread until the gate opens
        await asyncio.sleep(0.001)
    slow.gate.set()
    await asyncio.gather(*both)
    await engine.close()


async def test_a_map_that_is_drawn_holds_up_no_answer(slow: SlowEngine) -> None:
    engine = AsyncEngine(cast(Engine, slow), max_waiting=9)
    drawing = asyncio.create_task(engine.word_map())
    await asyncio.sleep(0)
    assert await engine.find("a dog") == ()
    slow.gate.set()
    assert await drawing == b""
    await engine.close()


async def test_a_photo_for_an_album_that_hangs_is_noticed(
    slow: SlowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(watched_threads, "time", SimpleNamespace(monotonic=lambda: now))
    engine = AsyncEngine(cast(Engine, slow), max_waiting=9)
    album = asyncio.create_task(engine.album_photo("on a disk that is away"))
    await asyncio.sleep(0)
    now += 30
    assert engine.stalled_for == 30
    slow.gate.set()
    await album
    await engine.close()


async def test_too_many_waiting_requests_are_refused_as_busy(slow: SlowEngine) -> None:
    engine = AsyncEngine(cast(Engine, slow), max_waiting=2)
    requests = [asyncio.create_task(engine.describe(b"")) for _ in range(3)]
    await asyncio.sleep(0.05)
    with pytest.raises(BusyError, match="busy"):
        await engine.describe(b"")
    slow.gate.set()
    assert len(await asyncio.gather(*requests)) == 3
    assert await engine.describe(b"") == Description((), ())
    await engine.close()


async def test_a_lookup_does_not_wait_behind_photos(slow: SlowEngine) -> None:
    engine = AsyncEngine(cast(Engine, slow), max_waiting=9)
    photo = asyncio.create_task(engine.describe(b""))
    assert await asyncio.wait_for(engine.similar("boy"), 5) == ()
    assert not photo.done()
    slow.gate.set()
    await photo
    await engine.close()


async def test_photos_are_described_in_one_thread_and_not_on_the_event_loop(slow: SlowEngine) -> None:
    slow.gate.set()
    engine = AsyncEngine(cast(Engine, slow), max_waiting=9)
    await asyncio.gather(*(engine.describe(b"") for _ in range(5)))
    assert len(slow.threads) == 1
    assert threading.current_thread().name not in slow.threads
    await engine.close()


async def test_the_gallery_is_indexed_while_the_engine_is_idle(
    slow: SlowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_indexing, "IDLE_INTERVAL", 0.01)
    gallery = slow.live_gallery
    gallery.pending = 3
    engine = AsyncEngine(cast(Engine, slow), max_waiting=9)
    photo = asyncio.create_task(engine.describe(b""))
    await asyncio.sleep(0.1)
    assert gallery.pending >= 2  # one step may have begun before the photo came
    slow.gate.set()
    await photo
    while gallery.pending:  # noqa: ASYNC110 - there is no event for it
        await asyncio.sleep(0.01)
    assert gallery.threads == {"maintain": "gallery", "read": "decoding", "add": "inference"}
    await engine.close()


async def test_an_unforeseen_error_ends_neither_the_service_nor_the_indexing(
    slow: SlowEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(idle_indexing, "IDLE_INTERVAL", 0.01)
    monkeypatch.setattr(idle_indexing, "ERROR_PAUSE", 0.01)
    slow.gate.set()
    slow.live_gallery.pending, slow.live_gallery.error = 1, RuntimeError("a bug")
    engine = AsyncEngine(cast(Engine, slow), max_waiting=9)
    assert await engine.describe(b"") == Description((), ())
    while slow.live_gallery.pending:  # noqa: ASYNC110 - there is no event for it
        await asyncio.sleep(0.01)
    assert "a bug" in caplog.text
    await engine.close()


async def test_a_crashing_file_of_the_gallery_costs_only_itself(
    tmp_path: Path,
    make_image: Callable[..., Path],
    loaded: Checkpoint,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(idle_indexing, "IDLE_INTERVAL", 0.01)
    make_image("mine/first.png", (9, 99, 9))
    (tmp_path / "mine" / "a crash.png").write_bytes(b"EVILcrash")
    settings = EngineSettings(home=tmp_path / "home", gallery=tmp_path / "mine", rescan=0.01)

    decoders = DecoderPool(HOSTILE_COMMAND, size=1, timeout=60)
    live = LiveGallery(loaded, settings, live=True, decode=decoders.decode)
    assert live.retriever.embeddings.images == ("first.png",)  # nor does it end a start
    make_image("mine/good.png", (3, 2, 1))
    engine = AsyncEngine(cast(Engine, SimpleNamespace(live_gallery=live)), 9, decoders)
    async with asyncio.timeout(60):
        while "good.png" not in live.retriever.embeddings.images:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await engine.close()
    assert "a crash.png is left out: its decoder crashed, or took too long." in caplog.text


async def test_errors_reach_the_caller(slow: SlowEngine) -> None:
    engine = AsyncEngine(cast(Engine, slow), max_waiting=9)
    with pytest.raises(UnknownWordError):
        await engine.similar("?")
    await engine.close()


async def test_the_real_engine_answers_every_method(
    tmp_path: Path,
    cat: bytes,
    monkeypatch: pytest.MonkeyPatch,
    shipped: Checkpoint,
    warm_home: Callable[[Path], Path],
) -> None:
    monkeypatch.delenv("FLICKR8K_DIR", raising=False)
    monkeypatch.setattr("engine.explain.tsne_map.MAX_WORDS", 40)  # a map of 400 takes ten seconds
    monkeypatch.setattr(
        async_engine, "Engine", lambda settings, **options: Engine(settings, shipped, **options)
    )
    engine = await open_engine(EngineSettings(home=warm_home(tmp_path)))
    described, captions, tags, labels, focused, changed = await asyncio.gather(
        engine.describe(cat, 2),
        engine.captions(cat, 2),
        engine.tags(cat, 2),
        engine.labels(cat, ["cat", "dog", "boat"], 2),
        engine.search_focused(cat, "the ear", 2),
        engine.find("- grass + sofa", 2, cat),
    )
    assert described.captions[0].text == captions[0].text
    assert len(tags) == len(labels) == len(focused) == len(changed) == 2
    words, answers, pair, found = await asyncio.gather(
        engine.similar("dog", 2),
        engine.analogy("man", "men", "woman", 2),
        engine.word_similarity("boy", "girl"),
        engine.find("a cat", 2),
    )
    assert (pair.a, pair.b) == ("boy", "girl")
    assert len(words) == len(answers) == len(found) == 2
    reason, words_drawn, images_drawn = await asyncio.gather(
        engine.explain(cat), engine.word_map(), engine.image_map()
    )
    assert reason.caption == captions[0].text
    assert all(drawn.startswith(b"\x89PNG") for drawn in (reason.picture, words_drawn, images_drawn))
    assert (await engine.picture(found[0].image)).startswith(b"\xff\xd8")
    assert (await engine.thumbnail(found[0].image, 64)).startswith(b"\xff\xd8")
    for points in await asyncio.gather(engine.word_points(), engine.image_points()):
        assert len({point.name for point in points}) == len(points) > 6
        assert all(0 <= point.x <= 1 and 0 <= point.y <= 1 for point in points)
    with pytest.raises(KeyError):
        await engine.thumbnail("../unknown", 64)
    assert engine.gallery.size >= 6
    await engine.close()
