"""A Telegram that believes whatever an update says, and the real bot in it."""

from __future__ import annotations

import asyncio
import copy
import itertools
import logging
import re
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from telegram import Update

from bot.playground import Playground
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.files import PLAIN, StoredFile
from bot.sending.sliding_window import SendLimits
from bot.settings import Settings
from bot.storage.inbox import Inbox
from bot.storage.store import SQLiteStore
from bot.updates import receiver
from bot.updates.dispatcher import Dispatcher
from bot.updates.receiver import Receiver
from engine.errors import BadInputError, BusyError
from handlers.context import Context
from handlers.i18n.texts import LANGUAGES, texts_in
from handlers.keyboards.debounce import Presses
from handlers.messages import media_groups
from tests.bot.harness import build_bot
from tests.stress.seeds import ADMIN, BOT, DATE, STORAGE, Json

PATIENCE: Final = 60.0  # seconds: an answer that takes longer does not come
UNLIMITED: Final = SendLimits(100_000, 100_000, 100_000)
PAUSE: Final = 0.02  # seconds that the next piece of an album is waited for: here all are there at once
HOUR: Final = 3600.0  # seconds between two deliveries, so that nothing is still fresh from the last one
SIGNS: Final = frozenset({"sendChatAction", "getFile", "getMe"})  # calls that answer nothing
DECLINED: Final = frozenset(
    texts_in(one)(name) for one in LANGUAGES for name in ("unsupported-message", "expired")
)
# What a person must never read: a traceback, or an error by its name.
INSIDE: Final = re.compile(r"Traceback|\b[A-Z]\w*(?:Error|Exception)\b")
UNREAD: Final = re.compile(r"Update \d+ cannot be read: (\w+)")
# What Telegram refuses with good reason, and the bot goes on.
LAWFUL: Final = {
    "are exactly the same as a current content and reply markup of the message": "a forged button",
    "there is no text in the message to edit": "an answer that lost its text on the way here",
    "message can't be edited": "a forged press: its message is not the bot's",
    "file is too big": "the person is told so",
    "wrong file_id or the file is temporarily unavailable": "the person is asked to send it again",
}


@dataclass
class Outcome:
    """What became of updates, and what was wrong about it."""

    updates: int = 0
    answered: int = 0
    declined: int = 0
    unread: Counter[str] = field(default_factory=Counter)  # what python-telegram-bot cannot read, by error
    crashes: Counter[str] = field(default_factory=Counter)
    revealed: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    lawful: Counter[str] = field(default_factory=Counter)

    @property
    def faults(self) -> list[str]:
        """Everything that must not be."""
        found = {
            "crash": self.crashes,
            "told a person": self.revealed,
            "unhandled": self.errors,
            "refused": self.refused,
        }
        return [f"{kind}: {text}" for kind, texts in found.items() for text in texts]

    def add(self, other: Outcome) -> None:
        """Count what became of others, too."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = float(DATE)

    def __call__(self) -> float:
        return self.now


class Log(logging.Handler):
    """What the bot logs: every error by its kind, and the updates that cannot be read."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.errors: Counter[str] = Counter()
        self.unread: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        """Count it, by what it was and where it was raised."""
        said, error = record.getMessage(), record.exc_info[1] if record.exc_info else None
        if record.levelno >= logging.ERROR:
            self.errors[f"{record.name}: {told(error) if error else said[:200]}"] += 1
        elif record.name == receiver.__name__ and (unread := UNREAD.fullmatch(said)):
            self.unread[unread[1]] += 1


def told(error: BaseException) -> str:
    """Say what an error is, and in which function of which file it was raised."""
    *_, place = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__}: {str(error)[:200]} ({Path(place.filename).name}, {place.name})"


class World:
    """Delivers updates one case after the other, and looks at what comes of each."""

    def __init__(self, playground: Playground, clock: Clock, order: Dispatcher, log: Log) -> None:
        self._cloud = playground._cloud
        self._traffic = playground.traffic
        self._clock = clock
        self._order = order
        self._intake = Receiver(order)
        self._log = log
        self._numbers = itertools.count(1)
        self._declined = False
        self._enter({"id": STORAGE, "type": "supergroup", "title": "Storage"}, {})
        order.application.add_error_handler(self._note)

    def put(self, name: str, content: bytes) -> None:
        """Put a file where the bot can fetch it by this name."""
        path = f"files/{name.replace(' ', '_')}"
        self._cloud.shelf.keep(StoredFile(name, f"U{name}", path, "document", PLAIN, content, {}))

    async def deliver(self, case: Sequence[Json]) -> Outcome:
        """Hand updates to the bot as if they came at once, and wait until they are dealt with."""
        outcome = Outcome(updates=len(case))
        self._clock.now += HOUR
        self._traffic.clear()
        self._declined = False
        self._order.application.context_types.context.debouncer = Presses()
        updates = [copy.deepcopy(given) | {"update_id": next(self._numbers)} for given in case]
        for update in updates:
            self._believe(update)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._intake.receive(updates)
                while self._order.waiting:  # noqa: ASYNC110 - no event tells
                    await asyncio.sleep(0.001)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            outcome.crashes[told(error)] += 1
        self._judge(outcome)
        return outcome

    def late(self) -> Outcome:
        """Tell what was logged since the last delivery."""
        return Outcome(errors=self._log.errors.copy())

    async def _note(self, _: object, context: Context) -> None:
        self._declined = self._declined or isinstance(context.error, BadInputError | BusyError)

    def _believe(self, update: Json) -> None:
        """Let the playground know of the chats, messages and queries that an update speaks of.

        But not of what no bot could read, when it is answered with a message that quotes it.
        """
        try:
            Update.de_json(copy.deepcopy(update), None)
        except receiver.MALFORMED:
            return
        self._meet(update)
        if pressed := update.get("callback_query"):
            chat = self._cloud.chats[STORAGE]
            if about := pressed.get("message"):
                chat = self._cloud.chats[about["chat"]["id"]]
                chat.messages[about["message_id"]] = about | {"from": BOT}  # buttons hang on the bot's own
            pressed["id"] = self._cloud.presses.press(chat, pressed["from"], {}, "")
        if asked := update.get("inline_query"):
            where = asked.get("chat_type", "sender")
            self._cloud.inline.ask(asked["from"], where, asked["query"], asked["offset"])
            asked["id"] = self._cloud.updates.pending[-1]["inline_query"]["id"]
        self._cloud.updates.drop()

    def _meet(self, value: Any) -> None:
        if isinstance(value, list):
            for inner in value:
                self._meet(inner)
        elif isinstance(value, dict):
            if isinstance(place := value.get("chat"), dict):
                self._enter(place, value)
            for inner in value.values():
                self._meet(inner)

    def _enter(self, place: Json, message: Json) -> None:
        owner = {place["id"]: message.get("from", {"first_name": "Nobody"})}
        chat = self._cloud.chats.setdefault(place["id"], Chat(place, itertools.count(10**6), owner))
        chat.wire, chat.standing, chat.known = place, "member", True
        if number := message.get("message_id"):
            chat.messages[number] = message
        if message.get("is_topic_message"):
            chat.topics[message.get("message_thread_id", 0)] = "a topic"

    def _judge(self, outcome: Outcome) -> None:
        told = [value for call in self._traffic for value in call.parameters.values()]
        outcome.revealed.update(found[0] for value in told if (found := INSIDE.search(value)))
        outcome.errors.update(self._log.errors)
        outcome.unread.update(self._log.unread)
        self._log.errors.clear()
        self._log.unread.clear()
        for call in self._traffic:
            if not call.ok:
                said = f"{call.method}: {call.reply['description']}"
                (outcome.lawful if said.endswith(tuple(LAWFUL)) else outcome.refused)[said] += 1
        done = {call.method for call in self._traffic if call.ok} - SIGNS
        if self._declined or any(sentence in value for value in told for sentence in DECLINED):
            outcome.declined = outcome.updates
        elif done:
            outcome.answered = outcome.updates


@asynccontextmanager
async def opened(engine: Any, files: Mapping[str, bytes]) -> AsyncIterator[World]:
    """Start a Telegram with nobody in it, and the bot."""
    log, clock = Log(), Clock()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        stack.enter_context(_listening(log))
        stack.enter_context(_hurried())
        playground = await stack.enter_async_context(Playground(clock=clock))
        store = await stack.enter_async_context(SQLiteStore.open(folder / "bot.sqlite3"))
        inbox = await stack.enter_async_context(Inbox.open(folder / "inbox.sqlite3"))
        settings = Settings.model_construct(admins=frozenset({ADMIN}), storage_chat=STORAGE)
        application = build_bot(settings, playground, engine, store, limits=UNLIMITED)
        order = Dispatcher(application, inbox, settings.concurrency)
        await stack.enter_async_context(application)
        world = World(playground, clock, order, log)
        await application.start()
        stack.push_async_callback(application.stop)
        stack.push_async_callback(order.close, PATIENCE)
        for name, content in files.items():
            world.put(name, content)
        yield world


@contextmanager
def _listening(log: Log) -> Iterator[None]:
    logging.getLogger().addHandler(log)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(log)


@contextmanager
def _hurried() -> Iterator[None]:
    usual, media_groups.QUIET_PERIOD = media_groups.QUIET_PERIOD, PAUSE
    try:
        yield
    finally:
        media_groups.QUIET_PERIOD = usual
