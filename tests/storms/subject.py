"""The bot as `python -m bot run` starts it, but that it need not wait for Telegram's limits."""

from __future__ import annotations

import sys
from functools import partial

from bot import __main__ as command_line
from bot import run
from tests.storms.world import UNLIMITED

if __name__ == "__main__":
    run.build_application = partial(run.build_application, limits=UNLIMITED)  # type: ignore[assignment]
    sys.exit(command_line.main(["run"]))
