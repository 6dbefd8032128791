"""One run of the chaos test, from the first greeting to the last answer."""

from __future__ import annotations

import asyncio
import random
import re
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from tqdm import tqdm

from bot.playground import Person, Playground
from bot.playground.fault_injection import KINDS
from tests.stress.chaos.bots import BotProcess
from tests.stress.chaos.delivery_checker import DeliveryChecker
from tests.stress.chaos.figures import (
    MAX_LISTED,
    CountingFaults,
    delivery_figures,
    missing_and_unmatched,
    peak_rates,
)
from tests.stress.chaos.plan import (
    FAULT,
    MAXIMA,
    Plan,
    Report,
    excess,
)
from tests.stress.chaos.users import SimulatedUser

GROUPS: Final = 3  # of the chats
DUPLICATE_WAIT: Final = 1.0  # seconds after the last answer, in which a second copy would arrive
FAULTY_LIFETIME: Final = 1.5  # times longer with faults
REAL_LIFETIME: Final = 8.0  # seconds until the real bot is killed, at most, from its first call on
MEASURE_EVERY: Final = 10  # rounds
EARLY_KILLS: Final = 0.15  # share of the bots that may be killed while they start
START_TIMEOUT: Final = 600.0  # seconds until a bot begins to work, even on a busy machine
POLL_INTERVAL: Final = 0.1  # seconds between two looks whether a process still runs
FAULT_PROBABILITIES: Final = {
    "flood": 0.03, "album_flood": 0.05, "error": 0.05, "slow": 0.05, "cut_before": 0.02, "cut_after": 0.02,
}  # fmt: skip
SLOW_SECONDS: Final = 0.5  # delay of a slow answer; retry_after is rounded up to whole seconds
KILL_AFTER_METHODS: Final = (
    "getupdates", "sendmessage", "sendmediagroup", "sendphoto", "answercallbackquery", "getfile",
    "editmessagereplymarkup", "sendchataction", "setwebhook",
)  # fmt: skip
STARTUP_METHODS: Final = frozenset({"getme", "setmycommands", "deletewebhook", "setwebhook"})
BACKLOGS: Final = {"nothing pending": 0, "1 to 9 pending": 9, "10 to 29 pending": 29, "more pending": 10**9}
KILL_MOMENTS: Final = ("of the real bot", "during start", *BACKLOGS, "during an answer")
ERROR_LINE: Final = re.compile(r"^\S+ \S+ ERROR.*|^Traceback.*", re.MULTILINE)


class ChaosRun:
    """One run; a subclass adds a storm.

    Attributes:
        maxima: of the figures.
        minima: of the figures; without them the storm proves nothing.
        expected_errors: matches the errors in the log that the storm explains.
    """

    maxima: Mapping[str, int] = MAXIMA
    minima: Mapping[str, int] = {}
    expected_errors: re.Pattern[str] | None = None

    def __init__(self, plan: Plan, playground: Playground, bot: BotProcess) -> None:
        self._plan = plan
        self._playground = playground
        self._bot = bot
        self._checker = DeliveryChecker(playground)
        self._rng = random.Random(f"{plan.seed} {plan.name}")
        self._faults = CountingFaults()
        playground._state.faults = self._faults
        self._moments: Counter[str] = Counter()
        self._peaks: dict[str, int] = {}
        self._report = Report(plan)

    async def run(self, progress: tqdm[Any]) -> Report:
        """Kill the bot in every round, let it answer the rest, and return the report."""
        started_at, stop = time.monotonic(), asyncio.Event()
        users = [user async for user in self._users()]
        await self._greet()
        if self._plan.faulty:
            methods = ["", "getupdates", "download"]
            self._faults.at_random(self._plan.seed, methods, seconds=SLOW_SECONDS, **FAULT_PROBABILITIES)
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(self._keep_reading())
            sending = [tasks.create_task(user.run(stop)) for user in users]
            async with self._storm():
                for number in range(self._plan.rounds):
                    await self._round(real=self._plan.is_real(number))
                    progress.update()
                    if number % MEASURE_EVERY == 0:
                        self._measure_peaks()
            stop.set()
            await asyncio.wait(sending)
            await self._drain()
            reading.cancel()
        self._evaluate(time.monotonic() - started_at)
        return self._report

    @asynccontextmanager
    async def _storm(self) -> AsyncIterator[None]:
        """Let the storm blow while the block runs."""
        yield

    async def _users(self) -> AsyncIterator[SimulatedUser]:
        people = [self._playground.person(f"Person {n}") for n in range(self._plan.chats)]
        groups = min(GROUPS, self._plan.chats // 4)
        for person in people[groups:]:
            yield SimulatedUser(self._checker.add_chat(person), self._checker, self._rng)
        bot = self._playground._state.profile.user["username"]
        for person in people[:groups]:
            group = self._playground.group(f"Friends of {person.id}", person)
            await group.promote_bot()  # other bots in groups receive commands only
            chat = self._checker.add_chat(group.member(person))
            yield SimulatedUser(chat, self._checker, self._rng, f"@{bot}")

    async def _greet(self) -> None:
        """Let every person start the bot while nothing fails: it may write only to those who did."""
        await self._bot.start()
        private = [chat.member for chat in self._checker.chats if isinstance(chat.member, Person)]
        for person in private:
            await person.start()
        await asyncio.gather(*(person.replies(1, START_TIMEOUT) for person in private))
        await self._bot.kill()
        self._checker.read()

    async def _keep_reading(self) -> None:
        while True:
            self._checker.read()
            await asyncio.sleep(0.005)

    async def _round(self, *, real: bool) -> None:
        """Start the bot, let it work for a while, and kill it."""
        self._checker.note_start()
        await self._bot.start(real=real)
        lifetime = self._plan.lifetime * (FAULTY_LIFETIME if self._plan.faulty else 1)
        lifetime = REAL_LIFETIME if real else lifetime
        if real or self._rng.random() > EARLY_KILLS:
            await self._until_working(self._bot)
        if self._rng.random() < 0.5:
            await asyncio.sleep(self._rng.uniform(0.0, lifetime))
        else:
            method, count = self._rng.choice(KILL_AFTER_METHODS), self._rng.randint(1, 12)
            await self._until(lambda: self._checker.calls[method] >= count, lifetime)
        await self._kill(self._bot, real=real)

    async def _kill(self, bot: BotProcess, *, real: bool = False) -> None:
        self._count_moment(real=real)
        code = await bot.kill()
        self._checker.read()
        self._checker.mark_restart()
        if code != -signal.SIGKILL:
            self._note_end(code, bot)

    def _note_end(self, code: int | None, bot: BotProcess) -> None:
        """Take note of a bot that has ended before it was killed."""
        self._report.failures.append(f"the bot ended by itself: {code}: {bot.last_line}")

    async def _until_working(self, bot: BotProcess) -> None:
        """Wait until a bot works, or has ended."""
        deadline = time.monotonic() + START_TIMEOUT
        while not self._is_working() and time.monotonic() < deadline:
            await self._until(self._is_working, POLL_INTERVAL)
            if await bot.exit_code() is not None:
                return
        if not self._is_working():
            self._report.failures.append(f"a bot did not begin to work in {START_TIMEOUT:.0f} seconds")

    def _is_working(self) -> bool:
        return not self._checker.calls.keys() <= STARTUP_METHODS

    async def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition() and time.monotonic() < deadline:
            await asyncio.sleep(0.001)
            self._checker.read()

    def _count_moment(self, *, real: bool) -> None:
        """Count what the kill is about to interrupt."""
        pending = [request for chat in self._checker.chats for request in chat.pending]
        if not self._is_working():
            self._moments["during start"] += 1
        else:
            self._moments[next(name for name, most in BACKLOGS.items() if len(pending) <= most)] += 1
        self._moments["during an answer"] += any(chat.is_mid_answer for chat in self._checker.chats)
        self._moments["of the real bot"] += real

    async def _drain(self) -> None:
        """Let the bot run until every request is answered, or no new message comes any more."""
        self._checker.note_start()
        await self._bot.start(real=self._plan.real > 0)
        await self._until_working(self._bot)
        progressed_at, progress = time.monotonic(), -1
        while any(chat.pending for chat in self._checker.chats):
            if (now := sum(chat.last_message for chat in self._checker.chats)) != progress:
                progressed_at, progress = time.monotonic(), now
            if time.monotonic() - progressed_at > self._plan.idle_timeout:
                break
            await asyncio.sleep(0.05)
        await asyncio.sleep(DUPLICATE_WAIT)
        await self._bot.kill()
        self._checker.read()

    def _measure_peaks(self) -> None:
        """Measure the busiest moments since the last time: the playground keeps only the latest messages."""
        peaks = peak_rates(self._playground, self._checker, self._plan.rate_factor)
        self._peaks = {name: max(self._peaks.get(name, 0), most) for name, most in peaks.items()}

    def _evaluate(self, seconds: float) -> None:
        self._measure_peaks()
        figures = self._report.figures
        figures |= {"kills": self._plan.rounds} | {f"  {name}": self._moments[name] for name in KILL_MOMENTS}
        figures |= delivery_figures(self._checker) | self._peaks
        figures |= {f"{FAULT}{kind}": self._faults.counts[kind] for kind in KINDS}
        log = "".join(log.read_text("utf-8", "replace") for log in self._logs())
        errors = ERROR_LINE.findall(log)
        figures |= {"errors in the log": len(errors), "seconds": round(seconds)} | self._storm_figures(log)
        chats = self._checker.chats
        excesses = excess(figures, self.maxima)
        failures = self._report.failures
        unexpected = [
            line for line in errors if not (self.expected_errors and self.expected_errors.search(line))
        ]
        failures += [
            f"{name}: {figures[name]}" for name, least in self.minima.items() if figures[name] < least
        ]
        failures += [*excesses, *(f"in the log: {line}" for line in unexpected[:MAX_LISTED])]
        failures += [f"twice: {line}" for chat in chats for line in chat.unexplained_duplicates()]
        if excesses:
            failures += missing_and_unmatched(self._checker)

    def _logs(self) -> list[Path]:
        return [self._bot.log]

    def _storm_figures(self, log: str) -> dict[str, int]:
        """Return the figures that only this storm has."""
        return {}
