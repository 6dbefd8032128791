"""Replicas whose answers take no network: tests are about how they are asked."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from engine.cluster.replica import Replica
from engine.errors import BadInputError
from engine.results import GalleryInfo, WordMatch
from engine.settings import EngineSettings

DIE, COMPLAIN = "die", "complain"


class ProcessEngine:
    """Answers with its process id, and does what a test wants of one process.

    Attributes:
        version: name of the folder of its weights.
    """

    gallery, stalled_for = GalleryInfo("?", 0, ""), 0.0

    def __init__(self, version: str) -> None:
        self.version = version

    async def describe(self, photo: bytes, count: int = 10) -> int:
        """Return how many bytes arrived, and the count."""
        return len(photo) + count

    async def similar(self, word: str, count: int = 10) -> tuple[WordMatch, ...]:
        """Return the process id and the version; end the process, or complain, if that is the word."""
        if word == DIE:
            os._exit(1)
        if word == COMPLAIN:
            raise BadInputError(key="unknown-word", word="xyzzy")
        return WordMatch(str(os.getpid()), 1.0), WordMatch(self.version, 1.0)

    async def analogy(self, a: str, b: str, c: str, count: int = 10) -> tuple[WordMatch, ...]:
        """Write the process id into a new file of folder `a`, and wait for the file `b`."""
        (Path(a) / str(os.getpid())).touch()
        while not Path(b).exists():  # noqa: ASYNC110, ASYNC240 - another process writes it
            await asyncio.sleep(0.02)
        return (WordMatch(str(os.getpid()), 1.0),)

    async def picture(self, image: str) -> bytes:
        """Return many bytes, or raise as the engine does."""
        if image == "none":
            raise KeyError(image)
        return bytes(300_000)


class ScriptedReplica(Replica):
    """A replica of a `ProcessEngine`."""

    async def _open(self, settings: EngineSettings) -> Any:
        return ProcessEngine(settings.artifact.name)
