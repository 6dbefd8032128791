"""The verbs, awaitable: one thread computes, the event loop never does.

One thread is enough: torch spreads each inference over the processor's cores by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from engine.errors import Busy
from engine.results import (
    Caption,
    Description,
    GalleryInfo,
    Label,
    Likeness,
    Match,
    Point,
    Reason,
    Tag,
    WordMatch,
)
from engine.service import Engine
from engine.settings import EngineSettings
from engine.verbs import CAPTIONS, LABELS, MATCHES, TAGS

IDLE = 0.5  # seconds between two looks for an idle moment

Answer = TypeVar("Answer")


class Worker:
    """An `engine.verbs.Verbs` that runs in a thread of this process.

    Small questions (a word, a file) do not queue behind photos: they have a thread of their own.
    """

    def __init__(self, engine: Engine, waiting: int) -> None:
        """Take an engine and the number of requests that may wait for its thread."""
        self._engine = engine
        self._waiting = waiting
        self._asked = 0
        self._thinker = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._clerk = ThreadPoolExecutor(1, thread_name_prefix="clerk")
        self._preparing = asyncio.create_task(self._prepare())

    @property
    def gallery(self) -> GalleryInfo:
        """See `Verbs.gallery`."""
        return self._engine.gallery

    async def describe(self, photo: bytes, count: int = MATCHES, captions: int = CAPTIONS) -> Description:
        """See `Verbs.describe`."""
        return await self._think(partial(self._engine.describe, photo, count, captions))

    async def captions(self, photo: bytes, count: int = CAPTIONS) -> tuple[Caption, ...]:
        """See `Verbs.captions`."""
        return await self._think(partial(self._engine.captions, photo, count))

    async def tags(self, photo: bytes, count: int = TAGS) -> tuple[Tag, ...]:
        """See `Verbs.tags`."""
        return await self._think(partial(self._engine.tags, photo, count))

    async def labels(self, photo: bytes, labels: Sequence[str], count: int = LABELS) -> tuple[Label, ...]:
        """See `Verbs.labels`."""
        return await self._think(partial(self._engine.labels, photo, labels, count))

    async def similar(self, word: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """See `Verbs.similar`."""
        return await self._look_up(partial(self._engine.similar, word, count))

    async def analogy(self, a: str, b: str, c: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """See `Verbs.analogy`."""
        return await self._look_up(partial(self._engine.analogy, a, b, c, count))

    async def alike(self, a: str, b: str) -> Likeness:
        """See `Verbs.alike`."""
        return await self._look_up(partial(self._engine.alike, a, b))

    async def find(self, text: str, count: int = MATCHES, photo: bytes | None = None) -> tuple[Match, ...]:
        """See `Verbs.find`."""
        return await self._think(partial(self._engine.find, text, count, photo))

    async def focus(self, photo: bytes, text: str, count: int = MATCHES) -> tuple[Match, ...]:
        """See `Verbs.focus`."""
        return await self._think(partial(self._engine.focus, photo, text, count))

    async def kindred(self, image: str, count: int = MATCHES) -> tuple[Match, ...]:
        """See `Verbs.kindred`."""
        return await self._look_up(partial(self._engine.kindred, image, count))

    async def why(self, photo: bytes) -> Reason:
        """See `Verbs.why`."""
        return await self._think(partial(self._engine.why, photo))

    async def word_map(self) -> bytes:
        """See `Verbs.word_map`."""
        return await self._think(self._engine.word_map)

    async def image_map(self) -> bytes:
        """See `Verbs.image_map`."""
        return await self._think(self._engine.image_map)

    async def word_points(self) -> tuple[Point, ...]:
        """See `Verbs.word_points`."""
        return await self._think(self._engine.word_points)

    async def image_points(self) -> tuple[Point, ...]:
        """See `Verbs.image_points`."""
        return await self._think(self._engine.image_points)

    async def sample(self, count: int = MATCHES) -> tuple[Match, ...]:
        """See `Verbs.sample`."""
        return await self._look_up(partial(self._engine.sample, count))

    async def picture(self, image: str) -> bytes:
        """See `Verbs.picture`."""
        return await self._look_up(partial(self._engine.picture, image))

    async def thumbnail(self, image: str, side: int) -> bytes:
        """See `Verbs.thumbnail`."""
        return await self._look_up(partial(self._engine.thumbnail, image, side))

    async def knows(self, word: str) -> bool:
        """See `Verbs.knows`."""
        return self._engine.knows(word)

    async def close(self) -> None:
        """See `Verbs.close`."""
        self._preparing.cancel()
        for executor in (self._thinker, self._clerk):
            await asyncio.to_thread(executor.shutdown, wait=True, cancel_futures=True)

    async def _think(self, question: Callable[[], Answer]) -> Answer:
        if self._asked > self._waiting:
            raise Busy
        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thinker, question)
        finally:
            self._asked -= 1

    async def _prepare(self) -> None:
        """Do what can wait, in steps, whenever nobody waits for an answer."""
        loop = asyncio.get_running_loop()
        while not self._engine.ready:
            if self._asked:
                await asyncio.sleep(IDLE)
            else:
                await loop.run_in_executor(self._thinker, self._engine.prepare)

    async def _look_up(self, question: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._clerk, question)


async def open_engine(settings: EngineSettings) -> Worker:
    """Load an engine in a thread, warm it, and put a worker before it.

    Raises:
        BrokenInstallation: see `engine.service.Engine`.
    """

    def load() -> Engine:
        engine = Engine(settings)
        engine.warm()
        return engine

    return Worker(await asyncio.to_thread(load), settings.waiting)
