"""Chaos with several processes of one bot on one PostgreSQL, and replicas on Ray: all of them die, or freeze.

`tests.stress.chaos` has the people and the figures; the bot that it kills is here one of several.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psycopg
from tqdm import tqdm

from bot.playground import Playground
from bot.storage.postgres.front import LEASE
from engine.cluster.connection import connected
from engine.settings import EngineSettings
from tests.odd_files import write_small_gallery
from tests.postgres import running_server
from tests.processes import REPLICA_NAME, named
from tests.stress.chaos.bots import GALLERY, BotProcess, ForkServer, bot_environment
from tests.stress.chaos.fork_server import LOG_FILE
from tests.stress.chaos.plan import Plan, Report
from tests.stress.chaos.run import ChaosRun

# What a kill hits, and how often: a process; the server, which ends all connections and recovers; a replica,
# if there are any. A process may also stand still for longer than its lease.
PROCESS, SERVER, REPLICA = "killed processes", "crashes of the server", "killed replicas"
FREEZE: Final = "frozen processes"
SHARES: Final = {PROCESS: 0.4, SERVER: 0.15, REPLICA: 0.3, FREEZE: 0.15}
RECOVERY_TIMEOUT, RECOVERY_INTERVAL = 60.0, 0.2  # seconds until a server answers again, and between two looks
ANNOUNCED: Final = "PostgreSQL cannot be used"  # the line of an outage that is meant
BACKEND: Final = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"


class Fleet(BotProcess):
    """Several processes of one bot, in the place of one.

    Attributes:
        moments: What was done to them, counted.
        note_kill: Called when one is frozen.
    """

    def __init__(
        self,
        environments: list[dict[str, str]],
        fork_server: ForkServer,
        url: str,
        rng: random.Random,
        targets: Iterator[str],
    ) -> None:
        super().__init__(environments[0], fork_server)
        self.moments: Counter[str] = Counter()
        self.note_kill: Callable[[], None] = lambda: None
        self._bots = [BotProcess(one, fork_server) for one in environments]
        self._url, self._rng, self._targets = url, rng, targets

    async def start(self, *, real: bool = False) -> None:
        """Start those that do not run, as a supervisor does."""
        for bot in self._bots:
            if isinstance(bot._process, int) and _has_ended(bot._process):
                self.moments["ended as the server was away"] += 1
                await bot.kill()
            if bot._process is None:
                await bot.start(real=real)

    async def kill(self) -> int | None:
        """Kill one of them or a replica, freeze one, or have the server crash."""
        bot, target, replicas = self._rng.choice(self._bots), next(self._targets), named(REPLICA_NAME)
        if (target == REPLICA and not replicas) or (target == FREEZE and not isinstance(bot._process, int)):
            target = PROCESS
        self.moments[target] += 1
        if target == SERVER:
            await asyncio.to_thread(self._crash_server)
        elif target == REPLICA:
            os.kill(self._rng.choice(replicas), signal.SIGKILL)
        elif target == FREEZE and isinstance(bot._process, int):
            os.kill(bot._process, signal.SIGSTOP)
            self.note_kill()  # others answer what it has sent and not recorded before this kill is over
            await asyncio.sleep(1.5 * LEASE)
            os.kill(bot._process, signal.SIGCONT)
        else:
            await bot.kill()
        return -signal.SIGKILL

    async def end(self) -> None:
        """Kill all of them."""
        for bot in self._bots:
            await bot.kill()

    def _crash_server(self) -> None:
        """Kill a process of the server that serves a connection, once it has recovered from another crash."""
        deadline = time.monotonic() + RECOVERY_TIMEOUT
        while True:
            try:
                with psycopg.connect(self._url) as connection:
                    backends = connection.execute(BACKEND.encode()).fetchall()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(RECOVERY_INTERVAL)
            else:
                break
        if backends:
            os.kill(self._rng.choice(backends)[0], signal.SIGKILL)


def _has_ended(process: int) -> bool:
    """Return whether a process is a zombie: only the fork server, its parent, can ask how it ended."""
    return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z"


@contextmanager
def own_ray(replicas: int) -> Iterator[str]:
    """Run a Ray of this machine for so many replicas while the block runs; yield its address."""
    with connected(EngineSettings(engine="ray", replicas=replicas)):
        import ray

        yield ray.get_runtime_context().gcs_address


async def fronts(
    plan: Plan, count: int, ray_address: str | None = None, targets: Iterator[str] | None = None
) -> Report:
    """Run the chaos, and return its report.

    Args:
        plan: How often one is killed, and what people do meanwhile.
        count: The number of processes.
        ray_address: Of the Ray that has the replicas; without it, each process has an engine of its own.
        targets: What the kills hit, one after the other; by default it is drawn.
    """
    rng = random.Random(plan.seed)
    names, shares = tuple(SHARES), tuple(SHARES.values())
    drawn = (rng.choices(names, shares)[0] for _ in itertools.count())
    with TemporaryDirectory() as home, running_server() as server:
        async with Playground() as playground, ForkServer.open() as fork_server:
            write_small_gallery(Path(home) / GALLERY)
            environments = [
                _environment(playground, plan, Path(home), str(number), server.get_uri(), ray_address)
                for number in range(count)
            ]
            fleet = Fleet(environments, fork_server, server.get_uri(), rng, targets or drawn)
            try:
                run = ChaosRun(plan, playground, fleet)
                fleet.note_kill = run._checker.mark_restart
                with tqdm(total=plan.rounds, desc="kills", unit="", disable=None) as progress:
                    report = await run.run(progress)
            finally:
                await fleet.end()
    report.figures |= fleet.moments
    report.failures[:] = [line for line in report.failures if ANNOUNCED not in line]
    return report


def _environment(
    playground: Playground, plan: Plan, home: Path, name: str, url: str, ray_address: str | None
) -> dict[str, str]:
    usual: dict[str, Any] = bot_environment(playground, plan, home)
    (home / name).mkdir()
    if ray_address:
        usual |= {"KINDRED_ENGINE": "ray", "KINDRED_RAY_ADDRESS": ray_address}
    return usual | {
        "KINDRED_HOME": str(home / name), "KINDRED_DATABASE_URL": url, LOG_FILE: str(home / "log"),
    }  # fmt: skip
