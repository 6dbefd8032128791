"""Photos a second of one process, of two, and of two replicas on Ray: `python -m tests.benchmarks.engines`.

Each is asked for a caption and the nearest images of the same photos, several at a time. Memory is the
proportional share of all its processes, idle after the photos. Single calls are measured alone.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import statistics
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bot.lifecycle import open_engine
from bot.settings import Settings
from engine.api import EngineAPI
from tests.benchmarks.memory import proportional_kilobytes
from tests.benchmarks.samples import sample_photos
from tests.processes import family

IN_FLIGHT = 8  # photos, of all processes together
WARM_UP = 8  # photos
CALLS = 200  # of two words, one after the other


class Figures(NamedTuple):
    """What one process measures.

    Attributes:
        begin: when its photos began, of the monotonic clock.
        end: when they were answered.
        word: seconds of a call for two words, the median.
        photo: seconds of a call for a photo, alone, the median.
        memory: bytes of it and its children.
    """

    begin: float
    end: float
    word: float
    photo: float
    memory: int


_all_are_ready = threading.Barrier(1)  # of the processes of a system


def _begin_together(barrier: threading.Barrier) -> None:
    global _all_are_ready  # noqa: PLW0603 - of a process that measures one system
    _all_are_ready = barrier


def measure(settings: Settings, photos: Sequence[bytes], count: int, in_flight: int) -> Figures:
    """Open an engine and measure it."""
    logging.disable(logging.WARNING)
    return asyncio.run(_measure(settings, photos, count, in_flight))


async def _measure(settings: Settings, photos: Sequence[bytes], count: int, in_flight: int) -> Figures:
    engine = await open_engine(settings)
    await _describe(engine, photos, WARM_UP, in_flight)
    await asyncio.to_thread(_all_are_ready.wait)
    begin = time.monotonic()
    await _describe(engine, photos, count, in_flight)
    end = time.monotonic()
    word = await _median(lambda: engine.word_similarity("dog", "cat"), CALLS)
    photo = await _median(lambda: engine.describe(photos[0], captions=1), len(photos))
    figures = Figures(begin, end, word, photo, 1024 * sum(map(proportional_kilobytes, family())))
    await engine.close()
    return figures


async def _describe(engine: EngineAPI, photos: Sequence[bytes], count: int, in_flight: int) -> None:
    numbers = iter(range(count))

    async def ask() -> None:
        for number in numbers:
            await engine.describe(photos[number % len(photos)], captions=1)

    await asyncio.gather(*(ask() for _ in range(in_flight)))


async def _median(call: Callable[[], Awaitable[object]], count: int) -> float:
    seconds = []
    for _ in range(count):
        begin = time.perf_counter()
        await call()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engines", description=__doc__)
    parser.add_argument("--photos", type=int, default=400, help="of each system (default: %(default)s)")
    count = parser.parse_args().photos
    print(f"{'':<24}{'photos a second':>16}{'memory, MB':>12}{'two words, ms':>15}{'one photo, ms':>15}")
    with TemporaryDirectory() as home:
        settings = Settings.from_environment().model_copy(
            update={"home": Path(home), "fetch": False, "two_stages": False, "ray_address": None}
        )
        photos = sample_photos(settings)
        systems = {
            "one process": [{"threads": 2}],
            "two processes": [{"threads": 1}, {"threads": 1}],
            "Ray, two replicas": [{"engine": "ray", "replicas": 2}],
        }
        for name, processes in systems.items():
            share = count // len(processes), IN_FLIGHT // len(processes)
            tasks = [(settings.model_copy(update=own), photos, *share) for own in processes]
            context = multiprocessing.get_context("spawn")
            start = {"initializer": _begin_together, "initargs": (context.Barrier(len(tasks)),)}
            with context.Pool(len(tasks), **start) as pool:
                figures = pool.starmap(measure, tasks, chunksize=1)
            seconds = max(one.end for one in figures) - min(one.begin for one in figures)
            memory = sum(one.memory for one in figures) / 2**20
            word = 1000 * statistics.mean(one.word for one in figures)
            photo = 1000 * statistics.mean(one.photo for one in figures)
            print(f"{name:<24}{count / seconds:>16.1f}{memory:>12,.0f}{word:>15.2f}{photo:>15.1f}")


if __name__ == "__main__":
    main()
