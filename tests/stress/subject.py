"""The bot as `python -m bot run` starts it, but that it need not wait for Telegram's limits.

It also tells what of its memory is in use: what an allocator keeps in reserve moves without a leak.
"""

from __future__ import annotations

import ctypes
import sys
from functools import partial
from typing import Final

from prometheus_client import Gauge

from bot import __main__ as command_line
from bot import run
from bot.metrics import Metrics
from tests.stress.environment import UNLIMITED

FIELDS: Final = (
    "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
)  # fmt: skip


class MallInfo(ctypes.Structure):
    """What glibc says of its memory (mallinfo(3))."""

    _fields_ = [(name, ctypes.c_size_t) for name in FIELDS]


class Watched(Metrics):
    """The bot's figures, and how much of its memory is in use."""

    def __init__(self) -> None:
        super().__init__()
        library = ctypes.CDLL(None)
        library.mallinfo2.restype = MallInfo

        def in_use() -> int:
            said = library.mallinfo2()
            return said.uordblks + said.hblkhd

        figures = {"kindred_bytes_in_use": in_use, "kindred_objects": sys.getallocatedblocks}
        for name, figure in figures.items():
            Gauge(name, "For the soak.", registry=self._registry).set_function(figure)


if __name__ == "__main__":
    run.Metrics = Watched  # type: ignore[misc]
    run.build_application = partial(run.build_application, limits=UNLIMITED)
    sys.exit(command_line.main(["run"]))
