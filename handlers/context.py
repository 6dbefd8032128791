"""What a handler is given besides the update: a typed context that carries the engine and who writes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from telegram import InlineKeyboardMarkup, Message, Update
from telegram.ext import Application, CallbackContext, ExtBot

from engine.api import EngineAPI
from handlers.i18n.texts import Texts, texts_in
from handlers.keyboards.debounce import PressDebouncer
from handlers.messages.media_groups import MediaGroupCollector
from handlers.store import Preferences, Store
from handlers.usage.metrics import UniqueUsers, UsageRecorder


@dataclass(frozen=True, slots=True)
class Host:
    """What the host of the bot decided.

    Attributes:
        admins: ids of the people who may ask for /stats.
        storage_chat: where pictures are sent that inline mode is to show, if anywhere.
        allow: ids of the people and chats that are answered; if there are none, everybody is.
        deny: ids of the people and chats that are not.
        quota: photos that a person may have looked at in an hour; None: as many as they like.
        since: when the process began, on the monotonic clock.
    """

    admins: frozenset[int] = frozenset()
    storage_chat: int | None = None
    allow: frozenset[int] = frozenset()
    deny: frozenset[int] = frozenset()
    quota: int | None = None
    since: float = field(default_factory=time.monotonic)


class Context(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """The context of every handler; `bound_to` gives it the engine of one application.

    Attributes:
        language: the code of the language in which the person reads and writes, if that is known.
        texts: sentences in that language, or in English.
        preferences: what that person chose; `handlers.preferences.load_preferences` looks both up.
        kind: what is being asked, in the counter's words; a handler may say it more exactly.
    """

    engine: ClassVar[EngineAPI]
    store: ClassVar[Store]
    counter: ClassVar[UsageRecorder]
    host: ClassVar[Host]
    crowd: ClassVar[UniqueUsers]
    uploads: ClassVar[asyncio.Lock]  # pictures on their way to the storage chat
    presses: ClassVar[PressDebouncer]
    collector: ClassVar[MediaGroupCollector]
    language: str | None
    texts: Texts
    preferences: Preferences
    kind: str

    @classmethod
    def from_update(cls, update: object, application: Application[Any, Any, Any, Any, Any, Any]) -> Self:
        """Make the context of one update."""
        context = super().from_update(update, application)
        context.preferences, context.kind = Preferences(), "other"
        context.speak(language_of(update))
        return context

    def speak(self, language: str | None) -> None:
        """Speak a language from now on."""
        self.language, self.texts = language, texts_in(language)

    async def reply(
        self, message: Message, text: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> Message:
        """Answer a message where it was written, as loudly as the person likes it."""
        quiet = self.preferences.quiet
        return await message.reply_text(text, reply_markup=keyboard, disable_notification=quiet)


def bound_to(engine: EngineAPI, store: Store, counter: UsageRecorder, host: Host) -> type[Context]:
    """Make the context class of one application, with its engine and what it remembers."""
    given = {"engine": engine, "store": store, "counter": counter, "host": host}
    own = {
        "presses": PressDebouncer(),
        "collector": MediaGroupCollector(),
        "crowd": UniqueUsers(),
        "uploads": asyncio.Lock(),
    }
    return type("BoundContext", (Context,), given | own)


def language_of(update: object) -> str | None:
    """Tell the language that the person's app is set to."""
    user = update.effective_user if isinstance(update, Update) else None
    return user.language_code if user else None


def question(update: Update) -> Message:
    """Give the new message an update brings; the filters of the bot let no other update in."""
    if update.message is None:
        raise TypeError("a handler for new messages was given another kind of update")
    return update.message
