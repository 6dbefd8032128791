"""The verbs, awaitable: one thread computes, the event loop never does.

One thread is enough: torch spreads each inference over the processor's cores by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from engine.api import CAPTIONS, LABELS, MATCHES, TAGS
from engine.errors import BusyError
from engine.photos.decoder_pool import PROCESSES, DecoderPool
from engine.photos.preprocess import Picture
from engine.results import (
    Caption,
    Description,
    Explanation,
    GalleryInfo,
    Label,
    Match,
    Point,
    Tag,
    WordMatch,
    WordSimilarity,
)
from engine.service import Engine, Photo
from engine.settings import EngineSettings

IDLE = 0.5  # seconds between two looks for an idle moment

Answer = TypeVar("Answer")


class AsyncEngine:
    """An `engine.api.EngineAPI` that runs in a thread of this process.

    Small questions (a word, a file) do not queue behind photos: they have a thread of their own. Photos are
    read in processes of their own, one while the engine still thinks about another.
    """

    def __init__(self, engine: Engine, waiting: int, sandbox: DecoderPool | None = None) -> None:
        """Take an engine, the number of requests that may wait for its thread, and who reads photos.

        Without a sandbox the engine reads them itself, which is well where nobody else sends any.
        """
        self._engine = engine
        self._sandbox = sandbox
        self._waiting = waiting
        self._asked = 0
        self._owed = 0  # answers, by the thread that thinks
        self._heard = 0.0  # when it last gave one, or began to owe
        self._thinker = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._clerk = ThreadPoolExecutor(1, thread_name_prefix="clerk")
        self._readers = ThreadPoolExecutor(PROCESSES, thread_name_prefix="reader")
        self._preparing = asyncio.create_task(self._prepare())

    @property
    def gallery(self) -> GalleryInfo:
        """See `EngineAPI.gallery`."""
        return self._engine.gallery

    @property
    def stalled_for(self) -> float:
        """See `EngineAPI.stalled_for`."""
        return time.monotonic() - self._heard if self._owed else 0.0

    async def describe(self, photo: bytes, count: int = MATCHES, captions: int = CAPTIONS) -> Description:
        """See `EngineAPI.describe`."""
        return await self._look(photo, lambda seen: self._engine.describe(seen, count, captions))

    async def captions(self, photo: bytes, count: int = CAPTIONS) -> tuple[Caption, ...]:
        """See `EngineAPI.captions`."""
        return await self._look(photo, lambda seen: self._engine.captions(seen, count))

    async def tags(self, photo: bytes, count: int = TAGS) -> tuple[Tag, ...]:
        """See `EngineAPI.tags`."""
        return await self._look(photo, lambda seen: self._engine.tags(seen, count))

    async def labels(self, photo: bytes, labels: Sequence[str], count: int = LABELS) -> tuple[Label, ...]:
        """See `EngineAPI.labels`."""
        return await self._look(photo, lambda seen: self._engine.labels(seen, labels, count))

    async def similar(self, word: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """See `EngineAPI.similar`."""
        return await self._look_up(partial(self._engine.similar, word, count))

    async def analogy(self, a: str, b: str, c: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """See `EngineAPI.analogy`."""
        return await self._look_up(partial(self._engine.analogy, a, b, c, count))

    async def word_similarity(self, a: str, b: str) -> WordSimilarity:
        """See `EngineAPI.word_similarity`."""
        return await self._look_up(partial(self._engine.word_similarity, a, b))

    async def find(self, text: str, count: int = MATCHES, photo: bytes | None = None) -> tuple[Match, ...]:
        """See `EngineAPI.find`."""
        if photo is None:
            return await self._think(partial(self._engine.find, text, count))
        return await self._look(photo, lambda seen: self._engine.find(text, count, seen))

    async def search_focused(self, photo: bytes, text: str, count: int = MATCHES) -> tuple[Match, ...]:
        """See `EngineAPI.search_focused`."""
        return await self._look(photo, lambda seen: self._engine.search_focused(seen, text, count))

    async def similar_images(self, image: str, count: int = MATCHES) -> tuple[Match, ...]:
        """See `EngineAPI.similar_images`."""
        return await self._look_up(partial(self._engine.similar_images, image, count))

    async def explain(self, photo: bytes) -> Explanation:
        """See `EngineAPI.explain`."""
        return await self._look(photo, self._engine.explain, shown=True)

    async def word_map(self) -> bytes:
        """See `EngineAPI.word_map`."""
        return await self._think(self._engine.word_map)

    async def image_map(self) -> bytes:
        """See `EngineAPI.image_map`."""
        return await self._think(self._engine.image_map)

    async def word_points(self) -> tuple[Point, ...]:
        """See `EngineAPI.word_points`."""
        return await self._think(self._engine.word_points)

    async def image_points(self) -> tuple[Point, ...]:
        """See `EngineAPI.image_points`."""
        return await self._think(self._engine.image_points)

    async def sample(self, count: int = MATCHES) -> tuple[Match, ...]:
        """See `EngineAPI.sample`."""
        return await self._look_up(partial(self._engine.sample, count))

    async def picture(self, image: str) -> bytes:
        """See `EngineAPI.picture`."""
        return await self._look_up(partial(self._engine.picture, image))

    async def thumbnail(self, image: str, side: int) -> bytes:
        """See `EngineAPI.thumbnail`."""
        return await self._look_up(partial(self._engine.thumbnail, image, side))

    async def knows(self, word: str) -> bool:
        """See `EngineAPI.knows`."""
        return self._engine.knows(word)

    async def close(self) -> None:
        """See `EngineAPI.close`."""
        self._preparing.cancel()
        for executor in (self._readers, self._thinker, self._clerk):
            await asyncio.to_thread(executor.shutdown, wait=True, cancel_futures=True)
        if self._sandbox:
            await asyncio.to_thread(self._sandbox.close)

    async def _look(
        self, photo: bytes, question: Callable[[Photo], Answer], *, shown: bool = False
    ) -> Answer:
        """Ask about a photo, once it has been read."""
        with self._admitted():
            seen: Photo = photo
            if self._sandbox:
                read: Callable[[], Picture] = partial(
                    self._sandbox.read, photo, self._engine.side, shown=shown
                )
                seen = await asyncio.get_running_loop().run_in_executor(self._readers, read)
            return await self._ask(partial(question, seen))

    async def _think(self, question: Callable[[], Answer]) -> Answer:
        with self._admitted():
            return await self._ask(question)

    async def _ask(self, question: Callable[[], Answer]) -> Answer:
        """Put a question to the thread that thinks, and keep in mind since when it owes an answer.

        Who asked may have given up meanwhile: the thread owes it all the same.
        """
        loop, asked = asyncio.get_running_loop(), self._thinker.submit(question)
        if not self._owed:
            self._heard = time.monotonic()
        self._owed += 1
        asked.add_done_callback(lambda done: loop.call_soon_threadsafe(self._answered, done))
        return await asyncio.wrap_future(asked)

    def _answered(self, asked: Future[Answer]) -> None:
        self._owed -= 1
        if not asked.cancelled():  # else it had not begun
            self._heard = time.monotonic()

    @contextmanager
    def _admitted(self) -> Iterator[None]:
        if self._asked > self._waiting:
            raise BusyError
        self._asked += 1
        try:
            yield
        finally:
            self._asked -= 1

    async def _prepare(self) -> None:
        """Do what can wait, in steps, whenever nobody waits for an answer."""
        while not self._engine.ready:
            if self._asked:
                await asyncio.sleep(IDLE)
            else:
                await self._ask(self._engine.prepare)

    async def _look_up(self, question: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._clerk, question)


async def open_engine(settings: EngineSettings) -> AsyncEngine:
    """Load an engine in a thread, warm it, and put a worker before it.

    Raises:
        BrokenInstallation: see `engine.service.Engine` and `engine.photos.decoder_pool.DecoderPoolError`.
    """

    def load() -> tuple[Engine, DecoderPool]:
        engine, sandbox = Engine(settings), DecoderPool()
        engine.warm()
        sandbox.warm()
        return engine, sandbox

    engine, sandbox = await asyncio.to_thread(load)
    return AsyncEngine(engine, settings.waiting, sandbox)
