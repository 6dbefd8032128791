"""The chaos test: kill the bot again and again while many chats use it; no request may get lost.

`tests.stress.delivery_checker` defines lost, duplicate and out of order. The playground acts as Telegram: it
delivers unconfirmed updates again, repeats webhook posts until they are answered with 200, and counts every
message against Telegram's limits, with no allowance for the bot's clock.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

from tqdm import tqdm

from bot.playground import Person, Playground
from bot.playground.fault_injection import KINDS, Fault, Faults
from bot.playground.people import client
from bot.playground.telegram.limits import CHAT_PER_SECOND, GROUP_PER_MINUTE, OVERALL_PER_SECOND
from handlers.keyboards.callback_data import Action, decode
from tests.bot.harness import jpeg
from tests.odd_files import write_small_gallery
from tests.paint import PAINTINGS
from tests.ports import free_port
from tests.stress.delivery_checker import BUTTON_KINDS, ChatRecord, DeliveryChecker, Request, RequestKind
from tests.stress.fork_server import LOG_FILE, RATE_FACTOR

ROOT: Final = Path(__file__).resolve().parents[2]
GALLERY: Final = "gallery"  # folder within the bot's home, with files of odd formats and names
CHATS: Final = 20
GROUPS: Final = 3  # of the chats
MAX_PENDING: Final = 3  # requests of one chat
IDLE_TIMEOUT: Final = 300.0  # seconds without a new message after which no more answers are expected
DUPLICATE_WAIT: Final = 1.0  # seconds after the last answer, in which a second copy would arrive
LIFETIME: Final = 4.0  # seconds until a kill, at most
FAULTY_LIFETIME: Final = 1.5  # times longer with faults
REAL_LIFETIME: Final = 8.0  # seconds until the real bot is killed, at most, from its first call on
MEASURE_EVERY: Final = 10  # rounds
EARLY_KILLS: Final = 0.15  # share of the bots that may be killed while they start
START_TIMEOUT: Final = 180.0  # seconds until a bot begins to work, even on a busy machine
FAULT_PROBABILITIES: Final = {
    "flood": 0.03, "album_flood": 0.05, "error": 0.05, "slow": 0.05, "cut_before": 0.02, "cut_after": 0.02,
}  # fmt: skip
SLOW_SECONDS: Final = 0.5  # delay of a slow answer; retry_after is rounded up to whole seconds
KILL_AFTER_METHODS: Final = (
    "getupdates", "sendmessage", "sendmediagroup", "sendphoto", "answercallbackquery", "getfile",
    "editmessagereplymarkup", "sendchataction", "setwebhook",
)  # fmt: skip
TEXTS: Final[dict[RequestKind, tuple[str, ...]]] = {
    "word": ("boy",),
    "search": ("a dog running", "two people on a beach", "a red boat", "children who play in the snow"),
}
BUTTONS: Final[dict[Action, RequestKind]] = {Action.TAGS: "tags", Action.WHY: "why", Action.UP: "vote"}
STARTUP_METHODS: Final = frozenset({"getme", "setmycommands", "deletewebhook", "setwebhook"})
BACKLOGS: Final = {"nothing pending": 0, "1 to 9 pending": 9, "10 to 29 pending": 29, "more pending": 10**9}
KILL_MOMENTS: Final = ("of the real bot", "during start", *BACKLOGS, "during an answer")
LOST, UNEXPLAINED, OUT_OF_ORDER, FAULT = "lost", "  unexplained", "out of order", "fault: "
PEAK_OVERALL, PEAK_CHAT, PEAK_GROUP = "peak a second, all chats", "  one chat", "peak a minute, a group"
MAXIMA: Final = {
    LOST: 0, UNEXPLAINED: 0, OUT_OF_ORDER: 0, PEAK_CHAT: CHAT_PER_SECOND, PEAK_GROUP: GROUP_PER_MINUTE,
    PEAK_OVERALL: OVERALL_PER_SECOND,
}  # fmt: skip
MAX_LISTED: Final = 5  # failures of each kind
ERROR_LINE: Final = re.compile(r"^\S+ \S+ ERROR.*|^Traceback.*", re.MULTILINE)


@dataclass(frozen=True)
class Plan:
    """The settings of one run.

    Attributes:
        rounds: number of kills.
        real: number of these with the real bot, as far as its network; the others are forked bots.
        faulty: whether the playground injects faults.
        lifetime: seconds until a forked bot is killed, at most.
        idle_timeout: seconds without a new message after which what is pending counts as lost.
        rate_factor: how many times shorter Telegram's second and minute are, for the bot and for the check;
            the real bot knows only 1.
    """

    rounds: int
    real: int = 0
    seed: int = 1
    webhook: bool = False
    faulty: bool = False
    chats: int = CHATS
    lifetime: float = LIFETIME
    idle_timeout: float = IDLE_TIMEOUT
    rate_factor: int = 1

    @property
    def name(self) -> str:
        """The name in the table."""
        return ("webhook" if self.webhook else "polling") + (", faults" if self.faulty else "")

    def is_real(self, number: int) -> bool:
        """Return whether the bot of this round is the real one."""
        return number * self.real // self.rounds < (number + 1) * self.real // self.rounds


@dataclass
class Report:
    """The figures of a run, and its failures."""

    plan: Plan
    figures: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


class CountingFaults(Faults):
    """Counts the faults that it injects."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def draw(self, method: str, *, albums: bool = False) -> Fault | None:
        """See `Faults.draw`."""
        if fault := super().draw(method, albums=albums):
            self.counts[fault.kind] += 1
        return fault


class ForkServer:
    """The client of `tests.stress.fork_server`."""

    def __init__(self, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader) -> None:
        self._stdin, self._stdout = stdin, stdout
        self._lock = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Self]:
        """Run a fork server while the block runs."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.stress.fork_server", stdin=pipe, stdout=pipe, cwd=ROOT
        )
        if process.stdin is None or process.stdout is None:
            raise TypeError("the fork server has no pipes")
        try:
            yield cls(process.stdin, process.stdout)
        finally:
            process.kill()
            await process.wait()

    async def send(self, command: dict[str, str] | int) -> int:
        """Start a bot in an environment, or kill one by its process id; return what the server says."""
        async with self._lock:
            self._stdin.write(json.dumps(command).encode() + b"\n")
            return int(await self._stdout.readline())


class BotProcess:
    """A bot that can be started and killed: the real one as a new process, others as forks."""

    def __init__(self, environment: dict[str, str], fork_server: ForkServer) -> None:
        self.log = Path(environment[LOG_FILE])
        self._environment = environment
        self._fork_server = fork_server
        self._process: asyncio.subprocess.Process | int | None = None

    async def start(self, *, real: bool = False) -> None:
        """Start a new process."""
        if real:
            command = (sys.executable, "-m", "bot", "run")
            with self.log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    *command, env=self._environment, stdout=log, stderr=log, cwd=ROOT
                )
        else:
            self._process = await self._fork_server.send(self._environment)

    async def kill(self) -> int | None:
        """Kill the process, if there is one; return its exit code."""
        process, self._process = self._process, None
        if process is None:
            return None
        if isinstance(process, int):
            return await self._fork_server.send(process)
        if process.returncode is None:
            process.kill()
        return await process.wait()


@cache
def _photos() -> list[bytes]:
    return [jpeg(paint().resize((320, 240))) for paint in PAINTINGS.values()]


def _environment(playground: Playground, plan: Plan, home: Path) -> dict[str, str]:
    """Return the bot's environment, without the host's settings of Kindred."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("KINDRED_", "FLICKR8K"))
    }
    settings = {
        "KINDRED_TOKEN": playground.token,
        "KINDRED_BASE_URL": playground.base_url,
        "KINDRED_BASE_FILE_URL": playground.base_file_url,
        "KINDRED_HOME": str(home),
        "KINDRED_GALLERY": str(home / GALLERY),
        "KINDRED_LOG_LEVEL": "WARNING",
        LOG_FILE: str(home / "log"),
        RATE_FACTOR: str(plan.rate_factor),
    }
    if plan.webhook:
        port = free_port()
        url = f"http://127.0.0.1:{port}/from-telegram"
        settings |= {"KINDRED_WEBHOOK_URL": url, "KINDRED_WEBHOOK_PORT": str(port)}
    return inherited | settings


class SimulatedUser:
    """A user who sends requests, presses buttons of the answers, and sends more."""

    def __init__(
        self, chat: ChatRecord, checker: DeliveryChecker, rng: random.Random, mention: str = ""
    ) -> None:
        self._chat, self._checker, self._rng, self._mention = chat, checker, rng, mention
        self._pressed: set[Request] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send requests until `stop` is set, with few of them pending at a time."""
        while not stop.is_set():
            if len(self._chat.pending) < MAX_PENDING:
                await self._send_request(self._rng.choice(("photo", "word", "word", "search")))
                self._press_buttons()
            await asyncio.sleep(self._rng.uniform(0.0, 0.6))

    async def _send_request(self, kind: RequestKind) -> None:
        member = self._chat.member
        if kind == "photo":
            sent = await member.send_photo(self._rng.choice(_photos()), caption=self._mention)
        else:
            sent = await member.say(f"{self._mention} {self._rng.choice(TEXTS[kind])}".strip())
        self._chat.add_request(kind, sent.id)

    def _press_buttons(self) -> None:
        """Press some buttons of a photo's answer, in a private chat: there, only its user presses them."""
        answered = (one for one in self._chat.requests if one.kind == "photo" and one.answered)
        request = next((one for one in answered if one not in self._pressed), None)
        if request is None or self._mention:
            return
        self._pressed.add(request)
        answer = next(seen for seen in self._chat.member.messages if seen.id == request.copies["text"][0])
        for y, row in enumerate(answer.keyboard):
            for x, button in enumerate(row):
                data = decode(button.get("callback_data"))
                if data and data.action in BUTTONS and self._rng.random() < 0.5:
                    query = client.press(self._chat.member._session, answer.id, y, x)
                    self._checker.add_press(self._chat, BUTTONS[data.action], answer.id, query)


class ChaosRun:
    """One run, from the first greeting to the last answer."""

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
            await self._until(self._is_working, START_TIMEOUT)
        if self._rng.random() < 0.5:
            await asyncio.sleep(self._rng.uniform(0.0, lifetime))
        else:
            method, count = self._rng.choice(KILL_AFTER_METHODS), self._rng.randint(1, 12)
            await self._until(lambda: self._checker.calls[method] >= count, lifetime)
        self._count_moment(real=real)
        code = await self._bot.kill()
        self._checker.mark_restart()
        if code != -signal.SIGKILL:
            self._report.failures.append(f"the bot ended by itself: {code}")

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
        await self._until(self._is_working, START_TIMEOUT)
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
        rates = self._playground.rates
        second, minute = 1 / self._plan.rate_factor, 60 / self._plan.rate_factor
        chats = [chat.member.chat_id for chat in self._checker.chats]
        peaks = {
            PEAK_OVERALL: rates.most(second),
            PEAK_CHAT: max(rates.most(second, chat, whole_albums=True) for chat in chats),
            PEAK_GROUP: max((rates.most(minute, chat) for chat in chats if chat < 0), default=0),
        }
        self._peaks = {name: max(self._peaks.get(name, 0), most) for name, most in peaks.items()}

    def _evaluate(self, seconds: float) -> None:
        self._measure_peaks()
        figures = self._report.figures
        figures |= {"kills": self._plan.rounds} | {f"  {name}": self._moments[name] for name in KILL_MOMENTS}
        figures |= self._delivery_figures() | self._peaks
        figures |= {f"{FAULT}{kind}": self._faults.counts[kind] for kind in KINDS}
        errors = ERROR_LINE.findall(self._bot.log.read_text("utf-8", "replace"))
        figures |= {"errors in the log": len(errors), "seconds": round(seconds)}
        chats = self._checker.chats
        excesses = excess(figures)
        failures = self._report.failures
        failures += [*excesses, *(f"in the log: {line}" for line in errors[:MAX_LISTED])]
        failures += [f"twice: {line}" for chat in chats for line in chat.unexplained_duplicates()]
        if excesses:
            lost = [request for request in self._checker.requests if not request.answered]
            unmatched = sum((chat.unmatched for chat in chats), Counter[str]())
            failures += [f"lost: {request}" for request in lost[:MAX_LISTED]]
            failures += [f"unmatched, {count} times: {text}" for text, count in unmatched.items()]

    def _delivery_figures(self) -> dict[str, int]:
        requests, chats = self._checker.requests, self._checker.chats
        kinds = Counter(request.kind for request in requests)
        answered = sum(request.answered for request in requests)
        return {
            "requests": len(requests),
            "  photos": kinds["photo"],
            "  texts": kinds["word"] + kinds["search"],
            "  button presses": sum(kinds[kind] for kind in BUTTON_KINDS),
            "answered": answered,
            LOST: len(requests) - answered,
            "answered twice": sum(request.max_copies > 1 for request in requests),
            "  most copies of one answer": max(request.max_copies for request in requests),
            UNEXPLAINED: sum(len(chat.unexplained_duplicates()) for chat in chats),
            OUT_OF_ORDER: sum(chat.out_of_order for chat in chats),
            "partial albums": sum(chat.partial_albums for chat in chats),
        }


def excess(figures: Mapping[str, int]) -> list[str]:
    """Return a line for each figure above its maximum."""
    return [f"{name}: {figures[name]}" for name, most in MAXIMA.items() if figures[name] > most]


async def chaos(plans: Sequence[Plan]) -> list[Report]:
    """Run several plans side by side, each with a playground and a bot of its own."""
    async with ForkServer.open() as fork_server:
        with tqdm(total=sum(plan.rounds for plan in plans), desc="kills", unit="", disable=None) as progress:
            return await asyncio.gather(*(_run(plan, fork_server, progress) for plan in plans))


async def _run(plan: Plan, fork_server: ForkServer, progress: tqdm[Any]) -> Report:
    with TemporaryDirectory() as home:
        async with Playground() as playground:
            write_small_gallery(Path(home) / GALLERY)
            bot = BotProcess(_environment(playground, plan, Path(home)), fork_server)
            try:
                return await ChaosRun(plan, playground, bot).run(progress)
            finally:
                await bot.kill()


def table(reports: Sequence[Report]) -> list[str]:
    """Return the lines of a table with a column for each run, and the failures below."""
    rows = ["".join([f"{'':<28}", *(f"{report.plan.name:>17}" for report in reports)])]
    for name in reports[0].figures:
        rows += ["".join([f"{name:<28}", *(f"{report.figures[name]:>17,}" for report in reports)])]
    return [*rows, *(f"{report.plan.name}: {line}" for report in reports for line in report.failures)]
