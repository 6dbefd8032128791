"""What the tests of the bot act with: an engine that follows a script, a post that delivers anything."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from telegram import Update

from bot.app import KindredApplication, build_application
from bot.playground import Person, Playground
from bot.settings import Settings
from engine.results import Caption, Description, GalleryInfo, Match, WordMatch
from engine.verbs import MATCHES, Verbs
from handlers.store import Store

PATIENCE = 60.0  # seconds: a busy machine must not fail a test


class ScriptedEngine:
    """An engine whose answers a test writes down; it computes nothing."""

    def __init__(self) -> None:
        self.gallery = GalleryInfo("the test gallery", 12, "Photos by kind people.")
        self.matches: tuple[Match, ...] = tuple(Match(f"{n}.jpg", 0.9) for n in range(MATCHES))
        self.error: Exception | None = None

    async def describe(self, photo: bytes, count: int = MATCHES) -> Description:
        self._fail_if_told()
        return Description((Caption("a dog", 0.9),), self.matches)

    async def similar(self, word: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        self._fail_if_told()
        return (WordMatch("girl", 0.9),)

    async def analogy(self, a: str, b: str, c: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        self._fail_if_told()
        return (WordMatch("women", 0.9),)

    async def find(self, text: str, count: int = MATCHES) -> tuple[Match, ...]:
        self._fail_if_told()
        return self.matches

    async def picture(self, image: str) -> bytes:
        return jpeg(Image.new("RGB", (64, 48), (90, 120, 60)))

    async def knows(self, word: str) -> bool:
        return word == "boy"

    async def close(self) -> None:
        pass

    def _fail_if_told(self) -> None:
        if self.error is not None:
            raise self.error


class Post:
    """Delivers updates no person of the playground can send: other kinds, other chats."""

    def __init__(self, application: KindredApplication, person: Person) -> None:
        self._application = application
        self._person = person
        self._number = 900_000

    async def deliver(self, kind: str = "message", **content: Any) -> None:
        """Hand an update to the bot and wait until it is dealt with."""
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


def jpeg(image: Image.Image) -> bytes:
    """Encode a picture as a phone would."""
    written = io.BytesIO()
    image.convert("RGB").save(written, "JPEG", quality=85)
    return written.getvalue()


def wired(settings: Settings, playground: Playground, engine: Verbs, store: Store) -> KindredApplication:
    """Wire a bot to the playground."""
    here = {"base_url": playground.base_url, "base_file_url": playground.base_file_url}
    return build_application(settings.model_copy(update=here), engine, store, token=playground.token)
