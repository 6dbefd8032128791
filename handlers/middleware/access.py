"""Access control: who is answered, and how many photos a user may send an hour."""

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
from handlers.context import Context, OperatorSettings
from handlers.keyboards import callback_data
from handlers.keyboards.callback_data import Action, SubjectKind
from handlers.messages.attachments import attached_picture, replied_picture_message
from handlers.middleware.groups import AddressedToBot
from handlers.middleware.preferences import load_preferences
from handlers.usage.token_bucket import TokenBucket

logger = logging.getLogger(__name__)

MINUTE: Final = 60.0  # seconds
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
# Telegram's terms grant these to every user, whatever the operator has set.
ALWAYS_ALLOWED_COMMANDS: Final = ("/privacy", "/delete_me")
CHEAP_ACTIONS: Final = frozenset({Action.UP, Action.DOWN, Action.CLOSE})  # they process no photo


class Access:
    """Stops updates that the operator's settings exclude; admins are always answered."""

    def __init__(self, operator: OperatorSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._operator = operator
        quota = operator.quota
        self._photos = TokenBucket(quota, quota / HOUR, clock) if quota else None
        self._refusals = TokenBucket(1, 1 / DAY, clock)  # one sentence a user and day
        self._quota_notices = TokenBucket(1, 1 / MINUTE, clock)
        self._former_ids: dict[int, int] = {}  # of the groups in the settings that became supergroups

    async def admit(self, update: Update, context: Context) -> None:
        """Let an update pass, or refuse it with a sentence.

        Raises:
            ApplicationHandlerStop: the update is refused.
        """
        if _is_by_another_bot(update):  # it might answer the answer, and so on without end
            raise ApplicationHandlerStop
        self._follow_migration(update)
        user_id = update.effective_user.id if update.effective_user else 0
        if user_id in self._operator.admins or _is_always_allowed(update):
            return
        if not self._is_allowed(update):
            await self._refuse(update, context, user_id)
            raise ApplicationHandlerStop
        if self._photos and _needs_photo(update) and (wait := self._photos.take(user_id)):
            await self._report_quota(update, context, user_id, wait)
            raise ApplicationHandlerStop

    def _is_allowed(self, update: Update) -> bool:
        """Return whether the user or the chat is allowed, and neither is denied."""
        ids = {one.id for one in (update.effective_user, update.effective_chat) if one}
        ids |= {self._former_ids[one] for one in ids & self._former_ids.keys()}
        operator = self._operator
        return not ids & operator.deny and (not operator.allow or bool(ids & operator.allow))

    def _follow_migration(self, update: Update) -> None:
        """Let a setting that names a group hold for the supergroup it has become, until the process ends."""
        message = update.message
        if message is None or not (message.migrate_to_chat_id or message.migrate_from_chat_id):
            return
        now, before = message.migrate_to_chat_id or message.chat.id, message.migrate_from_chat_id
        before = before or message.chat.id
        if before in self._operator.allow | self._operator.deny and now not in self._former_ids:
            self._former_ids[now] = before
            logger.warning("Group %d is now supergroup %d. Please put this id into the settings", before, now)

    async def _refuse(self, update: Update, context: Context, user_id: int) -> None:
        """Refuse a private message once a day, and every press, as it expects an answer; ignore groups."""
        message = update.message
        if update.inline_query:
            await _send_safely(update.inline_query.answer([], is_personal=True))
        elif update.callback_query or (
            message and message.chat.type == ChatType.PRIVATE and not self._refusals.take(user_id)
        ):
            await _reply(update, context, context.texts("refused"))

    async def _report_quota(self, update: Update, context: Context, user_id: int, wait: float) -> None:
        """Report the minutes to wait, at most once a minute: a flood must not be answered with a flood."""
        if update.callback_query or not self._quota_notices.take(user_id):
            await load_preferences(update, context)
            await _reply(update, context, context.texts("too-many-photos", minutes=math.ceil(wait / MINUTE)))


def _is_by_another_bot(update: Update) -> bool:
    """Return whether a bot wrote a message; anonymous admins and channels write by bots of Telegram's own."""
    message = update.message
    return bool(message and message.from_user and message.from_user.is_bot and not message.sender_chat)


def _is_always_allowed(update: Update) -> bool:
    """Return whether the user asks about privacy, deletes their data, or blocks the bot, which deletes it."""
    if (change := update.my_chat_member) is not None:
        return change.chat.type == ChatType.PRIVATE
    if (query := update.callback_query) is not None:
        return (query.data or "").startswith(settings_menu.DELETE_PREFIX)
    message = update.message
    word = (message.text or message.caption or "").partition(" ")[0] if message else ""
    return word.partition("@")[0].lower() in ALWAYS_ALLOWED_COMMANDS


def _needs_photo(update: Update) -> bool:
    """Return whether the engine has to process a user's photo to answer the update."""
    if (query := update.callback_query) is not None:
        button = callback_data.decode(query.data)
        if button is None or button.action in CHEAP_ACTIONS:
            return False
        return button.action is Action.PHOTO or button.subject in {SubjectKind.DESCRIBE, SubjectKind.FOCUS}
    message = update.message
    if message is None or not (attached_picture(message) or replied_picture_message(message)):
        return False
    return message.chat.type == ChatType.PRIVATE or _is_command(message) or AddressedToBot().filter(message)


def _is_command(message: Message) -> bool:
    return any(
        entity.type == MessageEntity.BOT_COMMAND and not entity.offset
        for entity in (*message.entities, *message.caption_entities)
    )


async def _reply(update: Update, context: Context, text: str) -> None:
    if update.callback_query:
        await _send_safely(update.callback_query.answer(text, show_alert=True))
    elif update.message:
        await _send_safely(context.reply(update.message, text))


async def _send_safely(request: Coroutine[Any, Any, object]) -> None:
    """Await a request to Telegram; log a failure, as the update is refused in any case."""
    try:
        await request
    except TelegramError as error:
        logger.warning("A sentence did not arrive: %s: %s", type(error).__name__, error)
