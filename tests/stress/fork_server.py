"""A fork server: it starts and kills bot processes without importing everything again.

The protocol is one line of JSON on stdin and one line on stdout: an environment starts a bot and returns its
process id; a process id kills that bot with SIGKILL and returns its exit code.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Final

GALLERY_SIZE: Final = 8  # photos that can be shown, of `tests.odd_files.write_small_gallery`
LOG_FILE: Final = "STRESS_LOG_FILE"  # environment variable: the file that takes stdout and stderr
RATE_FACTOR: Final = "STRESS_RATE_FACTOR"  # environment variable: divides Telegram's seconds and minutes


def _start(environment: dict[str, str]) -> int:
    from tests.stress import forked_bot

    if bot := os.fork():
        return bot
    try:
        log = os.open(environment[LOG_FILE], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for old, new in ((0, os.open(os.devnull, os.O_RDONLY)), (1, log), (2, log)):
            os.dup2(new, old)
        os.environ.clear()
        os.environ.update(environment)
        os._exit(forked_bot.run_bot(int(environment[RATE_FACTOR])))
    finally:
        os._exit(os.EX_SOFTWARE)


def _kill(bot: int) -> int:
    os.kill(bot, signal.SIGKILL)
    _, status = os.waitpid(bot, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    for line in sys.stdin:
        command = json.loads(line)
        sys.stdout.write(f"{_kill(command) if isinstance(command, int) else _start(command)}\n")
        sys.stdout.flush()
