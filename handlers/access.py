"""Who is answered, and how many photos they may send: decided before anything else is done."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

from telegram import Message, MessageEntity, Update
from telegram.constants import ChatType
from telegram.error import TelegramError
from telegram.ext import ApplicationHandlerStop

from handlers import settings_menu
from handlers.context import Context, Host
from handlers.groups import Addressed
from handlers.keyboards import callback_data
from handlers.keyboards.callback_data import Action, SubjectKind
from handlers.messages.attachments import picture_in, pictured
from handlers.preferences import load_preferences
from handlers.usage.token_bucket import TokenBucket

logger = logging.getLogger(__name__)

MINUTE: Final = 60.0  # seconds
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
# What Telegram's terms give to everybody, whatever the host has decided: to know, and to be forgotten.
RIGHTS: Final = ("/privacy", "/delete_me")
CHEAP: Final = frozenset({Action.UP, Action.DOWN, Action.CLOSE})  # buttons for which no photo is looked at


class Access:
    """Stops what the host does not want answered; admins are always answered."""

    def __init__(self, host: Host, clock: Callable[[], float] = time.monotonic) -> None:
        self._host = host
        self._photos = TokenBucket(host.quota, host.quota / HOUR, clock) if host.quota else None
        self._refused = TokenBucket(1, 1 / DAY, clock)  # sentences: who was told once need not be told again
        self._asked_to_wait = TokenBucket(1, 1 / MINUTE, clock)

    async def admit(self, update: Update, context: Context) -> None:
        """Let an update through, or say why not and stop it.

        Raises:
            ApplicationHandlerStop: it is dealt with.
        """
        person = update.effective_user.id if update.effective_user else 0
        if person in self._host.admins or _is_a_right(update):
            return
        if not self._is_welcome(update):
            await self._refuse(update, context, person)
            raise ApplicationHandlerStop
        if self._photos and _looks_at_a_photo(update) and (wait := self._photos.take(person)):
            await self._ask_to_wait(update, context, person, wait)
            raise ApplicationHandlerStop

    def _is_welcome(self, update: Update) -> bool:
        """Tell whether the person or the chat is let in, and neither is kept out."""
        who = {one.id for one in (update.effective_user, update.effective_chat) if one}
        return not who & self._host.deny and (not self._host.allow or bool(who & self._host.allow))

    async def _refuse(self, update: Update, context: Context, person: int) -> None:
        """Tell a person once, and a press always, for it waits for an answer; a group is told nothing."""
        message = update.message
        if update.inline_query:
            await _tried(update.inline_query.answer([], is_personal=True))
        elif update.callback_query or (
            message and message.chat.type == ChatType.PRIVATE and not self._refused.take(person)
        ):
            await _say(update, context, context.texts("refused"))

    async def _ask_to_wait(self, update: Update, context: Context, person: int, seconds: float) -> None:
        """Name the minutes, at most once in one of them: a flood of photos is not answered with a flood."""
        if update.callback_query or not self._asked_to_wait.take(person):
            await load_preferences(update, context)
            await _say(update, context, context.texts("too-many-photos", minutes=math.ceil(seconds / MINUTE)))


def _is_a_right(update: Update) -> bool:
    """Tell whether a person asks what is kept, or to be forgotten, or blocks the bot, which is the same."""
    if (change := update.my_chat_member) is not None:
        return change.chat.type == ChatType.PRIVATE
    if (pressed := update.callback_query) is not None:
        return (pressed.data or "").startswith(settings_menu.DELETION)
    said = (update.message.text or "").partition(" ")[0] if update.message else ""
    return said.partition("@")[0].lower() in RIGHTS


def _looks_at_a_photo(update: Update) -> bool:
    """Tell whether the engine would have to look at a person's photo for this."""
    if (pressed := update.callback_query) is not None:
        wish = callback_data.read(pressed.data)
        return (
            wish is not None
            and wish.about in {SubjectKind.DESCRIBE, SubjectKind.FOCUS}
            and wish.verb not in CHEAP
        )
    message = update.message
    if message is None or not (picture_in(message) or pictured(message)):
        return False
    return message.chat.type == ChatType.PRIVATE or _is_command(message) or Addressed().filter(message)


def _is_command(message: Message) -> bool:
    return any(one.type == MessageEntity.BOT_COMMAND and not one.offset for one in message.entities)


async def _say(update: Update, context: Context, sentence: str) -> None:
    if update.callback_query:
        await _tried(update.callback_query.answer(sentence, show_alert=True))
    elif update.message:
        await _tried(context.reply(update.message, sentence))


async def _tried(telling: Coroutine[Any, Any, object]) -> None:
    """Wait until somebody is told something; if that fails, the update is dealt with nonetheless."""
    try:
        await telling
    except TelegramError as error:
        logger.warning("A sentence did not arrive: %s: %s", type(error).__name__, error)
