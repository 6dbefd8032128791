"""The error handler: it turns exceptions into replies and log records."""

from __future__ import annotations

import logging
import re
from contextlib import suppress

from telegram import InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from engine.errors import BadInputError, BusyError, EngineError
from handlers.context import Context
from handlers.messages.callbacks import acknowledge
from handlers.middleware.preferences import load_preferences
from handlers.replies import general
from handlers.replies.suggestions import after_error, command_keyboard
from handlers.store import StoreUnavailableError

logger = logging.getLogger(__name__)

# Telegram has no codes for why it refuses a message. Nothing may be written to the chat ...
NOTHING_ALLOWED = re.compile(
    r"chat not found|peer_id_invalid|topic_closed|chat_write_forbidden|chat_send_plain_forbidden"
    r"|no rights to send a message|not enough rights to send text|need administrator rights in the channel",
    re.IGNORECASE,
)
# ... or words, but no photos or albums.
NO_PHOTOS_ALLOWED = re.compile(r"not enough rights to send|chat_send_\w+_forbidden", re.IGNORECASE)


class DeferredError(BusyError):
    """An update is not answered now: it is queued, or rejected."""

    def __init__(self, key: str, **values: int) -> None:
        """Set the key of the reply, and its values."""
        EngineError.__init__(self, key=key, **values)


async def report(update: object, context: Context) -> None:
    """Reply what the user can do about an error; log what the operator should know."""
    error = context.error
    if isinstance(update, Update):
        await load_preferences(update, context)
    keyboard = None
    if isinstance(error, StoreUnavailableError):
        await _report_full_store(update, context, error)
        return
    if isinstance(error, BadInputError | BusyError):
        text, keyboard = general.error(context.texts, error), _suggestions(context, error)
    elif isinstance(error, Forbidden | RetryAfter) or _is_refusal(error, NOTHING_ALLOWED):
        # A reply would not arrive either.
        logger.warning("An answer did not arrive: %s: %s", type(error).__name__, error)
        await _delete_blocking_user(update, context, error)
        return
    elif _is_refusal(error, NO_PHOTOS_ALLOWED):
        logger.warning("An answer did not arrive: %s: %s", type(error).__name__, error)
        text = context.texts("photos-not-allowed")
    elif isinstance(error, NetworkError) and not isinstance(error, BadRequest):  # a subclass in name only
        logger.warning("An answer may not have arrived: %s: %s", type(error).__name__, error)
        text = context.texts("network-error")
    else:
        logger.error("An update could not be answered", exc_info=error)
        text = context.texts("internal-error")
    message = update.effective_message if isinstance(update, Update) else None
    if isinstance(message, Message):
        await _reply_safely(message, context, text, keyboard)


def _is_refusal(error: Exception | None, reason: re.Pattern[str]) -> bool:
    """Return whether Telegram has refused a call for this reason."""
    return isinstance(error, BadRequest) and reason.search(error.message) is not None


def _suggestions(context: Context, error: EngineError) -> InlineKeyboardMarkup | None:
    """Return buttons for what the sentence of an error suggests."""
    if error.key == "unknown-word-near" and context.kind == "similar":
        near = str(error.values["near"]).split("/")
        return command_keyboard([(word.strip(), f"/similar {word.strip()}") for word in near])
    return after_error(context.texts, error.key)


async def _report_full_store(update: object, context: Context, error: StoreUnavailableError) -> None:
    """Reply that a choice could not be stored: the disk is full, say."""
    logger.warning("A choice could not be stored, or data not be deleted: %s", error)
    text = context.texts("store-unavailable")
    if isinstance(update, Update) and update.callback_query:
        await acknowledge(update.callback_query, text, alert=True)
    elif isinstance(update, Update) and update.message:
        await _reply_safely(update.message, context, text, None)


async def _delete_blocking_user(update: object, context: Context, error: Exception | None) -> None:
    """Delete the data of a user who has blocked the bot or left Telegram."""
    chat = update.effective_chat if isinstance(update, Update) else None
    if isinstance(error, Forbidden) and chat and chat.type == ChatType.PRIVATE:
        with suppress(StoreUnavailableError):  # the store deletes it later
            await context.store.forget(chat.id)


async def _reply_safely(
    message: Message, context: Context, text: str, keyboard: InlineKeyboardMarkup | None
) -> None:
    try:
        await context.reply(message, text, keyboard)
    except TelegramError as error:
        logger.warning("A sentence did not arrive: %s: %s", type(error).__name__, error)
