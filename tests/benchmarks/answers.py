"""How long answers take through the whole bot, over HTTP: alone, and while photos are being described."""

from __future__ import annotations

import asyncio
import time

from bot.app import build_application
from bot.lifecycle import opened_store
from bot.playground import Person, Playground
from bot.settings import Settings
from engine.api import MATCHES
from engine.async_engine import AsyncEngine
from engine.service import Engine
from tests.benchmarks.measure import Times
from tests.bot.harness import FAST, running

PHOTOS = 5
TURNS = 5


async def through_the_bot(settings: Settings, engine: Engine, photo: bytes, rounds: int) -> Times:
    """Seconds until /help is answered: nothing else to do, and beside another's photos."""
    worker = AsyncEngine(engine, settings.waiting)
    async with Playground(0) as playground, opened_store(settings, playground.token) as store:
        here = {"base_url": playground.base_url, "base_file_url": playground.base_file_url}
        settings = settings.model_copy(update=here)
        application = build_application(settings, worker, store, token=playground.token, limits=FAST)
        async with running(application):
            ada, bob = playground.person("Ada"), playground.person("Bob")
            await _ask_help(ada)
            alone = [await _ask_help(ada) for _ in range(rounds)]
            others = []
            for turn in range(1, TURNS + 1):
                for _ in range(PHOTOS):
                    await bob.send_photo(photo)
                others.append(await _ask_help(ada))
                await _answered(bob, turn * PHOTOS * (1 + min(MATCHES, engine.gallery.size)))
    await worker.close()
    return {
        "/help, nothing else to do": alone,
        f"/help, while {PHOTOS} photos of another person wait": others,
    }


async def _ask_help(person: Person) -> float:
    begin = time.perf_counter()
    asked = await person.say("/help")
    await person.wait_for(lambda seen: seen.id > asked.id and "Send me a photo" in seen.text, timeout=30)
    return time.perf_counter() - begin


async def _answered(person: Person, count: int) -> None:
    while sum(message.from_bot for message in person.messages) < count:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0.05)
