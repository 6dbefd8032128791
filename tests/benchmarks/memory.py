"""Peak memory of this process, and of a server's processes, while a block runs. Linux only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

INTERVAL = 2.0  # seconds between two looks, which stop a large process for a moment


@contextmanager
def peak_of_this() -> Iterator[Callable[[], float]]:
    """Provide a function that returns the MB by which this process grew at most."""
    with _sampled(lambda: _kilobytes(Path("/proc/self/smaps_rollup"))) as peak:
        yield peak


@contextmanager
def peak_of_others(pid: int) -> Iterator[Callable[[], float]]:
    """Provide a function that returns the MB by which a process and its children grew at most."""

    def total() -> int:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sum(_kilobytes(Path(f"/proc/{one}/smaps_rollup")) for one in [str(pid), *children])

    with _sampled(total) as peak:
        yield peak


@contextmanager
def _sampled(look: Callable[[], int]) -> Iterator[Callable[[], float]]:
    before, peak, is_over = look(), [0], threading.Event()

    def watch() -> None:
        while not is_over.wait(INTERVAL):
            peak[0] = max(peak[0], look())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield lambda: max(0, peak[0] - before) / 1024
    finally:
        peak[0] = max(peak[0], look())
        is_over.set()
        thread.join()


def _kilobytes(rollup: Path) -> int:
    """Return the proportional set size of a process; 0 if it has ended."""
    with suppress(OSError):
        for line in rollup.read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
