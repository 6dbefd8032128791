"""The short form of `make flood`: who is answered when, by order and not by the clock."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bot.playground import Playground
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from engine.results import Description
from tests.bot.harness import TIMEOUT, ScriptedEngine, build_bot, jpeg, running_bot
from tests.paint import PAINTINGS
from tests.stress.environment import UNLIMITED

PHOTOS, OTHERS = 60, 6


class OneByOne(ScriptedEngine):
    """Thinks about one photo at a time, and not at all before it is let to."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self._thread = asyncio.Lock()

    async def describe(self, *photo: Any, **more: Any) -> Description:
        await self.go.wait()
        async with self._thread:
            await asyncio.sleep(0.01)
            return await super().describe(*photo, **more)


async def test_who_sends_sixty_photos_gets_hardly_one_before_each_of_the_others_has_theirs(
    tmp_path: Path,
) -> None:
    engine, photo = OneByOne(), jpeg(next(iter(PAINTINGS.values()))())
    async with Playground() as playground, SQLiteStore.open(tmp_path / "bot.sqlite3") as store:
        application = build_bot(Settings.model_construct(), playground, engine, store, limits=UNLIMITED)
        async with running_bot(application, grace=0.1) as order:
            mob = playground.person("Mob")
            for _ in range(PHOTOS):
                await mob.send_photo(photo)
            async with asyncio.timeout(TIMEOUT):
                while order.waiting < PHOTOS:  # noqa: ASYNC110 - no event tells
                    await asyncio.sleep(0.01)
            others = [playground.person(f"Other {number}") for number in range(OTHERS)]
            sent = [await other.send_photo(photo) for other in others]
            async with asyncio.timeout(TIMEOUT):
                while order.waiting < PHOTOS + OTHERS:  # noqa: ASYNC110 - no event tells
                    await asyncio.sleep(0.01)
            engine.go.set()
            for other, own in zip(others, sent, strict=True):
                await other.wait_for(lambda seen, own=own: seen.reply_to == own.id, TIMEOUT)
            questions = {seen.id for seen in mob.messages if not seen.from_bot}
            answered = {seen.reply_to for seen in mob.messages if seen.from_bot} & questions
    assert len(answered) <= OTHERS + 2, "the crowd waited for the flood"
