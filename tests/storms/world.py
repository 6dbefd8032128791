"""A Telegram that believes whatever an update says, and the real bot in it."""

from __future__ import annotations

import asyncio
import copy
import itertools
import logging
import re
import tempfile
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from telegram import Update

from bot.app import KindredApplication
from bot.playground import Playground
from bot.playground.chats import Chat
from bot.playground.shelf import PLAIN, StoredFile
from bot.settings import Settings
from engine.errors import BadInput, Busy
from handlers import collector
from handlers.context import Context
from handlers.presses import Presses
from handlers.store import Store
from handlers.texts import LANGUAGES, texts_in
from tests.bot.stage import wired
from tests.storms.seeds import ADMIN, BOT, DATE, STORAGE, Json

PATIENCE: Final = 60.0  # seconds: an answer that takes longer does not come
PAUSE: Final = 0.02  # seconds that the next piece of an album is waited for: here all are there at once
HOUR: Final = 3600.0  # seconds between two deliveries, so that nothing is still fresh from the last one
SIGNS: Final = frozenset({"sendChatAction", "getFile", "getMe"})  # calls that answer nothing
DECLINED: Final = frozenset(texts_in(one)(name) for one in LANGUAGES for name in ("cannot-take", "expired"))
# What a person must never read: a traceback, or an error by its name.
INSIDE: Final = re.compile(r"Traceback|\b[A-Z]\w*(?:Error|Exception)\b")
# What Telegram refuses with good reason, and the bot goes on.
LAWFUL: Final = {
    "are exactly the same as a current content and reply markup of the message": "a forged button",
    "there is no text in the message to edit": "an answer that lost its text on the way here",
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


class Errors(logging.Handler):
    """Every error that is logged, by its kind."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.kinds: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep its kind, and where it was raised."""
        error = record.exc_info[1] if record.exc_info else None
        self.kinds.append(f"{record.name}: {told(error) if error else record.getMessage()[:200]}")


def told(error: BaseException) -> str:
    """Say what an error is, and in which function of which file it was raised."""
    *_, place = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__}: {str(error)[:200]} ({Path(place.filename).name}, {place.name})"


class World:
    """Delivers updates one case after the other, and looks at what comes of each."""

    def __init__(
        self, playground: Playground, clock: Clock, application: KindredApplication, errors: Errors
    ) -> None:
        self._cloud = playground._cloud
        self._clock = clock
        self._traffic = playground.traffic
        self._application = application
        self._errors = errors
        self._declined = False
        self._enter({"id": STORAGE, "type": "supergroup", "title": "Storage"}, {})
        application.add_error_handler(self._note)

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
        self._application.context_types.context.presses = Presses()
        updates = [update for given in case if (update := self._read(given, outcome))]
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*map(self._application.process_update, updates))
                await self._finish_albums()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            outcome.crashes[told(error)] += 1
        self._judge(outcome)
        return outcome

    def late(self) -> Outcome:
        """Tell what was logged since the last delivery."""
        return Outcome(errors=Counter(self._errors.kinds))

    async def _finish_albums(self) -> None:
        """Wait for what is answered beside its update."""
        if close := getattr(self._application.context_types.context.collector, "close", None):
            await close()

    async def _note(self, _: object, context: Context) -> None:
        self._declined = self._declined or isinstance(context.error, BadInput | Busy)

    def _read(self, given: Json, outcome: Outcome) -> Update | None:
        told = copy.deepcopy(given)
        self._believe(told)
        try:
            return Update.de_json(told, self._application.bot)
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError) as error:
            outcome.unread[type(error).__name__] += 1
            return None

    def _believe(self, update: Json) -> None:
        """Let the playground know of the chats, messages and queries that an update speaks of."""
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
        outcome.errors.update(self._errors.kinds)
        self._errors.kinds.clear()
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
    errors, clock = Errors(), Clock()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(_listening(errors))
        stack.enter_context(_hurried())
        playground = await stack.enter_async_context(Playground(clock=clock))
        store = await stack.enter_async_context(Store.open(Path(folder) / "bot.sqlite3"))
        settings = Settings.model_construct(admins=frozenset({ADMIN}), storage_chat=STORAGE)
        application = wired(settings, playground, engine, store)
        await stack.enter_async_context(application)
        world = World(playground, clock, application, errors)
        await application.start()
        stack.push_async_callback(application.stop)
        for name, content in files.items():
            world.put(name, content)
        yield world


@contextmanager
def _listening(errors: Errors) -> Iterator[None]:
    logging.getLogger().addHandler(errors)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(errors)


@contextmanager
def _hurried() -> Iterator[None]:
    usual, collector.PAUSE = collector.PAUSE, PAUSE
    try:
        yield
    finally:
        collector.PAUSE = usual
