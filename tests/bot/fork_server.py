"""Python processes that begin at once: `python -m tests.bot.fork_server`.

The server has imported OpenVINO and the bot already and forks itself for each process, so that a test need
not wait for an interpreter. A process runs a module as `python -m` does, and ends as an interpreter ends.

The server reads lines of JSON: an object starts a process, a number asks how the process of that id ended.
It answers each with a line of JSON: the process id; the exit status, or null while the process runs.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).resolve().parents[2]
POLL_INTERVAL = 0.02  # seconds
PRELOADED = ("bot.check", "bot.run", "engine.async_engine", "tests.paint")


@dataclass
class Process:
    """A process that the server started.

    Attributes:
        id: the process id.
        output_file: what the process writes to stdout and stderr.
        status: the exit status, once the process was seen to have ended.
    """

    id: int
    output_file: Path
    _server: ForkServer
    status: int | None = None

    def terminate(self) -> None:
        """Send SIGTERM."""
        assert self.status is None, "it has ended: its id may be another's by now"
        os.kill(self.id, signal.SIGTERM)

    async def wait(self, timeout: float) -> int:  # noqa: ASYNC109
        """Wait until the process ends; return its exit status. Kill it after so many seconds."""
        try:
            async with asyncio.timeout(timeout):
                while self.status is None:
                    await asyncio.sleep(POLL_INTERVAL)
                    self.status = self._server.ask(self.id)
        except TimeoutError:
            os.kill(self.id, signal.SIGKILL)
            raise
        return self.status

    @property
    def output(self) -> str:
        """What the process wrote so far."""
        return self.output_file.read_text(errors="replace")


class ForkServer:
    """The tests' side of the server."""

    def __init__(self, stdin: TextIO, stdout: TextIO) -> None:
        self._stdin, self._stdout = stdin, stdout
        self._started: list[Process] = []

    @classmethod
    @contextmanager
    def run(cls) -> Iterator[ForkServer]:
        """Run a server while the block runs."""
        command = [sys.executable, "-m", "tests.bot.fork_server"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as server:
            assert server.stdin and server.stdout
            yield cls(server.stdin, server.stdout)
            server.stdin.close()  # it ends then

    def start(
        self, module: str, *arguments: str, environment: Mapping[str, str], output_file: Path
    ) -> Process:
        """Run a module; its environment is this process's without Kindred's settings, and what is given."""
        usual = {k: v for k, v in os.environ.items() if not k.startswith(("KINDRED_", "FLICKR8K"))}
        request = {
            "arguments": [module, *arguments],
            "environment": usual | {"KINDRED_FETCH": "false"} | dict(environment),
            "output_file": str(output_file),
        }
        process_id = self.ask(request)
        assert isinstance(process_id, int) and process_id > 1  # 0 would be this process's own group
        self._started.append(process := Process(process_id, output_file, self))
        return process

    def kill_all(self) -> None:
        """Kill the processes that still run."""
        for process in self._started:
            if process.status is None and self.ask(process.id) is None:
                os.kill(process.id, signal.SIGKILL)
        self._started.clear()

    def ask(self, request: object) -> Any:
        """Send a line to the server and return its answer."""
        self._stdin.write(json.dumps(request) + "\n")
        self._stdin.flush()
        return json.loads(self._stdout.readline())


def _redirect(output_file: str) -> None:
    output = os.open(output_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for old, new in ((0, os.open(os.devnull, os.O_RDONLY)), (1, output), (2, output)):
        os.dup2(new, old)


def _exit_status(process: int) -> int | None:
    ended, status = os.waitpid(process, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _serve() -> dict[str, Any]:
    """Answer requests until stdin ends; return the request only in a process that is to fulfil it."""
    for line in sys.stdin:
        request = json.loads(line)
        if isinstance(request, int):
            answer = _exit_status(request)
        elif not (answer := os.fork()):
            return request
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    sys.exit()


def _become(request: dict[str, Any]) -> None:
    """Run the module as `python -m` does."""
    _redirect(request["output_file"])
    os.environ.clear()
    os.environ.update(request["environment"])
    if action := os.environ.get("PYTHONWARNINGS"):  # which is read when an interpreter starts
        warnings.simplefilter(action)  # type: ignore[arg-type]
    sys.argv = request["arguments"]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    for name in PRELOADED:
        importlib.import_module(name)
    importlib.import_module("tests.bot.harness").warm_up()
    _become(_serve())
