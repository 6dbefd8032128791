"""A fork server: it starts and kills bot processes without importing everything again.

The protocol is one line of JSON on stdin and one on stdout: {"start": environment} returns a process id,
{"kill": process id} sends SIGKILL and returns the exit code, and {"poll": process id} returns the exit code,
or null while the process runs.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any, Final

GALLERY_SIZE: Final = 8  # photos that can be shown, of `tests.odd_files.write_small_gallery`
LOG_FILE: Final = "STRESS_LOG_FILE"  # environment variable: the file that takes stdout and stderr
RATE_FACTOR: Final = "STRESS_RATE_FACTOR"  # environment variable: divides Telegram's seconds and minutes
SLOW_DISK: Final = "STRESS_SLOW_DISK"  # environment variable: "1" if SQLite's writes take long
LOCK_TIMEOUT: Final = "STRESS_LOCK_TIMEOUT"  # environment variable: seconds to wait for KINDRED_HOME's lock

_exit_codes: dict[int, int] = {}  # of processes that have ended by themselves


def _start(environment: dict[str, str]) -> int:
    from tests.bot import harness
    from tests.stress.chaos import forked_bot

    harness.warm_up()
    if environment.get("KINDRED_ENGINE") == "ray":
        import ray.serve  # noqa: F401 - once, not in every process

    if bot := os.fork():
        return bot
    try:
        log = os.open(environment[LOG_FILE], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for old, new in ((0, os.open(os.devnull, os.O_RDONLY)), (1, log), (2, log)):
            os.dup2(new, old)
        os.environ.clear()
        os.environ.update(environment)
        os._exit(forked_bot.run_bot())
    finally:
        os._exit(os.EX_SOFTWARE)


def _kill(bot: int) -> int:
    if bot in _exit_codes:
        return _exit_codes.pop(bot)
    os.kill(bot, signal.SIGKILL)
    _, status = os.waitpid(bot, 0)
    return os.waitstatus_to_exitcode(status)


def _poll(bot: int) -> int | None:
    if bot not in _exit_codes:
        ended, status = os.waitpid(bot, os.WNOHANG)
        if ended:
            _exit_codes[bot] = os.waitstatus_to_exitcode(status)
    return _exit_codes.get(bot)


def _answer(command: str, argument: Any) -> int | None:
    return {"start": _start, "kill": _kill, "poll": _poll}[command](argument)


if __name__ == "__main__":
    for line in sys.stdin:
        ((name, value),) = json.loads(line).items()
        sys.stdout.write(f"{json.dumps(_answer(name, value))}\n")
        sys.stdout.flush()
