"""The bot is killed again and again while many chats ask for something: nothing may be lost by it.

What is counted, and what each word means, stands in `tests.stress.delivery_checker`. The playground is the Telegram
of this storm: it hands out what was not confirmed again, posts to the webhook until that says 200, and
counts every message against Telegram's limits, with no allowance for the bot's watch.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import socket
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
from handlers.keyboards.callback_data import Verb, decode
from tests.bot.harness import jpeg
from tests.paint import PAINTINGS
from tests.stress.delivery_checker import PRESSES, Kind, Ledger, Request, Talk
from tests.stress.fork_server import LOG

ROOT: Final = Path(__file__).resolve().parents[2]
CHATS: Final = 20
GROUPS: Final = 3  # of them
PATIENCE: Final = 300.0  # seconds without anything new: what is not there yet does not come
LIFE: Final = 4.0  # seconds at most until a bot is killed; half as much again where it meets faults
MEASURED_EVERY: Final = 10  # rounds
REAL_LIFE: Final = 8.0  # the same, of the real bot, from its first call on
EARLY: Final = 0.15  # of the bots may be killed while they start; others have begun to work
STARTING: Final = 180.0  # seconds that a bot has until then, however busy the machine is
CHANCES: Final = {
    "flood": 0.03, "album_flood": 0.05, "error": 0.05, "slow": 0.05, "cut_before": 0.02, "cut_after": 0.02,
}  # fmt: skip
SLOW: Final = 0.5  # seconds, of what is slow; floods name whole ones
WORTH_KILLING_AFTER: Final = (
    "getupdates", "sendmessage", "sendmediagroup", "sendphoto", "answercallbackquery", "getfile",
    "editmessagereplymarkup", "sendchataction", "setwebhook",
)  # fmt: skip
QUESTIONS: Final[dict[Kind, tuple[str, ...]]] = {
    "words": ("boy",),
    "find": ("a dog running", "two people on a beach", "a red boat", "children who play in the snow"),
}
PRESSED: Final[dict[Verb, Kind]] = {Verb.TAGS: "tags", Verb.WHY: "why", Verb.UP: "vote"}
FIRST_CALLS: Final = frozenset({"getme", "setmycommands", "deletewebhook", "setwebhook"})
# What was asked and not answered: at most so much.
IN_HAND: Final = {
    "nothing to answer": 0, "1 to 9 to answer": 9, "10 to 29 to answer": 29, "more to answer": 10**9,
}  # fmt: skip
MOMENTS: Final = ("of the real bot", "while it started", *IN_HAND, "amid an answer")
LOST, UNEXPLAINED, DISORDERED, FAULT = "lost", "  without a reason", "out of order", "fault: "
OVERALL, CHAT, GROUP = "most in a second", "  to one chat", "most in a minute to a group"
# Of each of these there may be so many.
MOST: Final = {
    LOST: 0, UNEXPLAINED: 0, DISORDERED: 0, CHAT: CHAT_PER_SECOND, GROUP: GROUP_PER_MINUTE,
    OVERALL: OVERALL_PER_SECOND,
}  # fmt: skip
SHOWN: Final = 5  # of each kind of what is wrong
ERROR: Final = re.compile(r"^\S+ \S+ ERROR.*|^Traceback.*", re.MULTILINE)


@dataclass(frozen=True)
class Plan:
    """One storm: so many kills, some of them of the real bot, under calm or faulty skies."""

    rounds: int
    real: int = 0
    seed: int = 1
    webhook: bool = False
    faulty: bool = False
    chats: int = CHATS

    @property
    def name(self) -> str:
        """What it is called in the table."""
        return ("webhook" if self.webhook else "polling") + (", faults" if self.faulty else "")

    def is_real(self, number: int) -> bool:
        """Whether the bot of this round is the real one."""
        return number * self.real // self.rounds < (number + 1) * self.real // self.rounds


@dataclass
class Report:
    """What became of a storm."""

    plan: Plan
    figures: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class CountedFaults(Faults):
    """Counts what it lets go wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.thrown: Counter[str] = Counter()

    def draw(self, method: str, *, albums: bool = False) -> Fault | None:
        """See `Faults.draw`."""
        if fault := super().draw(method, albums=albums):
            self.thrown[fault.kind] += 1
        return fault


class Nursery:
    """See `tests.stress.fork_server`."""

    def __init__(self, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader) -> None:
        self._stdin, self._stdout = stdin, stdout
        self._turn = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Self]:
        """Run one while the block runs."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.stress.fork_server", stdin=pipe, stdout=pipe, cwd=ROOT
        )
        if process.stdin is None or process.stdout is None:
            raise TypeError("the nursery has no pipes")
        try:
            yield cls(process.stdin, process.stdout)
        finally:
            process.kill()
            await process.wait()

    async def ask(self, asked: dict[str, str] | int) -> int:
        """Have a bot begun in an environment, or one ended by its number."""
        async with self._turn:
            self._stdin.write(json.dumps(asked).encode() + b"\n")
            return int(await self._stdout.readline())


class Victim:
    """The bot: it can be begun and killed. The real one is a new process, others are forked ones."""

    def __init__(self, environment: dict[str, str], nursery: Nursery) -> None:
        self.log = Path(environment[LOG])
        self._environment = environment
        self._nursery = nursery
        self._alive: asyncio.subprocess.Process | int | None = None

    async def begin(self, *, real: bool = False) -> None:
        """Begin a new life."""
        if real:
            command = (sys.executable, "-m", "bot", "run")
            with self.log.open("ab") as log:
                self._alive = await asyncio.create_subprocess_exec(
                    *command, env=self._environment, stdout=log, stderr=log, cwd=ROOT
                )
        else:
            self._alive = await self._nursery.ask(self._environment)

    async def end(self) -> int | None:
        """Kill it, if it is alive; give how it ended."""
        bot, self._alive = self._alive, None
        if bot is None:
            return None
        if isinstance(bot, int):
            return await self._nursery.ask(bot)
        if bot.returncode is None:
            bot.kill()
        return await bot.wait()


@cache
def _photos() -> list[bytes]:
    return [jpeg(paint().resize((320, 240))) for paint in PAINTINGS.values()]


def _environment(playground: Playground, plan: Plan, home: Path) -> dict[str, str]:
    """What is set for the bot, and nothing of what the host has set."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("KINDRED_", "FLICKR8K"))
    }
    told = {
        "KINDRED_TOKEN": playground.token,
        "KINDRED_BASE_URL": playground.base_url,
        "KINDRED_BASE_FILE_URL": playground.base_file_url,
        "KINDRED_HOME": str(home),
        "KINDRED_LOG_LEVEL": "WARNING",
        LOG: str(home / "log"),
    }
    if plan.webhook:
        port = _free_port()
        url = f"http://127.0.0.1:{port}/from-telegram"
        told |= {"KINDRED_WEBHOOK_URL": url, "KINDRED_WEBHOOK_PORT": str(port)}
    return kept | told


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Talker:
    """Somebody who asks, looks at the answers, presses buttons below them, and asks again."""

    def __init__(self, talk: Talk, ledger: Ledger, dice: random.Random, mention: str = "") -> None:
        self._talk, self._ledger, self._dice, self._mention = talk, ledger, dice, mention
        self._looked_at: set[Request] = set()

    async def go_on(self, over: asyncio.Event) -> None:
        """Ask and press until it is over, never more than three things ahead of the answers."""
        while not over.is_set():
            if len(self._talk.open) < 3:
                await self._ask(self._dice.choice(("photo", "words", "words", "find")))
                self._press()
            await asyncio.sleep(self._dice.uniform(0.0, 0.6))

    async def _ask(self, kind: Kind) -> None:
        member = self._talk.member
        if kind == "photo":
            sent = await member.send_photo(self._dice.choice(_photos()), caption=self._mention)
        else:
            sent = await member.say(f"{self._mention} {self._dice.choice(QUESTIONS[kind])}".strip())
        self._talk.ask(kind, sent.id)

    def _press(self) -> None:
        """Press some of the buttons below a photo's answer, in a private chat: there, they are one's own."""
        answered = (one for one in self._talk.requests if one.kind == "photo" and one.answered)
        new = next((one for one in answered if one not in self._looked_at), None)
        if new is None or self._mention:
            return
        self._looked_at.add(new)
        below = next(seen for seen in self._talk.member.messages if seen.id == new.copies["words"][0])
        for y, row in enumerate(below.keyboard):
            for x, button in enumerate(row):
                wish = decode(button.get("callback_data"))
                if wish and wish.action in PRESSED and self._dice.random() < 0.5:
                    query = client.press(self._talk.member._seat, below.id, y, x)
                    self._ledger.press(self._talk, PRESSED[wish.action], below.id, query)


class Storm:
    """One storm, from the first greeting to the last answer."""

    def __init__(self, plan: Plan, playground: Playground, victim: Victim) -> None:
        self._plan = plan
        self._playground = playground
        self._victim = victim
        self._ledger = Ledger(playground)
        self._dice = random.Random(f"{plan.seed} {plan.name}")
        self._faults = CountedFaults()
        playground._cloud.faults = self._faults
        self._moments: Counter[str] = Counter()
        self._peaks: dict[str, int] = {}
        self._report = Report(plan)

    async def blow(self, bar: tqdm[Any]) -> Report:
        """Kill the bot in every round, let it answer the rest, and judge."""
        began, over = time.monotonic(), asyncio.Event()
        talkers = [talker async for talker in self._crowd()]
        await self._greet()
        if self._plan.faulty:
            self._faults.at_random(self._plan.seed, ["", "getupdates", "download"], seconds=SLOW, **CHANCES)
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(self._read())
            crowd = [tasks.create_task(talker.go_on(over)) for talker in talkers]
            for number in range(self._plan.rounds):
                await self._live(real=self._plan.is_real(number))
                bar.update()
                if number % MEASURED_EVERY == 0:
                    self._measure()
            over.set()
            await asyncio.wait(crowd)
            await self._answer_the_rest()
            reading.cancel()
        self._judge(time.monotonic() - began)
        return self._report

    async def _crowd(self) -> AsyncIterator[Talker]:
        people = [self._playground.person(f"Person {n}") for n in range(self._plan.chats)]
        groups = min(GROUPS, self._plan.chats // 4)
        for person in people[groups:]:
            yield Talker(self._ledger.talk(person), self._ledger, self._dice)
        bot = self._playground._cloud.profile.user["username"]
        for person in people[:groups]:
            group = self._playground.group(f"Friends of {person.id}", person)
            await group.promote_bot()  # or it would be given commands only
            yield Talker(self._ledger.talk(group.member(person)), self._ledger, self._dice, f"@{bot}")

    async def _greet(self) -> None:
        """Let everybody meet the bot while all is well: only whom it knows may it write to."""
        await self._victim.begin()
        private = [talk.member for talk in self._ledger.talks if isinstance(talk.member, Person)]
        for person in private:
            await person.start()
        await asyncio.gather(*(person.replies(1, STARTING) for person in private))
        await self._victim.end()
        self._ledger.read()

    async def _read(self) -> None:
        while True:
            self._ledger.read()
            await asyncio.sleep(0.005)

    async def _live(self, *, real: bool) -> None:
        """Let the bot live for a while, and kill it."""
        self._ledger.begin()
        await self._victim.begin(real=real)
        longest = REAL_LIFE if real else LIFE * (1.5 if self._plan.faulty else 1)
        if real or self._dice.random() > EARLY:
            await self._until(self._has_begun, STARTING)
        if self._dice.random() < 0.5:
            await asyncio.sleep(self._dice.uniform(0.0, longest))
        else:
            method, count = self._dice.choice(WORTH_KILLING_AFTER), self._dice.randint(1, 12)
            await self._until(lambda: self._ledger.calls[method] >= count, longest)
        self._note_moment(real=real)
        code = await self._victim.end()
        self._ledger.mark()
        if code != -signal.SIGKILL:
            self._report.wrong.append(f"the bot ended by itself: {code}")

    def _has_begun(self) -> bool:
        return not self._ledger.calls.keys() <= FIRST_CALLS

    async def _until(self, reached: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not reached() and time.monotonic() < deadline:
            await asyncio.sleep(0.001)
            self._ledger.read()

    def _note_moment(self, *, real: bool) -> None:
        """Count what is about to be interrupted."""
        still = [request for talk in self._ledger.talks for request in talk.open]
        if not self._has_begun():
            self._moments["while it started"] += 1
        else:
            name = next(name for name, most in IN_HAND.items() if len(still) <= most)
            self._moments[name] += 1
        self._moments["amid an answer"] += any(request.copies.get("words") for request in still)
        self._moments["of the real bot"] += real

    async def _answer_the_rest(self) -> None:
        """Let the bot live until all is answered, or nothing new comes any more."""
        self._ledger.begin()
        await self._victim.begin(real=self._plan.real > 0)
        await self._until(self._has_begun, STARTING)
        came, seen = time.monotonic(), -1
        while any(talk.open for talk in self._ledger.talks) and time.monotonic() - came < PATIENCE:
            if (now := sum(talk.last for talk in self._ledger.talks)) != seen:
                came, seen = time.monotonic(), now
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)  # a second copy would come now
        await self._victim.end()
        self._ledger.read()

    def _measure(self) -> None:
        """Look at the busiest moments since the last time: the playground remembers so many messages only."""
        rates = self._playground.rates
        chats = [talk.member.chat_id for talk in self._ledger.talks]
        found = {
            OVERALL: rates.most(1),
            CHAT: max(rates.most(1, chat, whole_albums=True) for chat in chats),
            GROUP: max((rates.most(60, chat) for chat in chats if chat < 0), default=0),
        }
        self._peaks = {name: max(self._peaks.get(name, 0), most) for name, most in found.items()}

    def _judge(self, seconds: float) -> None:
        self._measure()
        figures = self._report.figures
        figures |= {"kills": self._plan.rounds} | {f"  {name}": self._moments[name] for name in MOMENTS}
        figures |= self._answers() | self._peaks
        figures |= {f"{FAULT}{kind}": self._faults.thrown[kind] for kind in KINDS}
        errors = ERROR.findall(self._victim.log.read_text("utf-8", "replace"))
        figures |= {"errors in the log": len(errors), "seconds": round(seconds)}
        wrong = excess(figures)
        other = sum((talk.other for talk in self._ledger.talks), Counter[str]())
        lost = [request for request in self._ledger.requests if not request.answered]
        self._report.wrong += [*wrong, *(f"in the log: {line}" for line in errors[:SHOWN])]
        self._report.wrong += [f"twice: {line}" for talk in self._ledger.talks for line in talk.unexplained()]
        if wrong:
            self._report.wrong += [f"lost: {request}" for request in lost[:SHOWN]]
            self._report.wrong += [f"said besides, {count} times: {text}" for text, count in other.items()]

    def _answers(self) -> dict[str, int]:
        requests, talks = self._ledger.requests, self._ledger.talks
        kinds = Counter(request.kind for request in requests)
        answered = sum(request.answered for request in requests)
        return {
            "requests sent": len(requests),
            "  photos": kinds["photo"],
            "  texts": kinds["words"] + kinds["find"],
            "  presses": sum(kinds[kind] for kind in PRESSES),
            "answered": answered,
            LOST: len(requests) - answered,
            "answered twice": sum(request.most > 1 for request in requests),
            "  copies of one at most": max(request.most for request in requests),
            UNEXPLAINED: sum(len(talk.unexplained()) for talk in talks),
            DISORDERED: sum(talk.disordered for talk in talks),
            "albums cut in two": sum(talk.torn for talk in talks),
        }


def excess(figures: Mapping[str, int]) -> list[str]:
    """Name the figures that are higher than they may be."""
    return [f"{name}: {figures[name]}" for name, most in MOST.items() if figures[name] > most]


async def chaos(plans: Sequence[Plan]) -> list[Report]:
    """Let storms blow side by side, each with a playground and a bot of its own."""
    async with Nursery.open() as nursery:
        with tqdm(total=sum(plan.rounds for plan in plans), desc="kills", unit="", disable=None) as bar:
            return await asyncio.gather(*(_blow(plan, nursery, bar) for plan in plans))


async def _blow(plan: Plan, nursery: Nursery, bar: tqdm[Any]) -> Report:
    with TemporaryDirectory() as home:
        async with Playground() as playground:
            victim = Victim(_environment(playground, plan, Path(home)), nursery)
            try:
                return await Storm(plan, playground, victim).blow(bar)
            finally:
                await victim.end()


def table(reports: Sequence[Report]) -> list[str]:
    """Set the figures of storms side by side, and say below what must not be."""
    rows = ["".join([f"{'':<28}", *(f"{report.plan.name:>17}" for report in reports)])]
    for name in reports[0].figures:
        rows += ["".join([f"{name:<28}", *(f"{report.figures[name]:>17,}" for report in reports)])]
    return [*rows, *(f"{report.plan.name}: {line}" for report in reports for line in report.wrong)]
