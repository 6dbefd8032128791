"""The flood test: one chat sends two hundred photos; how long do others wait for the answer to one?"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from bot.lifecycle import opened_engine
from bot.playground import Person, Playground
from bot.sending.sliding_window import SendLimits
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from engine.api import MATCHES
from tests.bot.harness import build_bot, jpeg, running_bot
from tests.paint import PAINTINGS

ANSWER_TIMEOUT: Final = 600.0  # seconds
HEAD_START: Final = 2.0  # seconds from the flood to the others' photos


@dataclass
class Latencies:
    """Seconds until an answer, without the flood and during it."""

    before: list[float] = field(default_factory=list)
    during: list[float] = field(default_factory=list)

    def row(self, name: str) -> str:
        """Return a line of the table."""
        percentiles = [np.percentile(times, [50, 95]).tolist() for times in (self.before, self.during)]
        (before, before_p95), (during, during_p95) = percentiles
        figures = (before, before_p95, during, during_p95, during_p95 / before_p95)
        return f"{name:<16}" + "".join(f"{figure:>11.2f}" for figure in figures)


async def flood(photos: int, others: int, rounds: int) -> list[str]:
    """Measure with the real engine and Telegram's limits; return the table, line by line."""
    settings = Settings.from_environment()
    texts, albums = Latencies(), Latencies()
    async with Playground() as playground, opened_engine(settings) as engine:
        with TemporaryDirectory() as folder:
            async with SQLiteStore.open(Path(folder) / "bot.sqlite3") as store:
                limits = SendLimits(settings.burst)
                application = build_bot(settings, playground, engine, store, limits=limits)
                album = min(MATCHES, engine.gallery.size)
                async with running_bot(application, grace=1.0, concurrency=settings.concurrency):
                    for turn in range(rounds):
                        people = [playground.person(f"Before {turn}, {n}") for n in range(others)]
                        await _measure(people, album, texts.before, albums.before)
                    flooder = playground.person("Flooder")
                    for _ in range(photos):
                        await flooder.send_photo(_photo(0))
                    await asyncio.sleep(HEAD_START)
                    for turn in range(rounds):
                        people = [playground.person(f"During {turn}, {n}") for n in range(others)]
                        await _measure(people, album, texts.during, albums.during)
                    answered = sum(bool(seen.from_bot and seen.reply_to) for seen in flooder.messages)
    header = ("before p50", "p95", "during p50", "p95", "ratio p95")
    return [
        f"{others} people sent a photo each, {rounds} times; another one sent {photos} photos, of which",
        f"{answered} had a text when the last of the others had one. Seconds until an answer:",
        f"{'':<16}" + "".join(f"{name:>11}" for name in header),
        albums.row("whole album"),
        texts.row("text under it"),
    ]


async def _measure(people: list[Person], album: int, texts: list[float], albums: list[float]) -> None:
    """Let all people send a photo at once, and add the seconds until the album and the text under it."""

    async def send(number: int, person: Person) -> None:
        sent = await person.send_photo(_photo(number))
        started_at = time.monotonic()
        await person.replies(album, ANSWER_TIMEOUT)
        albums.append(time.monotonic() - started_at)
        await person.wait_for(lambda seen: seen.from_bot and seen.reply_to == sent.id, ANSWER_TIMEOUT)
        texts.append(time.monotonic() - started_at)

    await asyncio.gather(*(send(number, person) for number, person in enumerate(people)))


def _photo(number: int) -> bytes:
    paintings = list(PAINTINGS.values())
    return jpeg(paintings[number % len(paintings)]())
