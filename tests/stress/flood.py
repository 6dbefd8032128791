"""The flood test: how long do people wait while one chat sends many photos, or others write many words?"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
SINGLES_PER_SECOND: Final = 20  # of the 30 messages a second that Telegram takes
WRITERS: Final = 40  # one may get a message a second: they share the 20
SINGLES_ALONE: Final = 10.0  # seconds for which they write before anyone sends a photo
WORD: Final = "boy"
HEADER: Final = ("before p50", "p95", "during p50", "p95", "ratio p95")


@dataclass
class Latencies:
    """Seconds until the whole album of a photo, until the text under it, and until the answer to a word."""

    albums: list[float] = field(default_factory=list)
    texts: list[float] = field(default_factory=list)
    words: list[float] = field(default_factory=list)


@dataclass
class FloodRun:
    """A running bot and the people who write to it.

    Attributes:
        album: images of an answer to a photo.
        others: number of people who send a photo each, at once.
        rounds: how often they do.
    """

    playground: Playground
    album: int
    others: int
    rounds: int

    async def send_photos(self, name: str, latencies: Latencies) -> None:
        """Let the others send a photo each, in all rounds, and add how long they wait."""
        for turn in range(self.rounds):
            people = [self.playground.person(f"{name} {turn}, {number}") for number in range(self.others)]
            photos = (self._send_photo(person, number, latencies) for number, person in enumerate(people))
            await asyncio.gather(*photos)

    async def _send_photo(self, person: Person, number: int, latencies: Latencies) -> None:
        sent = await person.send_photo(_photo(number))
        started_at = time.monotonic()
        await person.replies(self.album, ANSWER_TIMEOUT)
        latencies.albums.append(time.monotonic() - started_at)
        await person.wait_for(lambda seen: seen.from_bot and seen.reply_to == sent.id, ANSWER_TIMEOUT)
        latencies.texts.append(time.monotonic() - started_at)

    async def flood(self, photos: int, latencies: Latencies) -> int:
        """Let one person send many photos and the others theirs; return how many of the many had a text."""
        flooder = self.playground.person("Flooder")
        for _ in range(photos):
            await flooder.send_photo(_photo(0))
        await asyncio.sleep(HEAD_START)
        await self.send_photos("Beside the flood", latencies)
        return sum(bool(seen.from_bot and seen.reply_to) for seen in flooder.messages)

    async def warm_up(self) -> None:
        """Ask the word once: its first answer takes longer."""
        await self._say(self.playground.person("First"), Latencies())

    @asynccontextmanager
    async def singles(self, latencies: Latencies) -> AsyncIterator[None]:
        """Let people write `SINGLES_PER_SECOND` words while the block runs; wait for all answers."""
        people = [self.playground.person(f"Writer {number}") for number in range(WRITERS)]
        async with asyncio.TaskGroup() as tasks:
            writing = tasks.create_task(self._write(people, tasks, latencies))
            yield
            writing.cancel()

    async def _write(self, people: list[Person], tasks: asyncio.TaskGroup, latencies: Latencies) -> None:
        for person in itertools.cycle(people):
            tasks.create_task(self._say(person, latencies))
            await asyncio.sleep(1 / SINGLES_PER_SECOND)

    async def _say(self, person: Person, latencies: Latencies) -> None:
        started_at = time.monotonic()
        sent = await person.say(WORD)
        await person.wait_for(lambda seen: seen.from_bot and seen.reply_to == sent.id, ANSWER_TIMEOUT)
        latencies.words.append(time.monotonic() - started_at)


async def flood(photos: int, others: int, rounds: int) -> list[str]:
    """Measure with the real engine and Telegram's limits; return the tables, line by line."""
    settings = Settings.from_environment()
    before, flooded, beside = Latencies(), Latencies(), Latencies()
    async with Playground() as playground, opened_engine(settings) as engine:
        with TemporaryDirectory() as folder:
            async with SQLiteStore.open(Path(folder) / "bot.sqlite3") as store:
                limits = SendLimits(settings.burst)
                application = build_bot(settings, playground, engine, store, limits=limits)
                async with running_bot(application, grace=1.0, concurrency=settings.concurrency):
                    run = FloodRun(playground, min(MATCHES, engine.gallery.size), others, rounds)
                    await run.warm_up()
                    await run.send_photos("Before", before)
                    async with run.singles(before):
                        await asyncio.sleep(SINGLES_ALONE)
                    async with run.singles(beside):
                        await run.send_photos("Beside singles", beside)
                    answered = await run.flood(photos, flooded)
    return [
        f"{others} people sent a photo each, {rounds} times; another one sent {photos} photos, of which",
        f"{answered} had a text when the last of the others had one. Seconds until an answer:",
        f"{'':<16}" + "".join(f"{name:>11}" for name in HEADER),
        row("whole album", before.albums, flooded.albums),
        row("text under it", before.texts, flooded.texts),
        f"The same beside {SINGLES_PER_SECOND} single messages a second, of {WRITERS} others:",
        row("whole album", before.albums, beside.albums),
        row("text under it", before.texts, beside.texts),
        row("single message", before.words, beside.words),
    ]


def row(name: str, before: list[float], during: list[float]) -> str:
    """Return a line of a table: percentiles of the seconds before and during something, and their ratio."""
    percentiles = [np.percentile(times, [50, 95]).tolist() for times in (before, during)]
    (first, first_p95), (second, second_p95) = percentiles
    figures = (first, first_p95, second, second_p95, second_p95 / first_p95)
    return f"{name:<16}" + "".join(f"{figure:>11.2f}" for figure in figures)


def _photo(number: int) -> bytes:
    paintings = list(PAINTINGS.values())
    return jpeg(paintings[number % len(paintings)]())
