"""Bots to be killed: all of `python -m bot run` but its engine, begun in a moment.

`python -m tests.stress.fork_server` has imported everything already, and forks itself for each bot. It reads
lines of JSON: an environment begins a bot, the number of one ends it with SIGKILL. Each is answered in a
line: with the number of the bot, its process id, or with how it ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bot import run
from bot.__main__ import main
from bot.settings import Settings
from engine.api import CAPTIONS, MATCHES, EngineAPI
from engine.results import Description
from tests.bot.harness import ScriptedEngine

GALLERY: Final = 8  # photos: as many as the real bot has without a gallery, so that answers look alike
LOG: Final = "STORM_LOG"  # the variable that names a file
THOUGHT: Final = 0.05  # seconds: about what the real engine takes for a photo


class Unhurried(ScriptedEngine):
    """Takes a moment for each photo, as the real engine does: some are killed in it."""

    def __init__(self) -> None:
        super().__init__()
        self.matches = self.matches[:GALLERY]
        self._thinking = asyncio.Lock()

    async def describe(self, photo: bytes, count: int = MATCHES, captions: int = CAPTIONS) -> Description:
        async with self._thinking:
            await asyncio.sleep(THOUGHT)
        return await super().describe(photo, count, captions)


@asynccontextmanager
async def _opened_engine(_: Settings) -> AsyncIterator[EngineAPI]:
    yield Unhurried()


def _begin(environment: dict[str, str]) -> int:
    if bot := os.fork():
        return bot
    try:
        log = os.open(environment[LOG], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for old, new in ((0, os.open(os.devnull, os.O_RDONLY)), (1, log), (2, log)):
            os.dup2(new, old)
        os.environ.clear()
        os.environ.update(environment)
        run.opened_engine = _opened_engine
        os._exit(main(["run"]))
    finally:
        os._exit(os.EX_SOFTWARE)


def _end(bot: int) -> int:
    os.kill(bot, signal.SIGKILL)
    _, status = os.waitpid(bot, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.write(f"{_end(asked) if isinstance(asked, int) else _begin(asked)}\n")
        sys.stdout.flush()
