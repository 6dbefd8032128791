"""The storms: a disk that is full again and again, a slow one, and a second process on the bot's home."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from bot.home_lock import IN_USE
from tests.stress.chaos.bots import HOME, LOCK_SECONDS, BotProcess
from tests.stress.chaos.plan import LATE_REPEATS, MAXIMA, PEAK_GROUP
from tests.stress.chaos.run import POLL_INTERVAL, START_TIMEOUT, ChaosRun
from tests.stress.chaos.slow_disk import SLOWED

DISK_MEGABYTES: Final = 8
PAGE: Final = 4096  # bytes
SPARE_PAGES: Final = (0, 0, 1, 3, 8)  # that a full disk has left, so that writes fail in their middle, too
ROOM, FULL = 0.5, 0.75  # how long the disk has room, and is full, at most, in lifetimes of a bot
DISK_FULL: Final = re.compile(r"disk is full|No space left on device|disk I/O error")
TIMES_FULL, NOT_STARTED, LOGGED = "times the disk was full", "  starts refused by it", "  lines in the log"
SLOWED_BOTS: Final = "bots with a slow disk"
REFUSED, TAKEN_OVER, KILLED_WAITING, AT_ONCE = (
    "second process refused", "  took over after a kill", "  killed while it waited", "  started at once",
)  # fmt: skip


class FullDiskRun(ChaosRun):
    """The disk of KINDRED_HOME is full again and again, also when the bot starts and when it is killed.

    While it is full, what is answered and sent cannot be stored. A bot that is killed then repeats answers,
    also after those to newer requests, and does not know how much it sent to a group.
    """

    maxima: Mapping[str, int] = {
        name: most for name, most in MAXIMA.items() if name not in {LATE_REPEATS, PEAK_GROUP}
    }
    minima: Mapping[str, int] = {LOGGED: 1}
    expected_errors = DISK_FULL

    def __init__(self, *args: Any, disk: Path) -> None:
        super().__init__(*args)
        self._ballast = disk / "ballast"
        self._times_full = self._not_started = 0
        self._has_logged = False

    @asynccontextmanager
    async def _storm(self) -> AsyncIterator[None]:
        filling = asyncio.create_task(self._fill_and_free())
        try:
            yield
        finally:
            filling.cancel()
            await asyncio.wait([filling])
            if not filling.cancelled():
                filling.result()  # the storm ended by itself, with an error
            self._ballast.unlink(missing_ok=True)

    async def _fill_and_free(self) -> None:
        while True:
            await asyncio.sleep(self._rng.uniform(0.0, ROOM) * self._plan.lifetime)
            fill_disk(self._ballast, self._rng)
            self._times_full += 1
            await asyncio.sleep(self._rng.uniform(0.0, FULL) * self._plan.lifetime)
            await self._until(self._is_logged, START_TIMEOUT)  # at once, but for the first time
            self._ballast.unlink()

    async def _kill(self, bot: BotProcess, *, real: bool = False) -> None:
        if self._times_full and not self._has_logged:  # in a short run, no other bot might find the disk full
            await self._until(self._is_logged, START_TIMEOUT)
        await super()._kill(bot, real=real)

    def _is_logged(self) -> bool:
        """Return whether a bot has found the disk full."""
        self._has_logged = self._has_logged or any(
            DISK_FULL.search(log.read_text("utf-8", "replace")) for log in self._logs()
        )
        return self._has_logged

    def _note_end(self, code: int | None, bot: BotProcess) -> None:
        if code == 1 and DISK_FULL.search(bot.last_line) and not self._is_working():
            self._not_started += 1  # as it should: its supervisor starts it again
            return
        super()._note_end(code, bot)

    def _storm_figures(self, log: str) -> dict[str, int]:
        logged = len(DISK_FULL.findall(log))
        return {TIMES_FULL: self._times_full, NOT_STARTED: self._not_started, LOGGED: logged}


def fill_disk(ballast: Path, rng: random.Random) -> None:
    """Fill a disk, but for a few pages at random."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(PAGE)) == PAGE:
                pass
        except OSError:
            file.truncate(max(0, file.tell() - PAGE * rng.choice(SPARE_PAGES)))


class SlowDiskRun(ChaosRun):
    """Each write of the bot's databases takes long; see `tests.stress.chaos.slow_disk`."""

    def _storm_figures(self, log: str) -> dict[str, int]:
        return {SLOWED_BOTS: log.count(SLOWED)}


class TwoProcessesRun(ChaosRun):
    """A second process is started on the home of the first: it is refused, or takes over after a kill."""

    def __init__(self, *args: Any, other: BotProcess) -> None:
        super().__init__(*args)
        self._other = other
        self._number = 0  # of the round
        self._counts = dict.fromkeys((REFUSED, TAKEN_OVER, KILLED_WAITING, AT_ONCE), 0)
        self._events = [self._take_over, self._start_both, self._be_refused, self._kill_waiting]

    async def run(self, *args: Any) -> Any:
        """See `ChaosRun.run`."""
        try:
            return await super().run(*args)
        finally:
            await self._other.kill()

    async def _round(self, *, real: bool) -> None:
        if not self._bot.is_started:
            self._checker.note_start()
            await self._bot.start(real=real)
            await self._until_working(self._bot)
        await self._events[self._number % len(self._events)]()
        self._number += 1
        await asyncio.sleep(self._rng.uniform(0.0, self._plan.lifetime))

    async def _be_refused(self) -> None:
        self._checker.read()
        greetings = self._checker.greetings
        await self._other.start()
        await self._until_refused(self._other)
        self._checker.read()
        if self._checker.greetings != greetings:
            self._report.failures.append("the second process called Telegram while the first one lived")

    async def _take_over(self) -> None:
        await self._other.start()
        await asyncio.sleep(self._rng.uniform(0.0, LOCK_SECONDS / 2))
        await self._kill(self._bot)
        self._checker.note_start()
        self._bot, self._other = self._other, self._bot
        await self._until_working(self._bot)
        if await self._bot.exit_code() is not None:  # on a busy machine, it gave up before the kill
            await self._until_refused(self._bot)
            await self._bot.start()
            await self._until_working(self._bot)
        self._counts[TAKEN_OVER] += 1

    async def _kill_waiting(self) -> None:
        await self._other.start()
        await asyncio.sleep(self._rng.uniform(0.0, LOCK_SECONDS / 2))
        if await self._other.exit_code() is not None:
            await self._until_refused(self._other)
            return
        await self._kill(self._other)
        self._counts[KILLED_WAITING] += 1

    async def _start_both(self) -> None:
        await self._kill(self._bot)
        self._checker.note_start()
        await asyncio.gather(self._bot.start(), self._other.start())
        await self._until(lambda: False, LOCK_SECONDS)
        while await self._bot.exit_code() is None and await self._other.exit_code() is None:  # noqa: ASYNC110
            await asyncio.sleep(POLL_INTERVAL)
        if await self._bot.exit_code() is not None:
            self._bot, self._other = self._other, self._bot
        await self._until_refused(self._other)
        await self._until_working(self._bot)
        self._counts[AT_ONCE] += 1

    async def _until_refused(self, bot: BotProcess) -> None:
        """Wait until a process has ended because another one uses the home."""
        async with asyncio.timeout(START_TIMEOUT):
            while await bot.exit_code() is None:  # noqa: ASYNC110 - there is no event for it
                await asyncio.sleep(POLL_INTERVAL)
        code, line = await bot.kill(), bot.last_line
        self._counts[REFUSED] += 1
        if (code, line) != (1, f"kindred: KINDRED_HOME: {IN_USE.format(home=bot.log.parent / HOME)}"):
            self._report.failures.append(f"the second process ended with {code}: {line}")

    async def _drain(self) -> None:
        await self._kill(self._bot)
        await super()._drain()

    def _logs(self) -> list[Path]:
        return [bot.log for bot in (self._bot, self._other) if bot.log.exists()]

    def _storm_figures(self, log: str) -> dict[str, int]:
        return self._counts
