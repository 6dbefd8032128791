"""The soak test: an hour's requests for the real bot, back to back. Does it leak memory or anything else?

The bot is `python -m bot run` in a process of its own with the real engine and without Telegram's limits
(`tests.stress.instrumented_bot`); this process holds the users and the playground. Only idle time is left
out: the bot gets as many requests as the machine can bear.

**What counts as a leak.** A server gives the bot 4 GB (README), of which it takes one, and it should run for
a month between two restarts, with `REQUESTS_A_MONTH`. So the memory in use, compared while the bot is idle
before and after, may grow by `MAX_GROWTH` for each thousand requests, plus `CACHES`: OpenVINO's caches grow
with the image sizes that come, and those of users are bounded. The memory that the system reports may grow by
`MAX_DRIFT`: an allocator keeps its peak, in pieces. File descriptors, threads and tasks are compared while
idle, too: only a few open connections may be left over.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import httpx
import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from bot.playground import Playground
from engine.service import Engine
from engine.settings import EngineSettings
from tests.ports import free_port
from tests.stress.load_generator import LoadGenerator

OUT: Final = Path("out")
WORKERS: Final = 12  # users at a time
WARM_UP: Final = 600  # requests before the first comparison: of each kind and image size
SAMPLE_INTERVAL: Final = 1.0  # seconds
IDLE_SECONDS: Final = 10.0  # after which idle connections are closed
START_TIMEOUT: Final = 300.0  # seconds: loading takes a while
FREE_MEMORY: Final = 3_000.0  # megabytes of a server's four that the bot does not take at first
REQUESTS_A_MONTH: Final = 3_000  # thousands: 4,000 requests an hour, day and night
MAX_GROWTH: Final = FREE_MEMORY / REQUESTS_A_MONTH  # megabytes for each thousand requests
CACHES: Final = 10.0  # megabytes
MAX_DRIFT: Final = 0.10  # of the memory at first
MAX_OBJECT_GROWTH: Final = 10.0  # thousands for each thousand requests: a megabyte
CACHED_OBJECTS: Final = 30.0  # thousands: what caches hold of a thousand users
MAX_LEFT_OVER: Final = {"files": 12, "threads": 4, "tasks": 4}
TITLES: Final = {
    "resident": "resident memory, MB",
    "private": "  private, MB",
    "in_use": "    in use, MB",
    "objects": "thousands of objects",
    "decoders": "photo decoders, MB",
}
PASSED_SETTINGS: Final = frozenset({"KINDRED_GALLERY", "KINDRED_ARTIFACT", "KINDRED_THREADS"})


@dataclass(frozen=True)
class Sample:
    """The bot's resources at one moment; memory in megabytes.

    Attributes:
        seconds: time since the start.
        requests: number of requests so far.
        resident: all pages in memory.
        private: those that are not of a file, which the system can drop and read again.
        in_use: what malloc has handed out.
        objects: blocks of Python's allocator, in thousands.
        decoders: memory of the processes that decode photos.
        files: number of open file descriptors.
        threads: number of threads.
        tasks: number of asyncio tasks.
    """

    seconds: float
    requests: int
    resident: float
    private: float
    in_use: float
    objects: float
    decoders: float
    files: int
    threads: int
    tasks: int


class BotMonitor:
    """Takes samples of the bot's process from outside."""

    def __init__(self, process: asyncio.subprocess.Process, address: str, key: str) -> None:
        self.process = process
        self.waiting = 0
        self.samples: list[Sample] = []
        self._started_at = time.monotonic()
        self._web = httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {key}"})

    async def sample(self, requests: int) -> Sample:
        """Take a sample after this number of requests."""
        metrics = await self._read_metrics()
        self.waiting = int(metrics["kindred_updates_waiting"])
        root = Path("/proc") / str(self.process.pid)
        status = _status(root)
        sample = Sample(
            time.monotonic() - self._started_at,
            requests,
            status["VmRSS"] / 1024,
            (status["RssAnon"] + status["RssShmem"]) / 1024,
            metrics["kindred_bytes_in_use"] / 2**20,
            metrics["kindred_objects"] / 1_000,
            sum(_status(Path("/proc") / child).get("VmRSS", 0) for child in _children(root)) / 1024,
            sum(1 for _ in (root / "fd").iterdir()),
            status["Threads"],
            int(metrics["kindred_tasks"]),
        )
        self.samples.append(sample)
        return sample

    async def _read_metrics(self) -> dict[str, float]:
        text = (await self._web.get("/metrics")).raise_for_status().text
        families = text_string_to_metric_families(text)
        return {sample.name: sample.value for family in families for sample in family.samples}

    async def close(self) -> None:
        """Close the connection."""
        await self._web.aclose()


async def soak(minutes: float, seed: int) -> tuple[list[str], bool]:
    """Run the test; return its report, line by line, and whether it passed."""
    if sys.platform != "linux":
        return ["This test reads /proc, which this system does not have."], False
    home = OUT / "soak"
    await asyncio.to_thread(Engine(EngineSettings(home=home)).prepare_all)  # the bot would, while idle
    async with Playground() as playground, _bot(playground, home) as monitor:
        load = LoadGenerator(playground, lambda: monitor.waiting, seed)
        async with asyncio.TaskGroup() as tasks:
            sampling = tasks.create_task(_keep_sampling(monitor, load))
            await _send_requests(load, lambda: load.sent < WARM_UP)
            before = await _sample_idle(monitor, load)
            end, warm = time.monotonic() + 60 * minutes, len(monitor.samples)
            await _send_requests(load, lambda: time.monotonic() < end)
            samples = monitor.samples[warm:]
            after = await _sample_idle(monitor, load)
            sampling.cancel()
        monitor.process.terminate()
        status = await monitor.process.wait()
    failures = [*leaks(samples, before, after), *(f"no answer: {one}" for one in load.unanswered)]
    failures += [f"the bot ended with exit status {status}"] if status else []
    plot(monitor.samples, samples[0].seconds, OUT / "soak.png")
    return [*_report(load, samples, before, after), *failures, f"plot: {OUT / 'soak.png'}"], not failures


async def _send_requests(load: LoadGenerator, more: Callable[[], bool]) -> None:
    async def work() -> None:
        while more():
            await load.act()

    await asyncio.gather(*(work() for _ in range(WORKERS)))


async def _keep_sampling(monitor: BotMonitor, load: LoadGenerator) -> None:
    while monitor.process.returncode is None:
        with contextlib.suppress(httpx.TransportError):  # it has just ended, if it does not answer again
            await monitor.sample(load.sent)
        await asyncio.sleep(SAMPLE_INTERVAL)
    raise ChildProcessError(f"the bot ended with {monitor.process.returncode}: see {OUT / 'soak.log'}")


async def _sample_idle(monitor: BotMonitor, load: LoadGenerator) -> Sample:
    """Take a sample after all requests are answered and idle connections are closed."""
    while monitor.waiting:  # noqa: ASYNC110 - there is no event for it
        await asyncio.sleep(SAMPLE_INTERVAL)
    await asyncio.sleep(IDLE_SECONDS)
    return await monitor.sample(load.sent)


@asynccontextmanager
async def _bot(playground: Playground, home: Path) -> AsyncIterator[BotMonitor]:
    _delete_databases(home)
    port = free_port()
    key = secrets.token_hex(16)
    inherited = {n: v for n, v in os.environ.items() if not n.startswith("KINDRED_") or n in PASSED_SETTINGS}
    settings = {
        "TOKEN": playground.token,
        "BASE_URL": playground.base_url,
        "BASE_FILE_URL": playground.base_file_url,
        "HOME": str(home),
        "WEB_PORT": str(port),
        "WEB_KEY": key,
        "FETCH": "false",
        "LOG_LEVEL": "WARNING",
    }
    environment = inherited | {f"KINDRED_{name}": value for name, value in settings.items()}
    with (OUT / "soak.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.stress.instrumented_bot", env=environment, stdout=log, stderr=log
        )
    monitor = BotMonitor(process, f"http://127.0.0.1:{port}", key)
    try:
        await _wait_for_start(monitor)
        yield monitor
    finally:
        await monitor.close()
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.wait()


def _delete_databases(home: Path) -> None:
    """Delete the databases of the last run."""
    for file in home.glob("*.sqlite3*"):
        file.unlink()


async def _wait_for_start(monitor: BotMonitor) -> None:
    async with asyncio.timeout(START_TIMEOUT):
        while True:
            with contextlib.suppress(httpx.TransportError):
                await monitor.sample(0)
                return
            if monitor.process.returncode is not None:
                raise ChildProcessError(f"the bot does not start: see {OUT / 'soak.log'}")
            await asyncio.sleep(0.2)


def _status(root: Path) -> dict[str, int]:
    """Return the numbers in /proc/PID/status, memory in kilobytes; empty if the process has ended."""
    try:
        lines = [line.split() for line in (root / "status").read_text().splitlines()]
    except OSError:
        return {}
    return {line[0].rstrip(":"): int(line[1]) for line in lines if len(line) > 1 and line[1].isdigit()}


def _children(root: Path) -> Iterator[str]:
    for thread in (root / "task").iterdir():
        with contextlib.suppress(OSError):  # the thread has just ended
            yield from (thread / "children").read_text().split()


def slope(samples: Sequence[Sample], name: str) -> float:
    """Return the growth of a field in a thousand requests: the median slope of all pairs (Sen, 1968)."""
    thinned = samples[:: max(1, len(samples) // 300)]
    x = np.array([sample.requests for sample in thinned]) / 1_000
    y = np.array([getattr(sample, name) for sample in thinned])
    first, second = np.triu_indices(len(x), 1)
    distinct = x[second] > x[first]
    if not distinct.any():
        return 0.0
    return float(np.median((y[second] - y[first])[distinct] / (x[second] - x[first])[distinct]))


def _first_and_last(samples: Sequence[Sample], name: str) -> tuple[float, float]:
    """Return the medians of the first and of the last tenth of the samples."""
    size = max(1, len(samples) // 10)
    first, last = ([getattr(one, name) for one in part] for part in (samples[:size], samples[-size:]))
    return statistics.median(first), statistics.median(last)


def leaks(samples: Sequence[Sample], before: Sample, after: Sample) -> list[str]:
    """Return a line for each leak, by the criteria in this module's docstring.

    Args:
        samples: taken under load.
        before: taken while idle, before the load.
        after: taken while idle, after the load.
    """
    found = []
    thousands = (after.requests - before.requests) / 1_000
    if (more := after.in_use - before.in_use) > MAX_GROWTH * thousands + CACHES:
        found.append(f"LEAK: {more:.1f} MB more are in use")
    if (more := after.objects - before.objects) > MAX_OBJECT_GROWTH * thousands + CACHED_OBJECTS:
        found.append(f"LEAK: {more:.0f} thousand more objects")
    for name in ("private", "decoders"):
        first, last = _first_and_last(samples, name)
        if last - first > MAX_DRIFT * before.private:
            found.append(f"LEAK: memory ({name}) grew by {last - first:.0f} MB")
    for name, most in MAX_LEFT_OVER.items():
        more = getattr(after, name) - getattr(before, name)
        if more > most:
            found.append(f"LEAK: {more} {name} are left over")
    return found


def _report(load: LoadGenerator, samples: Sequence[Sample], before: Sample, after: Sample) -> list[str]:
    requests = samples[-1].requests - samples[0].requests
    seconds = samples[-1].seconds - samples[0].seconds
    actions = ", ".join(f"{name} {count}" for name, count in load.actions.most_common())
    lines = [
        f"{requests:,} requests in {seconds / 60:.1f} minutes after {WARM_UP} to warm up, seed {load.seed}: "
        f"an hour's requests of {load.users} users, {requests / load.users:.0f} each",
        f"  {actions}; {load.late} answered too late for Telegram, {len(load.unanswered)} unanswered",
        f"{'':<26}{'first tenth':>12}{'last tenth':>12}{'per 1,000':>12}{'idle':>10}{'after':>8}",
    ]
    for one in fields(Sample)[2:]:
        name = one.name
        first, last = _first_and_last(samples, name)
        figures = f"{first:>12.1f}{last:>12.1f}{slope(samples, name):>+12.2f}"
        lines.append(
            f"{TITLES.get(name, name):<26}{figures}{getattr(before, name):>10.0f}{getattr(after, name):>8.0f}"
        )
    lines.append(
        f"limits: {MAX_GROWTH:.1f} MB in use per 1,000 requests plus {CACHES:.0f}; {MAX_DRIFT:.0%} of memory"
    )
    return lines


def plot(samples: Sequence[Sample], warm: float, file: Path) -> None:
    """Plot memory and counts over time.

    Args:
        warm: seconds at which the warm-up ended.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 7), layout="constrained")
    memory, counts = figure.subplots(2, sharex=True)
    minutes = [sample.seconds / 60 for sample in samples]
    for axis, names in (
        (memory, ("resident", "private", "in_use", "decoders")),
        (counts, ("files", "threads", "tasks")),
    ):
        for name in names:
            axis.plot(minutes, [getattr(sample, name) for sample in samples], label=name, linewidth=1)
        axis.axvline(warm / 60, color="grey", linestyle=":", label="end of warm-up")
        axis.set_ylim(bottom=0)
        axis.legend(loc="lower right")
        axis.grid(alpha=0.3)
    memory.set_ylabel("megabytes")
    counts.set_ylabel("count")
    counts.set_xlabel(f"minutes; {samples[-1].requests:,} requests")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=120)
