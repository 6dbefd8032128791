"""Response times of the whole bot over HTTP: idle, and while other photos are being captioned."""

from __future__ import annotations

import asyncio
import time

from bot.app import build_application
from bot.playground import Person, Playground
from bot.settings import Settings
from bot.storage.opening import opened_store
from engine.api import MATCHES
from engine.async_engine import AsyncEngine
from engine.service import Engine
from tests.benchmarks.measure import Times
from tests.bot.harness import UNLIMITED, running_bot

PHOTOS = 5
REPETITIONS = 5


async def end_to_end_times(settings: Settings, engine: Engine, photo: bytes, rounds: int) -> Times:
    """Return the seconds until /help is answered: when idle, and behind another person's photos."""
    worker = AsyncEngine(engine, settings.waiting)
    async with Playground(0) as playground, opened_store(settings, playground.token) as store:
        here = {"base_url": playground.base_url, "base_file_url": playground.base_file_url}
        settings = settings.model_copy(update=here)
        application = build_application(settings, worker, store, token=playground.token, limits=UNLIMITED)
        async with running_bot(application):
            ada, bob = playground.person("Ada"), playground.person("Bob")
            await _time_help(ada)
            idle = [await _time_help(ada) for _ in range(rounds)]
            behind_photos = []
            for turn in range(1, REPETITIONS + 1):
                for _ in range(PHOTOS):
                    await bob.send_photo(photo)
                behind_photos.append(await _time_help(ada))
                await _wait_for_messages(bob, turn * PHOTOS * (1 + min(MATCHES, engine.gallery.size)))
    await worker.close()
    return {
        "/help, idle": idle,
        f"/help, behind {PHOTOS} photos of another person": behind_photos,
    }


async def _time_help(person: Person) -> float:
    start = time.perf_counter()
    sent = await person.say("/help")
    await person.wait_for(
        lambda message: message.id > sent.id and "Send me any photo" in message.text, timeout=30
    )
    return time.perf_counter() - start


async def _wait_for_messages(person: Person, count: int) -> None:
    while sum(message.from_bot for message in person.messages) < count:  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0.05)
