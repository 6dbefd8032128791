"""What an answer costs in each database: `python -m tests.benchmarks.storage`.

One update at a time: stored, assigned, attempted, its message entered for the limits, recorded, marked
as answered. PostgreSQL runs on this machine.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.sending.shared_limits import SharedLimits
from bot.sending.sliding_window import SendLimits
from bot.storage.inbox import Inbox
from bot.storage.postgres.opening import opened_postgres
from tests.postgres import running_server

UPDATES = 300
UNLIMITED = SendLimits(10_000, 10_000, 10_000)
STEPS = ("store and assign", "attempt", "limits", "record", "mark")

Times = dict[str, list[float]]


async def measure(inbox: Inbox, limits: SharedLimits | None) -> Times:
    """Return the seconds of each step."""
    seconds: Times = defaultdict(list)
    assigned = inbox.assigned(lambda: 0.0)
    for number in range(1, UPDATES + 1):
        chat = {"id": number % 20 + 1}
        points = [time.perf_counter()]
        if not await inbox.add([{"update_id": number, "message": {"text": "a dog running", "chat": chat}}]):
            await anext(assigned)
        points.append(time.perf_counter())
        await inbox.start_attempt(number)
        points.append(time.perf_counter())
        if limits:
            async with limits.counted(number % 20 + 1, 1):
                pass
        points.append(time.perf_counter())
        await inbox.record_reply(number, "sendMessage", {"message_id": number, "text": "Boy: girl"})
        points.append(time.perf_counter())
        await inbox.mark_answered([number])
        points.append(time.perf_counter())
        for step, begin, end in zip(STEPS, points, points[1:], strict=False):
            seconds[step].append(end - begin)
    return seconds


async def main() -> None:
    """Print a table: milliseconds, the median and the 95th percentile."""
    with TemporaryDirectory() as folder:
        async with Inbox.open(Path(folder) / "inbox.sqlite3") as inbox:
            sqlite = await measure(inbox, None)
    with running_server() as server:
        async with opened_postgres(server.get_uri(), "1") as storage:
            postgres = await measure(storage.inbox, SharedLimits(UNLIMITED, storage.send_log))
    print(f"{'ms: median (95 %)':<20}{'SQLite':>16}{'PostgreSQL':>16}")
    for step in STEPS:
        print(f"{step:<20}{_cell(sqlite[step]):>16}{_cell(postgres[step]):>16}")
    whole = ([sum(one) for one in zip(*times.values(), strict=True)] for times in (sqlite, postgres))
    print(f"{'all of them':<20}" + "".join(f"{_cell(seconds):>16}" for seconds in whole))


def _cell(seconds: list[float]) -> str:
    return f"{1e3 * statistics.median(seconds):.1f} ({1e3 * statistics.quantiles(seconds, n=20)[-1]:.1f})"


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
