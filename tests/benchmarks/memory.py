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
    with _sampled(lambda: proportional_kilobytes("self")) as peak:
        yield peak


@contextmanager
def peak_of_others(pid: int) -> Iterator[Callable[[], float]]:
    """Provide a function that returns the MB by which a process and its children grew at most."""

    def total() -> int:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sum(proportional_kilobytes(one) for one in [str(pid), *children])

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


def proportional_kilobytes(process: int | str) -> int:
    """Return the memory of a process, of shared pages its share; 0 if it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
