"""Programs that run with another checkout's engine, and are asked line by line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

# A gallery that a build lacks is not fetched beside what is measured.
ENVIRONMENT = {"KINDRED_FETCH": "false"}


class RunningProgram(NamedTuple):
    """A program in a process of its own: its id, and what gives it a line and returns its answer."""

    pid: int
    ask: Callable[[str], str]


@contextmanager
def running_program(
    checkout: Path, program: Path | str, given: Mapping[str, object]
) -> Iterator[RunningProgram]:
    """Run a program with a checkout's engine as long as the block runs; it ends when its input does.

    Args:
        checkout: its folder.
        program: the file, which writes a line as soon as it is ready.
        given: its argument, as JSON.

    Raises:
        RuntimeError: it ends before it has answered.
    """
    with subprocess.Popen(
        [python_of(checkout), program, json.dumps(given)],
        cwd=checkout,
        env=environment_of(checkout),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        requests, answers = process.stdin, process.stdout
        assert requests
        assert answers

        def read() -> str:
            if not (line := answers.readline()):
                raise RuntimeError("the build has ended: its error is above")
            return line

        def ask(line: str) -> str:
            print(line, file=requests, flush=True)
            return read()

        read()  # it is ready
        yield RunningProgram(process.pid, ask)


def python_of(checkout: Path) -> Path:
    """Return the interpreter of a checkout's environment, or else this one."""
    own = checkout / ".venv" / "bin" / "python"
    return own if own.exists() else Path(sys.executable)


def environment_of(checkout: Path) -> dict[str, str]:
    """Return the environment of a process that imports a checkout's packages."""
    return os.environ | ENVIRONMENT | {"PYTHONPATH": str(checkout)}
