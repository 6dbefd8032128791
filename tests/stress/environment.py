"""A playground that accepts any update as true, and the real bot connected to it."""

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
from bot.updates import parsing
from bot.updates.dispatcher import Dispatcher
from bot.updates.receiver import Receiver
from engine.errors import BadInputError, BusyError
from handlers.context import Context
from handlers.i18n.texts import LANGUAGES, texts_in
from handlers.keyboards.debounce import PressDebouncer
from handlers.messages import media_groups
from tests.bot.harness import build_bot
from tests.stress.fuzz.seeds import ADMIN, BOT, DATE, STORAGE, Json

DELIVERY_TIMEOUT: Final = 60.0  # seconds: an answer that takes longer does not come
UNLIMITED: Final = SendLimits(100_000, 100_000, 100_000)
ALBUM_PAUSE: Final = 0.02  # seconds without a new item after which an album is whole: here all come at once
HOUR: Final = 3600.0  # seconds between two deliveries, so that no cache or debounce outlasts one
SILENT_METHODS: Final = frozenset({"sendChatAction", "getFile", "getMe"})  # calls that answer nothing
DECLINING_TEXTS: Final = frozenset(
    texts_in(one)(name) for one in LANGUAGES for name in ("unsupported-message", "expired")
)
# What no message may contain: a traceback, or an exception by its name.
INTERNALS: Final = re.compile(r"Traceback|\b[A-Z]\w*(?:Error|Exception)\b")
UNREADABLE: Final = re.compile(r"Update \d+ cannot be read: (\w+)")
# Refusals by Telegram that the bot cannot avoid and handles.
EXPECTED_REFUSALS: Final = {
    "are exactly the same as a current content and reply markup of the message": "a forged button",
    "there is no text in the message to edit": "an answer that lost its text on the way here",
    "message can't be edited": "a forged press: its message is not the bot's",
    "file is too big": "the bot says so",
    "wrong file_id or the file is temporarily unavailable": "the bot asks for the photo again",
}


@dataclass
class Outcome:
    """What updates led to, counted.

    Attributes:
        updates: number of updates.
        answered: number of them that the bot answered.
        declined: number of them that the bot declined.
        unreadable: updates that python-telegram-bot cannot read, by exception.
        crashes: exceptions that reached the caller.
        leaks: internals that stood in a message.
        log_errors: errors in the log.
        refusals: calls that the playground refused without an expected reason.
        expected_refusals: calls that it refused with one.
    """

    updates: int = 0
    answered: int = 0
    declined: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    crashes: Counter[str] = field(default_factory=Counter)
    leaks: Counter[str] = field(default_factory=Counter)
    log_errors: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    expected_refusals: Counter[str] = field(default_factory=Counter)

    @property
    def faults(self) -> list[str]:
        """A line for each kind of fault."""
        counters = {
            "crash": self.crashes,
            "internals in a message": self.leaks,
            "unhandled": self.log_errors,
            "refused": self.refusals,
        }
        return [f"{kind}: {text}" for kind, counter in counters.items() for text in counter]

    def add(self, other: Outcome) -> None:
        """Add the counts of another outcome."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = float(DATE)

    def __call__(self) -> float:
        return self.now


class LogCounter(logging.Handler):
    """Counts errors in the log by their kind, and updates that cannot be read."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.errors: Counter[str] = Counter()
        self.unreadable: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        """Count a record by its exception and where that was raised."""
        message, error = record.getMessage(), record.exc_info[1] if record.exc_info else None
        if record.levelno >= logging.ERROR:
            self.errors[f"{record.name}: {describe_error(error) if error else message[:200]}"] += 1
        elif record.name == parsing.__name__ and (match := UNREADABLE.fullmatch(message)):
            self.unreadable[match[1]] += 1


def describe_error(error: BaseException) -> str:
    """Return an exception's type, message, and the file and function that raised it."""
    *_, frame = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__}: {str(error)[:200]} ({Path(frame.filename).name}, {frame.name})"


class StressEnvironment:
    """Delivers one case of updates after the other, and judges what each led to."""

    def __init__(
        self, playground: Playground, clock: ManualClock, dispatcher: Dispatcher, log: LogCounter
    ) -> None:
        self._state = playground._state
        self._call_log = playground.call_log
        self._clock = clock
        self._dispatcher = dispatcher
        self._receiver = Receiver(dispatcher)
        self._log = log
        self._update_ids = itertools.count(1)
        self._declined = False
        self._add_chat({"id": STORAGE, "type": "supergroup", "title": "Storage"}, {})
        dispatcher.application.add_error_handler(self._on_error)

    def add_file(self, name: str, content: bytes) -> None:
        """Store a file where the bot can fetch it by this name."""
        path = f"files/{name.replace(' ', '_')}"
        self._state.files.keep(StoredFile(name, f"U{name}", path, "document", PLAIN, content, {}))

    async def deliver(self, case: Sequence[Json]) -> Outcome:
        """Hand updates to the bot all at once, and wait until they are answered."""
        outcome = Outcome(updates=len(case))
        self._clock.now += HOUR
        self._call_log.clear()
        self._declined = False
        self._dispatcher.application.context_types.context.debouncer = PressDebouncer()
        updates = [copy.deepcopy(update) | {"update_id": next(self._update_ids)} for update in case]
        for update in updates:
            self._make_true(update)
        try:
            async with asyncio.timeout(DELIVERY_TIMEOUT):
                await self._receiver.receive(updates)
                while self._dispatcher.waiting:  # noqa: ASYNC110 - there is no event for it
                    await asyncio.sleep(0.001)
        except Exception as error:  # noqa: BLE001 - any exception is a finding
            outcome.crashes[describe_error(error)] += 1
        self._evaluate(outcome)
        return outcome

    def late_errors(self) -> Outcome:
        """Return what was logged since the last delivery."""
        return Outcome(log_errors=self._log.errors.copy())

    async def _on_error(self, _: object, context: Context) -> None:
        self._declined = self._declined or isinstance(context.error, BadInputError | BusyError)

    def _make_true(self, update: Json) -> None:
        """Add the chats, messages and queries of an update to the playground, as far as the bot can read it.

        The playground could not quote what it cannot read.
        """
        try:
            readable = self._readable(update)
        except parsing.MALFORMED:
            return
        self._add_chats_in(readable)
        if callback_query := update.get("callback_query"):
            chat = self._state.chats[STORAGE]
            if message := callback_query.get("message"):
                chat = self._state.chats[message["chat"]["id"]]
                chat.messages[message["message_id"]] = message | {"from": BOT}  # only bots send buttons
            callback_query["id"] = self._state.callback_queries.press(chat, callback_query["from"], {}, "")
        if inline_query := update.get("inline_query"):
            chat_type = inline_query.get("chat_type", "sender")
            self._state.inline.ask(
                inline_query["from"], chat_type, inline_query["query"], inline_query["offset"]
            )
            inline_query["id"] = self._state.updates.pending[-1]["inline_query"]["id"]
        self._state.updates.drop()

    def _readable(self, update: Json) -> Json:
        """Return an update without the fields of its message that cannot be read."""
        bot = self._dispatcher.application.bot
        try:
            Update.de_json(copy.deepcopy(update), bot)
        except parsing.MALFORMED:
            update = update | {"message": parsing._reduce(copy.deepcopy(update["message"]), bot)[0]}
            Update.de_json(copy.deepcopy(update), bot)
        return update

    def _add_chats_in(self, value: Any) -> None:
        if isinstance(value, list):
            for inner in value:
                self._add_chats_in(inner)
        elif isinstance(value, dict):
            if isinstance(chat := value.get("chat"), dict):
                self._add_chat(chat, value)
            for inner in value.values():
                self._add_chats_in(inner)

    def _add_chat(self, wire: Json, message: Json) -> None:
        owner = {wire["id"]: message.get("from", {"first_name": "Nobody"})}
        chat = self._state.chats.setdefault(wire["id"], Chat(wire, itertools.count(10**6), owner))
        chat.wire, chat.bot_status, chat.known = wire, "member", True
        if number := message.get("message_id"):
            chat.messages[number] = message
        if message.get("is_topic_message"):
            chat.topics[message.get("message_thread_id", 0)] = "a topic"

    def _evaluate(self, outcome: Outcome) -> None:
        sent = [value for call in self._call_log for value in call.parameters.values()]
        outcome.leaks.update(match[0] for value in sent if (match := INTERNALS.search(value)))
        outcome.log_errors.update(self._log.errors)
        outcome.unreadable.update(self._log.unreadable)
        self._log.errors.clear()
        self._log.unreadable.clear()
        for call in self._call_log:
            if not call.ok:
                line = f"{call.method}: {call.reply['description']}"
                expected = line.endswith(tuple(EXPECTED_REFUSALS))
                (outcome.expected_refusals if expected else outcome.refusals)[line] += 1
        answers = {call.method for call in self._call_log if call.ok} - SILENT_METHODS
        if self._declined or any(text in value for value in sent for text in DECLINING_TEXTS):
            outcome.declined = outcome.updates
        elif answers:
            outcome.answered = outcome.updates


@asynccontextmanager
async def stress_environment(engine: Any, files: Mapping[str, bytes]) -> AsyncIterator[StressEnvironment]:
    """Run a playground without people and the bot with this engine, while the block runs."""
    log, clock = LogCounter(), ManualClock()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        stack.enter_context(_added_handler(log))
        stack.enter_context(_short_album_pause())
        playground = await stack.enter_async_context(Playground(clock=clock))
        store = await stack.enter_async_context(SQLiteStore.open(folder / "bot.sqlite3"))
        inbox = await stack.enter_async_context(Inbox.open(folder / "inbox.sqlite3"))
        settings = Settings.model_construct(admins=frozenset({ADMIN}), storage_chat=STORAGE)
        application = build_bot(settings, playground, engine, store, limits=UNLIMITED)
        dispatcher = Dispatcher(application, inbox, settings.concurrency)
        await stack.enter_async_context(application)
        environment = StressEnvironment(playground, clock, dispatcher, log)
        await application.start()
        stack.push_async_callback(application.stop)
        stack.push_async_callback(dispatcher.close, DELIVERY_TIMEOUT)
        for name, content in files.items():
            environment.add_file(name, content)
        yield environment


@contextmanager
def _added_handler(log: LogCounter) -> Iterator[None]:
    logging.getLogger().addHandler(log)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(log)


@contextmanager
def _short_album_pause() -> Iterator[None]:
    original, media_groups.QUIET_PERIOD = media_groups.QUIET_PERIOD, ALBUM_PAUSE
    try:
        yield
    finally:
        media_groups.QUIET_PERIOD = original
