"""An hour's requests for the real bot, back to back: does its memory stay as it is, and all else it holds?

The bot is `python -m bot run` in a process of its own with the real engine, but that it need not wait for
Telegram's limits (`tests.stress.subject`); people and Telegram are in this one. What is compressed is the
time in which a bot waits: it is asked as much as the machine bears.

**When is it a leak?** A server gives the bot 4 GB (README), of which it takes one; it should run for a
month between two restarts, with `A_MONTH` requests. So what is in use of its memory, compared in silence
before and after, may not grow by more than `ALLOWED` for each thousand of them, beside `CACHES`: those of
torch fill with the sizes that come, and what is remembered of people has its bounds. The memory that the
system sees may not grow by more than `WOBBLE`: an allocator keeps the most that was ever needed, in pieces.
File descriptors, threads and tasks are compared in silence, too: nothing may be left over but a few
connections that are kept warm.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
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
from tests.stress.load_generator import Crowd

OUT: Final = Path("out")
WORKERS: Final = 12  # people who are in the middle of something at once
WARM_UP: Final = 600  # requests before anything is compared: some of each kind, of all sizes
EVERY: Final = 1.0  # seconds between two samples
SILENCE: Final = 10.0  # seconds after which idle connections are closed
START: Final = 300.0  # seconds that loading may take
FREE: Final = 3_000.0  # megabytes of a server's four that the bot does not take at first
A_MONTH: Final = 3_000  # thousands of requests: 4,000 an hour, day and night
ALLOWED: Final = FREE / A_MONTH  # megabytes for each thousand requests
CACHES: Final = 10.0  # megabytes
WOBBLE: Final = 0.10  # of the memory at first
OBJECTS: Final = 10.0  # thousands for each thousand requests: a megabyte
FEW: Final = 30.0  # thousands: what is remembered of a thousand people
LEFT_OVER: Final = {"files": 12, "threads": 4, "tasks": 4}
TITLES: Final = {
    "resident": "with mapped files, MB",
    "own": "memory of its own, MB",
    "used": "  in use, MB",
    "objects": "thousands of objects",
    "readers": "photo readers, MB",
}
PASSED_ON: Final = frozenset({"KINDRED_GALLERY", "KINDRED_ARTIFACT", "KINDRED_THREADS"})


@dataclass(frozen=True)
class Sample:
    """What the bot holds at some moment; memory in megabytes."""

    seconds: float
    asked: int
    resident: float  # all its pages that are in memory
    own: float  # of them those that are not of a file, which the system can drop and read again
    used: float  # of these what is in use, by what is not Python
    objects: float  # thousands of Python's
    readers: float  # the processes that read photos
    files: int
    threads: int
    tasks: int


class Subject:
    """The bot's process, looked at from outside."""

    def __init__(self, process: asyncio.subprocess.Process, address: str, key: str) -> None:
        self.process = process
        self.waiting = 0
        self.samples: list[Sample] = []
        self._begun = time.monotonic()
        self._web = httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {key}"})

    async def look(self, asked: int) -> Sample:
        """Take a sample."""
        figures = await self._figures()
        self.waiting = int(figures["kindred_updates_waiting"])
        root = Path("/proc") / str(self.process.pid)
        status = _status(root)
        sample = Sample(
            time.monotonic() - self._begun,
            asked,
            status["VmRSS"] / 1024,
            (status["RssAnon"] + status["RssShmem"]) / 1024,
            figures["kindred_bytes_in_use"] / 2**20,
            figures["kindred_objects"] / 1_000,
            sum(_status(Path("/proc") / child).get("VmRSS", 0) for child in _children(root)) / 1024,
            sum(1 for _ in (root / "fd").iterdir()),
            status["Threads"],
            int(figures["kindred_tasks"]),
        )
        self.samples.append(sample)
        return sample

    async def _figures(self) -> dict[str, float]:
        text = (await self._web.get("/metrics")).raise_for_status().text
        families = text_string_to_metric_families(text)
        return {sample.name: sample.value for family in families for sample in family.samples}

    async def close(self) -> None:
        """Let nobody look any more."""
        await self._web.aclose()


async def soak(minutes: float, seed: int) -> tuple[list[str], bool]:
    """Pour requests over the bot; give the figures, line by line, and whether nothing grows."""
    if sys.platform != "linux":
        return ["What a process holds is read from /proc, which this system has not."], False
    home = OUT / "soak"
    await asyncio.to_thread(Engine(EngineSettings(home=home)).prepare_all)  # or idle moments would do it
    async with Playground() as playground, _bot(playground, home) as subject:
        crowd = Crowd(playground, lambda: subject.waiting, seed)
        looking = asyncio.create_task(_keep_looking(subject, crowd))
        await _pour(crowd, lambda: crowd.asked < WARM_UP)
        before = await _in_silence(subject, crowd)
        end, warm = time.monotonic() + 60 * minutes, len(subject.samples)
        await _pour(crowd, lambda: time.monotonic() < end)
        poured = subject.samples[warm:]
        after = await _in_silence(subject, crowd)
        looking.cancel()
        subject.process.terminate()
        status = await subject.process.wait()
    faults = [*grown(poured, before, after), *(f"no answer: {one}" for one in crowd.unanswered)]
    faults += [f"it ended with {status}"] if status else []
    draw(subject.samples, poured[0].seconds, OUT / "soak.png")
    return [*_told(crowd, poured, before, after), *faults, f"drawn: {OUT / 'soak.png'}"], not faults


async def _pour(crowd: Crowd, more: Callable[[], bool]) -> None:
    async def work() -> None:
        while more():
            await crowd.ask()

    await asyncio.gather(*(work() for _ in range(WORKERS)))


async def _keep_looking(subject: Subject, crowd: Crowd) -> None:
    while True:
        await subject.look(crowd.asked)
        await asyncio.sleep(EVERY)


async def _in_silence(subject: Subject, crowd: Crowd) -> Sample:
    """Wait until all is answered and connections are closed."""
    while subject.waiting:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(EVERY)
    await asyncio.sleep(SILENCE)
    return await subject.look(crowd.asked)


@asynccontextmanager
async def _bot(playground: Playground, home: Path) -> AsyncIterator[Subject]:
    _forget(home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    key = secrets.token_hex(16)
    usual = {n: v for n, v in os.environ.items() if not n.startswith("KINDRED_") or n in PASSED_ON}
    named = {
        "TOKEN": playground.token,
        "BASE_URL": playground.base_url,
        "BASE_FILE_URL": playground.base_file_url,
        "HOME": str(home),
        "WEB_PORT": str(port),
        "WEB_KEY": key,
        "LOG_LEVEL": "WARNING",
    }
    environment = usual | {f"KINDRED_{name}": value for name, value in named.items()}
    with (OUT / "soak.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.stress.subject", env=environment, stdout=log, stderr=log
        )
    subject = Subject(process, f"http://127.0.0.1:{port}", key)
    try:
        await _started(subject)
        yield subject
    finally:
        await subject.close()
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.wait()


def _forget(home: Path) -> None:
    """Throw away what the bot of the last time remembered."""
    for file in home.glob("*.sqlite3*"):
        file.unlink()


async def _started(subject: Subject) -> None:
    async with asyncio.timeout(START):
        while True:
            with contextlib.suppress(httpx.TransportError):
                await subject.look(0)
                return
            if subject.process.returncode is not None:
                raise ChildProcessError(f"the bot does not start: see {OUT / 'soak.log'}")
            await asyncio.sleep(0.2)


def _status(root: Path) -> dict[str, int]:
    """What the system says of a process, in kilobytes and in numbers; nothing if it has ended."""
    try:
        lines = [line.split() for line in (root / "status").read_text().splitlines()]
    except OSError:
        return {}
    return {line[0].rstrip(":"): int(line[1]) for line in lines if len(line) > 1 and line[1].isdigit()}


def _children(root: Path) -> Iterator[str]:
    for thread in (root / "task").iterdir():
        with contextlib.suppress(OSError):  # it has just ended
            yield from (thread / "children").read_text().split()


def slope(samples: Sequence[Sample], name: str) -> float:
    """How much a figure grows in a thousand requests: the median slope of all pairs (Sen, 1968)."""
    thinned = samples[:: max(1, len(samples) // 300)]
    x = np.array([sample.asked for sample in thinned]) / 1_000
    y = np.array([getattr(sample, name) for sample in thinned])
    first, second = np.triu_indices(len(x), 1)
    apart = x[second] > x[first]
    if not apart.any():
        return 0.0
    return float(np.median((y[second] - y[first])[apart] / (x[second] - x[first])[apart]))


def _tenths(samples: Sequence[Sample], name: str) -> tuple[float, float]:
    """The medians of the first and the last tenth."""
    size = max(1, len(samples) // 10)
    first, last = ([getattr(one, name) for one in part] for part in (samples[:size], samples[-size:]))
    return statistics.median(first), statistics.median(last)


def grown(poured: Sequence[Sample], before: Sample, after: Sample) -> list[str]:
    """Say what leaks, by the criterion at the head of this module."""
    said = []
    thousands = (after.asked - before.asked) / 1_000
    if (more := after.used - before.used) > ALLOWED * thousands + CACHES:
        said.append(f"LEAK: {more:.1f} MB more are in use")
    if (more := after.objects - before.objects) > OBJECTS * thousands + FEW:
        said.append(f"LEAK: {more:.0f} thousand more objects")
    for name in ("own", "readers"):
        first, last = _tenths(poured, name)
        if last - first > WOBBLE * before.own:
            said.append(f"LEAK: memory ({name}) grew by {last - first:.0f} MB")
    for name, most in LEFT_OVER.items():
        more = getattr(after, name) - getattr(before, name)
        if more > most:
            said.append(f"LEAK: {more} {name} are left over")
    return said


def _told(crowd: Crowd, poured: Sequence[Sample], before: Sample, after: Sample) -> list[str]:
    asked, took = poured[-1].asked - poured[0].asked, poured[-1].seconds - poured[0].seconds
    listed = ", ".join(f"{name} {count}" for name, count in crowd.kinds.most_common())
    lines = [
        f"{asked:,} requests in {took / 60:.1f} minutes after {WARM_UP} to warm up, seed {crowd.seed}: "
        f"what {crowd.people} people ask in an hour, {asked / crowd.people:.0f} times each",
        f"  {listed}; {crowd.late} answers too late for Telegram, {len(crowd.unanswered)} without one",
        f"{'':<26}{'first tenth':>12}{'last tenth':>12}{'per 1,000':>12}{'silence':>10}{'after':>8}",
    ]
    for one in fields(Sample)[2:]:
        name = one.name
        first, last = _tenths(poured, name)
        figures = f"{first:>12.1f}{last:>12.1f}{slope(poured, name):>+12.2f}"
        lines.append(
            f"{TITLES.get(name, name):<26}{figures}{getattr(before, name):>10.0f}{getattr(after, name):>8.0f}"
        )
    lines.append(
        f"allowed: {ALLOWED:.1f} MB in use for 1,000 requests beside {CACHES:.0f}; {WOBBLE:.0%} of memory"
    )
    return lines


def draw(samples: Sequence[Sample], warm: float, file: Path) -> None:
    """Draw what was held, over time."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 7), layout="constrained")
    memory, counts = figure.subplots(2, sharex=True)
    minutes = [sample.seconds / 60 for sample in samples]
    for axis, names in (
        (memory, ("resident", "own", "used", "readers")),
        (counts, ("files", "threads", "tasks")),
    ):
        for name in names:
            axis.plot(minutes, [getattr(sample, name) for sample in samples], label=name, linewidth=1)
        axis.axvline(warm / 60, color="grey", linestyle=":", label="warm")
        axis.set_ylim(bottom=0)
        axis.legend(loc="lower right")
        axis.grid(alpha=0.3)
    memory.set_ylabel("megabytes")
    counts.set_ylabel("how many")
    counts.set_xlabel(f"minutes; {samples[-1].asked:,} requests")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=120)
