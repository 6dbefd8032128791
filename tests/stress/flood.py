"""One chat sends two hundred photos: how long do others wait for the answer to their one?"""

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

PATIENCE: Final = 600.0  # seconds
HEAD_START: Final = 2.0  # seconds before others join in


@dataclass
class Times:
    """Seconds until something was there, alone and during the flood."""

    alone: list[float] = field(default_factory=list)
    during: list[float] = field(default_factory=list)

    def row(self, name: str) -> str:
        """A line of the table."""
        cells = [np.percentile(times, [50, 95]).tolist() for times in (self.alone, self.during)]
        (alone, alone_p95), (during, during_p95) = cells
        figures = (alone, alone_p95, during, during_p95, during_p95 / alone_p95)
        return f"{name:<16}" + "".join(f"{figure:>10.2f}" for figure in figures)


async def flood(photos: int, others: int, rounds: int) -> list[str]:
    """Measure, with the real engine and Telegram's limits; give the table, line by line."""
    settings = Settings.from_environment()
    words, answers = Times(), Times()
    async with Playground() as playground, opened_engine(settings) as engine:
        with TemporaryDirectory() as folder:
            async with SQLiteStore.open(Path(folder) / "bot.sqlite3") as store:
                limits = SendLimits(settings.burst)
                application = build_bot(settings, playground, engine, store, limits=limits)
                album = min(MATCHES, engine.gallery.size)
                async with running_bot(application, grace=1.0, concurrency=settings.concurrency):
                    for turn in range(rounds):
                        people = [playground.person(f"Before {turn}, {n}") for n in range(others)]
                        await _measure(people, album, words.alone, answers.alone)
                    mob = playground.person("Mob")
                    for _ in range(photos):
                        await mob.send_photo(_photo(0))
                    await asyncio.sleep(HEAD_START)
                    for turn in range(rounds):
                        people = [playground.person(f"Meanwhile {turn}, {n}") for n in range(others)]
                        await _measure(people, album, words.during, answers.during)
                    got = sum(bool(seen.from_bot and seen.reply_to) for seen in mob.messages)
    head = ("alone p50", "p95", "flood p50", "p95", "ratio p95")
    return [
        f"{others} people with a photo each, {rounds} times; {photos} photos of one other person, of which",
        f"{got} were answered with words when the last of the others had everything. Seconds:",
        f"{'':<16}" + "".join(f"{name:>10}" for name in head),
        words.row("first words"),
        answers.row("all photos"),
    ]


async def _measure(people: list[Person], album: int, words: list[float], answers: list[float]) -> None:
    """Let people send a photo each, all at once."""

    async def ask(number: int, person: Person) -> None:
        sent = await person.send_photo(_photo(number))
        begun = time.monotonic()
        await person.wait_for(lambda seen: seen.from_bot and seen.reply_to == sent.id, PATIENCE)
        words.append(time.monotonic() - begun)
        await person.replies(1 + album, PATIENCE)
        answers.append(time.monotonic() - begun)

    await asyncio.gather(*(ask(number, person) for number, person in enumerate(people)))


def _photo(number: int) -> bytes:
    paintings = list(PAINTINGS.values())
    return jpeg(paintings[number % len(paintings)]())
