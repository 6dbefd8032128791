"""Chaos with several processes of one bot on one PostgreSQL: processes and the server die, or freeze.

`tests.stress.chaos` has the people and the figures; the bot that it kills is here one of several.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psycopg
from tqdm import tqdm

from bot.playground import Playground
from bot.storage.postgres.front import LEASE
from tests.odd_files import write_small_gallery
from tests.postgres import running_server
from tests.stress.chaos.bots import GALLERY, BotProcess, ForkServer, bot_environment
from tests.stress.chaos.fork_server import LOG_FILE
from tests.stress.chaos.plan import Plan, Report
from tests.stress.chaos.run import ChaosRun

CRASHES: Final = 0.15  # share of the kills that hit the server: it ends all connections and recovers
FREEZES: Final = 0.15  # share of the kills in place of which a process stands still for longer than its lease
ANNOUNCED: Final = "PostgreSQL cannot be used"  # the line of an outage that is meant
BACKEND: Final = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"


class Fleet(BotProcess):
    """Several processes of one bot, in the place of one.

    Attributes:
        moments: What was done to them, counted.
        note_kill: Called when one is frozen.
    """

    def __init__(
        self, environments: list[dict[str, str]], fork_server: ForkServer, url: str, rng: random.Random
    ) -> None:
        super().__init__(environments[0], fork_server)
        self.moments: Counter[str] = Counter()
        self.note_kill: Callable[[], None] = lambda: None
        self._bots = [BotProcess(one, fork_server) for one in environments]
        self._url, self._rng = url, rng

    async def start(self, *, real: bool = False) -> None:
        """Start those that do not run, as a supervisor does."""
        for bot in self._bots:
            if isinstance(bot._process, int) and _has_ended(bot._process):
                self.moments["ended as the server was away"] += 1
                await bot.kill()
            if bot._process is None:
                await bot.start(real=real)

    async def kill(self) -> int | None:
        """Kill one of them, freeze it, or have the server crash."""
        bot, drawn = self._rng.choice(self._bots), self._rng.random()
        if drawn < CRASHES:
            self.moments["crashes of the server"] += 1
            await asyncio.to_thread(self._crash_server)
        elif drawn < CRASHES + FREEZES and isinstance(bot._process, int):
            self.moments["frozen processes"] += 1
            os.kill(bot._process, signal.SIGSTOP)
            self.note_kill()  # others answer what it has sent and not recorded before this kill is over
            await asyncio.sleep(1.5 * LEASE)
            os.kill(bot._process, signal.SIGCONT)
        else:
            self.moments["killed processes"] += 1
            await bot.kill()
        return -signal.SIGKILL

    async def end(self) -> None:
        """Kill all of them."""
        for bot in self._bots:
            await bot.kill()

    def _crash_server(self) -> None:
        """Kill a process of the server that serves a connection."""
        with psycopg.connect(self._url) as connection:
            backends = connection.execute(BACKEND.encode()).fetchall()
        if backends:
            os.kill(self._rng.choice(backends)[0], signal.SIGKILL)


def _has_ended(process: int) -> bool:
    """Return whether a process is a zombie: only the fork server, its parent, can ask how it ended."""
    return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z"


async def fronts(kills: int, count: int, seed: int) -> Report:
    """Run the chaos, and return its report.

    Args:
        kills: How often one is killed.
        count: The number of processes.
        seed: Of the moments.
    """
    plan, rng = Plan(kills, seed=seed), random.Random(seed)
    with TemporaryDirectory() as home, running_server() as server:
        async with Playground() as playground, ForkServer.open() as fork_server:
            write_small_gallery(Path(home) / GALLERY)
            environments = [
                _environment(playground, plan, Path(home), str(number), server.get_uri())
                for number in range(count)
            ]
            fleet = Fleet(environments, fork_server, server.get_uri(), rng)
            try:
                run = ChaosRun(plan, playground, fleet)
                fleet.note_kill = run._checker.mark_restart
                with tqdm(total=kills, desc="kills", unit="", disable=None) as progress:
                    report = await run.run(progress)
            finally:
                await fleet.end()
    report.figures |= fleet.moments
    report.failures[:] = [line for line in report.failures if ANNOUNCED not in line]
    return report


def _environment(playground: Playground, plan: Plan, home: Path, name: str, url: str) -> dict[str, str]:
    usual: dict[str, Any] = bot_environment(playground, plan, home)
    (home / name).mkdir()
    return usual | {
        "KINDRED_HOME": str(home / name), "KINDRED_DATABASE_URL": url, LOG_FILE: str(home / "log"),
    }  # fmt: skip
