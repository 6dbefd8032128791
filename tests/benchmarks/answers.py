"""How long answers take: `make benchmark`.

The engine's verbs, warm, with medians and spread; then the whole bot over HTTP: /help alone, and
/help while five photos are being described. Seconds depend on the machine; each figure stands beside
another of the same run.
"""

from __future__ import annotations

import asyncio
import io
import logging
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import skimage.data
from PIL import Image

from bot.app import build_application
from bot.lifetime import running
from bot.playground import Person, Playground
from bot.settings import Settings
from engine.service import Engine
from engine.verbs import MATCHES
from engine.worker import Worker

ROUNDS = 20
PHOTOS = 5
TURNS = 5
QUERIES = ("a dog running on the beach", "two boys playing football", "a man climbing a rock")


def main() -> None:
    """Print a row a figure."""
    logging.disable(logging.WARNING)
    settings = Settings.from_environment()
    photo = _photo()
    with tempfile.TemporaryDirectory() as home:
        settings = settings.model_copy(update={"home": Path(home)})
        engine = Engine(settings)
        print(f"{engine.gallery.name}, {engine.gallery.size:,} images, {settings.threads} threads")
        _row("photo: caption and 10 matches", _times(lambda: engine.describe(photo)))
        for query in QUERIES:
            _row(f"find: {query}", _times(lambda query=query: engine.find(query)))
        _row("similar: boy", _times(lambda: engine.similar("boy")))
        asyncio.run(_help(settings, engine, photo))


async def _help(settings: Settings, engine: Engine, photo: bytes) -> None:
    worker = Worker(engine, settings.waiting)
    async with Playground(0) as playground:
        here = {"base_url": playground.base_url, "base_file_url": playground.base_file_url}
        application = build_application(settings.model_copy(update=here), worker, token=playground.token)
        async with running(application, settings.grace):
            ada, bob = playground.person("Ada"), playground.person("Bob")
            await _ask_help(ada)
            _row("/help, nothing else to do", [await _ask_help(ada) for _ in range(ROUNDS)])
            others, own = [], []
            for turn in range(1, TURNS + 1):
                for _ in range(PHOTOS):
                    await bob.send_photo(photo)
                others.append(await _ask_help(ada))
                own.append(await _ask_help(bob))
                await _answered(bob, turn * (1 + PHOTOS * (1 + min(MATCHES, engine.gallery.size))))
            _row(f"/help, while {PHOTOS} photos of another person wait", others)
            _row(f"/help, while {PHOTOS} photos of one's own wait", own)
    await worker.close()


async def _ask_help(person: Person) -> float:
    begin = time.perf_counter()
    asked = await person.say("/help")
    await person.wait_for(lambda seen: seen.id > asked.id and "Send me a photo" in seen.text, timeout=30)
    return time.perf_counter() - begin


async def _answered(person: Person, count: int) -> None:
    while sum(message.from_bot for message in person.messages) < count:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0.05)


def _photo() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(skimage.data.astronaut()).resize((1280, 960)).save(buffer, "JPEG")
    return buffer.getvalue()


def _times(work: Callable[[], object]) -> list[float]:
    work()
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return times


def _row(name: str, seconds: list[float]) -> None:
    median, least, most = (1000 * f(seconds) for f in (statistics.median, min, max))
    print(f"{name:58}  median {median:6.1f} ms   {least:6.1f} to {most:6.1f}   n={len(seconds)}")


if __name__ == "__main__":
    main()
