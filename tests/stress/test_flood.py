"""The short form of `make flood`: it checks the order of answers and measures no time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bot.playground import Playground
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from bot.updates.dispatcher import Dispatcher
from engine.results import Description
from tests.bot.harness import TIMEOUT, ScriptedEngine, build_bot, jpeg, running_bot
from tests.paint import PAINTINGS
from tests.stress.environment import UNLIMITED

PHOTOS, OTHERS = 60, 6


class SequentialEngine(ScriptedEngine):
    """A scripted engine that describes one photo at a time, and none before it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.released = asyncio.Event()
        self._inference = asyncio.Lock()

    async def describe(self, *args: Any, **kwargs: Any) -> Description:
        await self.released.wait()
        async with self._inference:
            await asyncio.sleep(0.01)
            return await super().describe(*args, **kwargs)


async def wait_for_queue(dispatcher: Dispatcher, length: int) -> None:
    """Wait until this many updates wait for their answers."""
    async with asyncio.timeout(TIMEOUT):
        while dispatcher.waiting < length:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.01)


async def test_one_chat_with_sixty_photos_does_not_delay_the_others(tmp_path: Path) -> None:
    engine, photo = SequentialEngine(), jpeg(next(iter(PAINTINGS.values()))())
    async with Playground() as playground, SQLiteStore.open(tmp_path / "bot.sqlite3") as store:
        application = build_bot(Settings.model_construct(), playground, engine, store, limits=UNLIMITED)
        async with running_bot(application, grace=0.1) as dispatcher:
            flooder = playground.person("Flooder")
            for _ in range(PHOTOS):
                await flooder.send_photo(photo)
            await wait_for_queue(dispatcher, PHOTOS)
            others = [playground.person(f"Other {number}") for number in range(OTHERS)]
            sent = [await other.send_photo(photo) for other in others]
            await wait_for_queue(dispatcher, PHOTOS + OTHERS)
            engine.released.set()
            for other, own in zip(others, sent, strict=True):
                await other.wait_for(lambda seen, own=own: seen.reply_to == own.id, TIMEOUT)
            photos = {seen.id for seen in flooder.messages if not seen.from_bot}
            answered = {seen.reply_to for seen in flooder.messages if seen.from_bot} & photos
    assert len(answered) <= OTHERS + 2, "the others waited for the flood"
