from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import cast

import pytest

from engine import async_engine as worker_module
from engine.async_engine import AsyncEngine, open_engine
from engine.errors import BusyError, UnknownWordError
from engine.results import Description
from engine.service import Engine
from engine.settings import EngineSettings


class SlowEngine:
    """Answers when it is let to: what a queue does is seen best when the engine stands still."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.threads: set[str] = set()
        self.unprepared = 0

    @property
    def ready(self) -> bool:
        return self.unprepared == 0

    def prepare(self) -> None:
        self.unprepared -= 1

    def describe(self, photo: bytes, count: int, captions: int) -> Description:
        self.threads.add(threading.current_thread().name)
        self.gate.wait(10)
        return Description((), ())

    def similar(self, word: str, count: int) -> tuple[()]:
        if word == "?":
            raise UnknownWordError(word)
        return ()


@pytest.fixture
def slow() -> SlowEngine:
    return SlowEngine()


async def test_while_it_hangs_it_is_silent_whoever_gives_up_and_when_it_answers_it_is_not(
    slow: SlowEngine,
) -> None:
    worker = AsyncEngine(cast(Engine, slow), waiting=9)
    assert worker.stalled_for == 0
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await worker.describe(b"")
    assert worker.stalled_for > 0.25  # since the first question: those that had not begun were taken back
    slow.gate.set()
    await worker.describe(b"")
    await asyncio.gather(*(worker.describe(b"") for _ in range(5)))
    await asyncio.sleep(0)
    assert worker.stalled_for == 0
    await worker.close()


async def test_too_many_waiting_requests_are_answered_busy_and_the_rest_are_kept(slow: SlowEngine) -> None:
    worker = AsyncEngine(cast(Engine, slow), waiting=2)
    asked = [asyncio.create_task(worker.describe(b"")) for _ in range(3)]
    await asyncio.sleep(0.05)
    with pytest.raises(BusyError, match="try again"):
        await worker.describe(b"")
    slow.gate.set()
    assert len(await asyncio.gather(*asked)) == 3
    assert await worker.describe(b"") == Description((), ())
    await worker.close()


async def test_a_word_does_not_wait_behind_photos(slow: SlowEngine) -> None:
    worker = AsyncEngine(cast(Engine, slow), waiting=9)
    photo = asyncio.create_task(worker.describe(b""))
    assert await asyncio.wait_for(worker.similar("boy"), 5) == ()
    assert not photo.done()
    slow.gate.set()
    await photo
    await worker.close()


async def test_photos_are_described_in_one_thread_and_not_on_the_loop(slow: SlowEngine) -> None:
    slow.gate.set()
    worker = AsyncEngine(cast(Engine, slow), waiting=9)
    await asyncio.gather(*(worker.describe(b"") for _ in range(5)))
    assert len(slow.threads) == 1
    assert threading.current_thread().name not in slow.threads
    await worker.close()


async def test_what_can_wait_is_done_when_nobody_waits(
    slow: SlowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "IDLE", 0.01)
    slow.unprepared = 3
    worker = AsyncEngine(cast(Engine, slow), waiting=9)
    photo = asyncio.create_task(worker.describe(b""))
    await asyncio.sleep(0.1)
    assert slow.unprepared >= 2  # one step may have begun before the photo came
    slow.gate.set()
    await photo
    while not slow.ready:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0.01)
    await worker.close()


async def test_errors_come_through(slow: SlowEngine) -> None:
    worker = AsyncEngine(cast(Engine, slow), waiting=9)
    with pytest.raises(UnknownWordError):
        await worker.similar("?")
    await worker.close()


async def test_the_real_engine_answers_every_verb(
    tmp_path: Path, cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLICKR8K_DIR", raising=False)
    engine = await open_engine(EngineSettings(home=tmp_path))
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
    words, answers, pair, found, known = await asyncio.gather(
        engine.similar("dog", 2),
        engine.analogy("man", "men", "woman", 2),
        engine.word_similarity("boy", "girl"),
        engine.find("a cat", 2),
        engine.knows("cat"),
    )
    assert (pair.a, pair.b) == ("boy", "girl")
    assert len(words) == len(answers) == len(found) == 2
    assert known
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
        await engine.thumbnail("../alive", 64)
    assert engine.gallery.size >= 6
    await engine.close()
