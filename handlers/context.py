"""The typed context of handlers: it carries the engine, the storage and the user's preferences."""

from __future__ import annotations

import asyncio
import time
from contextvars import ContextVar
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

# Whether an earlier attempt at the update may have sent messages: what "sending" returns may then be theirs.
is_retry: ContextVar[bool] = ContextVar("is_retry", default=False)


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """The operator's settings that handlers need.

    Attributes:
        admins: ids of the users who may call /stats.
        storage_chat: id of the chat to which pictures for inline mode are uploaded; None uploads none.
        allow: ids of the users and chats that are answered; if empty, all are.
        deny: ids of the users and chats that are not answered.
        quota: photos per user and hour; None sets no limit.
        started_at: when the process started, in seconds of the monotonic clock.
    """

    admins: frozenset[int] = frozenset()
    storage_chat: int | None = None
    allow: frozenset[int] = frozenset()
    deny: frozenset[int] = frozenset()
    quota: int | None = None
    started_at: float = field(default_factory=time.monotonic)


class Context(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """The context of every handler; `bind_context` makes the class for one application.

    Attributes:
        engine: answers queries.
        store: the persistent storage.
        usage: records the requests.
        operator: the operator's settings.
        unique_users: counts the users.
        upload_lock: held while pictures are uploaded to the storage chat.
        debouncer: recognises repeated presses of buttons.
        media_groups: collects the messages of media groups.
        language: the language code of the user; None if it is unknown.
        texts: the sentences in that language, or in English.
        preferences: the user's preferences, set by `handlers.middleware.preferences.load_preferences`.
        kind: the kind of the request in the metrics; a handler may set a more specific one.
    """

    engine: ClassVar[EngineAPI]
    store: ClassVar[Store]
    usage: ClassVar[UsageRecorder]
    operator: ClassVar[OperatorSettings]
    unique_users: ClassVar[UniqueUsers]
    upload_lock: ClassVar[asyncio.Lock]
    debouncer: ClassVar[PressDebouncer]
    media_groups: ClassVar[MediaGroupCollector]
    language: str | None
    texts: Texts
    preferences: Preferences
    kind: str

    @classmethod
    def from_update(cls, update: object, application: Application[Any, Any, Any, Any, Any, Any]) -> Self:
        """Make the context of one update."""
        context = super().from_update(update, application)
        context.preferences, context.kind = Preferences(), "other"
        context.set_language(language_of(update))
        return context

    def set_language(self, language: str | None) -> None:
        """Set the language of queries and answers."""
        self.language, self.texts = language, texts_in(language)

    async def reply(
        self, message: Message, text: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> Message:
        """Reply to a message; without a sound if the user prefers that."""
        quiet = self.preferences.quiet
        return await message.reply_text(text, reply_markup=keyboard, disable_notification=quiet)


def bind_context(
    engine: EngineAPI, store: Store, usage: UsageRecorder, operator: OperatorSettings
) -> type[Context]:
    """Make the context class of one application, with its engine and its own state."""
    services = {"engine": engine, "store": store, "usage": usage, "operator": operator}
    state = {
        "debouncer": PressDebouncer(),
        "media_groups": MediaGroupCollector(),
        "unique_users": UniqueUsers(),
        "upload_lock": asyncio.Lock(),
    }
    return type("BoundContext", (Context,), services | state)


def language_of(update: object) -> str | None:
    """Return the language code of the user's app; None if it is unknown."""
    user = update.effective_user if isinstance(update, Update) else None
    return user.language_code if user else None


def new_message(update: Update) -> Message:
    """Return the new message of an update; the application's filters pass no other updates."""
    if update.message is None:
        raise TypeError("a handler of new messages received another kind of update")
    return update.message
