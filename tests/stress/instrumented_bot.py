"""The bot as `python -m bot run` starts it, without Telegram's limits and with two more metrics.

The metrics count the memory that is in use: what an allocator keeps in reserve moves without a leak.
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

MALLINFO_FIELDS: Final = (
    "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
)  # fmt: skip


class MallInfo(ctypes.Structure):
    """Memory statistics of glibc: mallinfo(3)."""

    _fields_ = [(name, ctypes.c_size_t) for name in MALLINFO_FIELDS]


class MemoryMetrics(Metrics):
    """The bot's metrics, and the memory that is in use."""

    def __init__(self) -> None:
        super().__init__()
        library = ctypes.CDLL(None)
        library.mallinfo2.restype = MallInfo

        def bytes_in_use() -> int:
            info = library.mallinfo2()
            return info.uordblks + info.hblkhd

        gauges = {"kindred_bytes_in_use": bytes_in_use, "kindred_objects": sys.getallocatedblocks}
        for name, measure in gauges.items():
            Gauge(name, "For the soak test.", registry=self._registry).set_function(measure)


if __name__ == "__main__":
    run.Metrics = MemoryMetrics  # type: ignore[misc]
    run.build_application = partial(run.build_application, limits=UNLIMITED)
    sys.exit(command_line.main(["run"]))
