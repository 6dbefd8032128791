"""What the tests of the bot share: a scripted engine, an injector of updates, a bot at the playground."""

from __future__ import annotations

import asyncio
import html
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol
from unittest.mock import Mock

import httpx
import pytest
from PIL import Image
from telegram import Update

from bot import lifecycle
from bot.app import build_application
from bot.playground import Person, Playground
from bot.sending.sliding_window import SendLimits
from bot.settings import Settings
from bot.storage.inbox import Inbox, Json
from bot.storage.store import SQLStore
from bot.types import KindredApplication
from bot.updates.dispatcher import Dispatcher
from engine.api import CAPTIONS, MATCHES, TAGS, EngineAPI
from engine.errors import BadInputError, EmptyQueryError, UnknownImageError
from engine.language import notation
from engine.language.cleaning import clean
from engine.language.dictionary import Translation, detect_language, translate
from engine.language.understanding import WITHOUT_WORDS, WORD_COUNTS, WRONG_COUNT
from engine.results import (
    Caption,
    Description,
    Explanation,
    GalleryInfo,
    Intent,
    IntentKind,
    Match,
    Point,
    Tag,
    WordMatch,
    WordSimilarity,
)
from handlers.i18n.texts import LANGUAGES, texts_in
from handlers.usage.metrics import UsageRecorder

if TYPE_CHECKING:
    from bot.storage.postgres.send_log import SendLog
    from engine.model.checkpoint import Checkpoint

UNLIMITED = SendLimits(1_000, 1_000, 1_000)  # or tests would wait as people do
open_inbox: Callable[[Path], AbstractAsyncContextManager[Inbox]] = Inbox.open  # or its like in PostgreSQL
DISPATCHERS: dict[KindredApplication, Dispatcher] = {}  # of the bots that are running
TIMEOUT = 120.0  # seconds: a busy machine must not fail a test


class NewPerson(Protocol):
    """Create a person who never wrote to the bot; `language` is the language code of their app."""

    def __call__(self, name: str, language: str | None = None) -> Person: ...


def _in_english(text: str, language: str | None) -> Translation:
    """Return the text as it is read where every word may be English."""
    return translate(text, detect_language(text, language, lambda word: True))


def _literal_intent(text: str, language: str | None, *, with_photo: bool) -> Intent:
    """Return commands, analogies in signs, the word "boy", and all else as a description, as it is."""
    if command := notation.command(text):
        return _command_intent(*command, language)
    if words := notation.analogy(text):
        english = tuple(_in_english(word, language).text for word in words)
        return Intent(IntentKind.ANALOGY, english, translated=english != words)
    translation = _in_english(text, language)
    word = notation.bare_word(translation.text)
    if word and word.lower() == "boy" and not with_photo:
        return Intent(IntentKind.SIMILAR, ("boy",), translated=translation.changed)
    positive = (translation.text,)
    return Intent(IntentKind.DESCRIPTION, positive=positive, translated=translation.changed)


def _command_intent(kind: IntentKind, arguments: str, language: str | None) -> Intent:
    """Return the intent of a command of words."""
    if kind not in WITHOUT_WORDS:
        return Intent(kind)
    if not arguments:
        raise EmptyQueryError(key=WITHOUT_WORDS[kind])
    if kind is IntentKind.DESCRIPTION:
        translation = _in_english(arguments, language)
        return Intent(kind, positive=(translation.text,), translated=translation.changed)
    words = notation.analogy(arguments) or notation.words(arguments)
    if len(words) != WORD_COUNTS[kind]:
        raise BadInputError(key=WRONG_COUNT[kind])
    english = tuple(_in_english(word, language).text for word in words)
    return Intent(kind, english, translated=english != tuple(words), written=tuple(words))


class ScriptedEngine:
    """An engine whose answers a test sets; it computes nothing and records its calls."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Go back to the first script, with no call on record."""
        self.__dict__.clear()
        self.gallery = GalleryInfo("the test gallery", 60, "Photos by kind people.")
        self.canned_captions: tuple[Caption, ...] = tuple(Caption(f"a dog {n}", 0.9) for n in range(CAPTIONS))
        self.matches: tuple[Match, ...] = tuple(Match(f"{n}.jpg", 0.9) for n in range(60))
        self.known: Match | None = None
        self.error: Exception | None = None
        self.intents: dict[str, Intent] = {}  # of texts that are not to be taken literally
        self.calls: list[tuple[str, ...]] = []
        self.stalled_for = 0.0

    async def describe(self, photo: bytes, count: int = MATCHES, captions: int = CAPTIONS) -> Description:
        self._record("describe")
        return Description(self.canned_captions, self.matches[:count], self.known)

    async def captions(self, photo: bytes, count: int = CAPTIONS) -> tuple[Caption, ...]:
        self._record("captions")
        return self.canned_captions[:count]

    async def tags(self, photo: bytes, count: int = TAGS) -> tuple[Tag, ...]:
        self._record("tags")
        return (Tag("dog", 0.41, spoken=True), Tag("grass", 0.37, spoken=True))

    async def explain(self, photo: bytes, caption: str = "") -> Explanation:
        self._record("explain", caption)
        return Explanation(caption or "a dog 0", jpeg(Image.new("RGB", (64, 48), (200, 120, 60))))

    async def similar(self, word: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        self._record("similar", word)
        return (WordMatch("girl", 0.9),)

    async def analogy(self, a: str, b: str, c: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        self._record("analogy", a, b, c)
        return (WordMatch("women", 0.9),)

    async def understand(self, text: str, language: str | None = None, *, with_photo: bool = False) -> Intent:
        return self.intents.get(text) or _literal_intent(clean(text), language, with_photo=with_photo)

    async def find(self, text: str, count: int = MATCHES, photo: bytes | None = None) -> tuple[Match, ...]:
        self._record("find", text, *(["photo"] if photo else []))
        return self.matches[:count]

    async def search_focused(self, photo: bytes, text: str, count: int = MATCHES) -> tuple[Match, ...]:
        self._record("search_focused", text)
        return self.matches[:count]

    async def similar_images(self, image: str, count: int = MATCHES) -> tuple[Match, ...]:
        self._record("similar_images", image)
        known = next((match.image for match in self.matches if image in {match.image, match.key}), None)
        if known is None:
            raise UnknownImageError
        return tuple(match for match in self.matches if match.image != known)[:count]

    async def word_similarity(self, a: str, b: str) -> WordSimilarity:
        self._record("word_similarity", a, b)
        return WordSimilarity(a, b, 0.8, 99.6)

    async def sample(self, count: int = MATCHES) -> tuple[Match, ...]:
        self._record("sample", str(count))
        return tuple(Match(match.image, 0.0) for match in self.matches[:count])

    async def word_points(self) -> tuple[Point, ...]:
        return (Point("boy", 0.1, 0.2, 0),)

    async def image_points(self) -> tuple[Point, ...]:
        self._record("image_points")
        return (Point("1.jpg", 0.1, 0.2, 0),)

    async def word_map(self) -> bytes:
        self._record("word_map")
        return jpeg(Image.new("RGB", (640, 640), (250, 250, 250)))

    image_map = word_map

    async def picture(self, image: str) -> bytes:
        """A photo of its own for each image."""
        number = int(image.partition(".")[0])
        return jpeg(Image.new("RGB", (64, 48), (4 * number, 120, 60)))

    async def album_photo(self, image: str) -> bytes:
        return await self.picture(image)

    async def close(self) -> None:
        pass

    def _record(self, *call: str) -> None:
        self.calls.append(call)
        if self.error is not None:
            raise self.error


def delayed(method: Callable[..., Awaitable[Any]], released: asyncio.Event) -> Callable[..., Awaitable[Any]]:
    """Hold back the answers of an engine's method until an event is set."""

    async def wait_and_call(*arguments: Any, **named: Any) -> Any:
        await released.wait()
        return await method(*arguments, **named)

    return wait_and_call


def without_tags(text: str) -> str:
    """Return the letters of a text in Telegram's HTML."""
    return html.unescape(re.sub("<[^>]+>", "", text))


async def deliver(inbox: Inbox, updates: Sequence[Json]) -> list[Json]:
    """Store updates, and return those that are new and now the inbox's process's to answer."""
    known = {update["update_id"] for update in await inbox.waiting()}
    new = await inbox.add(updates)
    wanted = {update["update_id"] for update in await inbox.waiting()} - known
    async with asyncio.timeout(TIMEOUT):
        async for assigned, _ in inbox.assigned(lambda: 0.0):
            new += [update for update in assigned if update["update_id"] in wanted]
            if len(new) == len(wanted):
                break
    return new


async def wait_until_inbox_empty(dispatcher: Dispatcher) -> None:
    """Wait until the inbox holds no update: one is marked as done a moment after its answer is there."""
    async with asyncio.timeout(TIMEOUT):
        while await dispatcher.inbox.waiting():  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.01)


async def open_shipped_engine(settings: Settings, shipped: Checkpoint) -> EngineAPI:
    """Open the real engine with a network that is loaded already."""
    from engine.async_engine import open_engine  # imports OpenVINO, for which most tests need not wait
    from engine.model import checkpoint

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "load", lambda *_: shipped)
        return await open_engine(settings)


async def clear_store(store: SQLStore) -> None:
    """Forget every file id, drawing, preference and vote."""
    for table in ("files", "drawings", "people", "votes"):
        await store._database.execute_fetchall(f"DELETE FROM {table}")


class UpdateInjector:
    """Delivers updates that no person of the playground can send: other kinds, other chats."""

    def __init__(self, application: KindredApplication, person: Person) -> None:
        self._application = application
        self._person = person
        self._number = 900_000

    async def deliver(self, kind: str = "message", **content: Any) -> None:
        """Hand an update to the bot and wait until it is answered."""
        self._number += 1
        message = {
            "message_id": self._number,
            "date": 1_700_000_000,
            "chat": {"id": self._person.id, "type": "private", "first_name": "Ada"},
            "from": {"id": self._person.id, "is_bot": False, "first_name": "Ada"},
            **content,
        }
        update = Update.de_json({"update_id": self._number, kind: message}, self._application.bot)
        await self._application.process_update(update)


@asynccontextmanager
async def running_bot(
    application: KindredApplication,
    grace: float = 5.0,
    inbox: Path | None = None,
    concurrency: int = 64,
    **settings: Any,
) -> AsyncIterator[Dispatcher]:
    """Run a bot while the block runs, with an inbox of its own or the one in this file."""
    with TemporaryDirectory() as folder:
        async with open_inbox(inbox or Path(folder) / "inbox.sqlite3") as opened:
            dispatcher = DISPATCHERS[application] = Dispatcher(application, opened, concurrency)
            async with lifecycle.running(dispatcher, Settings.model_construct(grace=grace, **settings)):
                yield dispatcher


async def wait_until_received(application: KindredApplication) -> None:
    """Wait until an update was received and is being answered."""
    async with asyncio.timeout(TIMEOUT):
        while not DISPATCHERS[application].waiting:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def wait_until_idle(application: KindredApplication) -> None:
    """Wait until every update that was received is answered."""
    async with asyncio.timeout(TIMEOUT):
        while DISPATCHERS[application].waiting:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def http_client(**options: Any) -> httpx.AsyncClient:
    """Return a client of servers of this machine, which need no proxies and no certificates read for them."""
    return httpx.AsyncClient(trust_env=False, verify=False, **options)


@cache
def warm_up() -> None:
    """Load what every bot loads until it has answered; processes that are forked later need not."""
    build_application(Settings.model_construct(), ScriptedEngine(), Mock(), token="1:a")
    _in_english("hallo", None)
    for language in LANGUAGES:
        texts_in(language)
    Image.init()


def jpeg(image: Image.Image) -> bytes:
    """Encode a picture as a phone would."""
    written = io.BytesIO()
    image.convert("RGB").save(written, "JPEG", quality=85)
    return written.getvalue()


def build_bot(
    settings: Settings,
    playground: Playground,
    engine: EngineAPI,
    store: SQLStore,
    usage: UsageRecorder | None = None,
    limits: SendLimits = UNLIMITED,
    send_log: SendLog | None = None,
    **changed: Any,
) -> KindredApplication:
    """Build a bot that talks to the playground, with some settings changed."""
    here = {"base_url": playground.base_url, "base_file_url": playground.base_file_url}
    settings = settings.model_copy(update=here | changed)
    return build_application(
        settings, engine, store, token=playground.token, usage=usage, limits=limits, send_log=send_log
    )
