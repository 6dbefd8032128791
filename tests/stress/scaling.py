"""Replicas on Ray that come while many requests wait, and go when they are not needed any more."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bot.lifecycle import open_engine
from bot.settings import Settings
from engine.api import EngineAPI
from engine.cluster.deployment import DOWNSCALE_DELAY, replica_status
from engine.errors import EngineError
from tests.benchmarks.samples import sample_photos
from tests.processes import REPLICA_NAME, named
from tests.stress.indexing import StressReport

LOOK_INTERVAL: Final = 1.0  # seconds between two looks at the replicas
MEASURED: Final = 40.0  # seconds in which photos are counted, of one replica and of all
MORE_TIMEOUT, LESS_TIMEOUT = 300.0, DOWNSCALE_DELAY + 300.0  # seconds to wait for replicas


def scaling(replicas: int, in_flight: int) -> StressReport:
    """Ask one replica for more than it can answer, until there are more, and stop until they are gone.

    Args:
        replicas: that there may be; it begins with one.
        in_flight: photos that are under way at any time.
    """
    logging.disable(logging.WARNING)
    with TemporaryDirectory() as home:
        own = {"home": Path(home), "fetch": False, "two_stages": False, "engine": "ray", "ray_address": None}
        settings = Settings.from_environment().model_copy(
            update=own | {"replicas": 1, "max_replicas": replicas}
        )
        return asyncio.run(_scaling(settings, replicas, in_flight))


async def _scaling(settings: Settings, replicas: int, in_flight: int) -> StressReport:
    report, photos = StressReport(), sample_photos(settings)
    engine = await open_engine(settings)
    try:
        load = Load(engine, photos, in_flight)
        await _wait_for(replicas, MORE_TIMEOUT, report)
        report.figures[f"seconds of load until {replicas} answer"] = f"{load.seconds:.0f}"
        report.figures["photos a second until then"] = f"{load.answered / load.seconds:.1f}"
        before, since = load.answered, load.seconds
        await asyncio.sleep(MEASURED)
        rate = (load.answered - before) / (load.seconds - since)
        report.figures[f"photos a second of {replicas}"] = f"{rate:.1f}"
        await load.stop()
        ended = time.monotonic()
        await _wait_for(1, LESS_TIMEOUT, report)
        report.figures["seconds without load until one is left"] = f"{time.monotonic() - ended:.0f}"
        report.figures["processes of replicas at the end"] = str(len(named(REPLICA_NAME)))
        await engine.describe(photos[0], captions=1)
        report.figures["photos answered"] = f"{load.answered:,}"
        report.failures += load.failures
    finally:
        await engine.close()
    return report


async def _wait_for(replicas: int, longest: float, report: StressReport) -> None:
    """Wait until exactly so many replicas answer; report it if they do not in time."""
    deadline = time.monotonic() + longest
    while (status := await asyncio.to_thread(replica_status)) is None or status[:2] != (replicas, replicas):
        if time.monotonic() > deadline:
            report.failures.append(f"{status} after {longest:.0f} s, and not {replicas}")
            return
        await asyncio.sleep(LOOK_INTERVAL)


class Load:
    """Photos that are sent, one after the other of several at a time, until `stop`.

    Attributes:
        answered: how many were.
        failures: what was answered instead.
    """

    def __init__(self, engine: EngineAPI, photos: Sequence[bytes], in_flight: int) -> None:
        """Begin."""
        self.answered, self.failures = 0, list[str]()
        self._engine, self._photos, self._begun, self._stopped = engine, photos, time.monotonic(), False
        self._tasks = [asyncio.create_task(self._send(number)) for number in range(in_flight)]

    @property
    def seconds(self) -> float:
        """Since when photos are sent."""
        return time.monotonic() - self._begun

    async def stop(self) -> None:
        """Send no more, and wait for the answers."""
        self._stopped = True
        await asyncio.gather(*self._tasks)

    async def _send(self, number: int) -> None:
        while not self._stopped:
            try:
                await self._engine.describe(self._photos[number % len(self._photos)], captions=1)
            except EngineError as error:
                self.failures.append(f"a photo was answered by {error!r}")
            else:
                self.answered += 1
            number += 1
