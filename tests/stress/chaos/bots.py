"""The bot processes of a run: how they are started, killed, and asked whether they still run."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Self

from bot.playground import Playground
from tests.ports import free_port
from tests.stress.chaos.fork_server import LOCK_TIMEOUT, LOG_FILE, RATE_FACTOR, SLOW_DISK
from tests.stress.chaos.plan import Plan

ROOT: Final = Path(__file__).resolve().parents[3]
HOME, GALLERY, LOG = "home", "gallery", "log"  # within the folder of a run
LOCK_SECONDS: Final = 1.5  # that a second process waits for the home; 30 outside the tests


class ForkServer:
    """The client of `tests.stress.chaos.fork_server`.

    Attributes:
        pid: process id of the server.
    """

    def __init__(self, pid: int, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader) -> None:
        self.pid = pid
        self._stdin, self._stdout = stdin, stdout
        self._lock = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls, prefix: Sequence[str] = ()) -> AsyncIterator[Self]:
        """Run a fork server while the block runs.

        Args:
            prefix: a command that executes the command that follows it.
        """
        pipe = asyncio.subprocess.PIPE
        command = (*prefix, sys.executable, "-m", "tests.stress.chaos.fork_server")
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, cwd=ROOT)
        if process.stdin is None or process.stdout is None:
            raise TypeError("the fork server has no pipes")
        try:
            yield cls(process.pid, process.stdin, process.stdout)
        finally:
            process.kill()
            await process.wait()

    async def start(self, environment: dict[str, str]) -> int:
        """Start a bot in an environment; return its process id."""
        return int(await self._send("start", environment))

    async def kill(self, bot: int) -> int:
        """Kill a bot by its process id; return its exit code."""
        return int(await self._send("kill", bot))

    async def poll(self, bot: int) -> int | None:
        """Return the exit code of a bot, or None while it runs."""
        code = await self._send("poll", bot)
        return None if code is None else int(code)

    async def _send(self, command: str, argument: dict[str, str] | int) -> Any:
        async with self._lock:
            self._stdin.write(json.dumps({command: argument}).encode() + b"\n")
            return json.loads(await self._stdout.readline())


class BotProcess:
    """A bot that can be started and killed: the real one as a new process, others as forks."""

    def __init__(self, environment: dict[str, str], fork_server: ForkServer) -> None:
        self.log = Path(environment[LOG_FILE])
        self._environment = environment
        self._fork_server = fork_server
        self._process: asyncio.subprocess.Process | int | None = None

    @property
    def is_started(self) -> bool:
        """Whether it was started, and not killed since."""
        return self._process is not None

    @property
    def last_line(self) -> str:
        """The last line of its log."""
        return self.log.read_text("utf-8", "replace").rstrip().rpartition("\n")[2]

    async def start(self, *, real: bool = False) -> None:
        """Start a new process."""
        if real:
            command = (sys.executable, "-m", "bot", "run")
            with self.log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    *command, env=self._environment, stdout=log, stderr=log, cwd=ROOT
                )
        else:
            self._process = await self._fork_server.start(self._environment)

    async def exit_code(self) -> int | None:
        """Return the exit code of a process that has ended by itself."""
        if isinstance(self._process, int):
            return await self._fork_server.poll(self._process)
        return self._process.returncode if self._process else None

    async def kill(self) -> int | None:
        """Kill the process, if there is one; return its exit code."""
        process, self._process = self._process, None
        if process is None:
            return None
        if isinstance(process, int):
            return await self._fork_server.kill(process)
        if process.returncode is None:
            process.kill()
        return await process.wait()


def bot_environment(playground: Playground, plan: Plan, folder: Path, log: str = LOG) -> dict[str, str]:
    """Return a bot's environment, without the host's settings of Kindred.

    Args:
        playground: the Bot API server.
        plan: the settings of the run.
        folder: holds the bot's home, its gallery and its log.
        log: name of the log.
    """
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("KINDRED_", "FLICKR8K"))
    }
    settings = {
        "KINDRED_TOKEN": playground.token,
        "KINDRED_BASE_URL": playground.base_url,
        "KINDRED_BASE_FILE_URL": playground.base_file_url,
        "KINDRED_HOME": str(folder / HOME),
        "KINDRED_GALLERY": str(folder / GALLERY),
        "KINDRED_LOG_LEVEL": "WARNING",
        LOG_FILE: str(folder / log),
        RATE_FACTOR: str(plan.rate_factor),
    }
    if plan.webhook:
        port = free_port()
        url = f"http://127.0.0.1:{port}/from-telegram"
        settings |= {"KINDRED_WEBHOOK_URL": url, "KINDRED_WEBHOOK_PORT": str(port)}
    if plan.storm == "slow disk":
        settings |= {SLOW_DISK: "1"}
    if plan.storm == "two processes":
        settings |= {LOCK_TIMEOUT: str(LOCK_SECONDS)}
    return inherited | settings
