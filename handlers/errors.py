"""The one place where what went wrong becomes a sentence."""

from __future__ import annotations

import logging

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from engine.errors import BadInputError, BusyError, EngineError
from handlers.context import Context
from handlers.preferences import load_preferences
from handlers.replies import general

logger = logging.getLogger(__name__)


class DeferredError(BusyError):
    """An update is not answered now: it waits, or is refused."""

    def __init__(self, key: str, **values: int) -> None:
        """Take the name of a sentence, and what it holds."""
        EngineError.__init__(self, key=key, **values)


async def report(update: object, context: Context) -> None:
    """Tell the person what they can do; log what the host should know."""
    error = context.error
    if isinstance(update, Update):
        await load_preferences(update, context)
    if isinstance(error, BadInputError | BusyError):
        sentence = general.error(context.texts, error)
    elif isinstance(error, Forbidden | RetryAfter):  # no sentence would arrive either
        logger.warning("An answer did not arrive: %s: %s", type(error).__name__, error)
        await _forget(update, context, error)
        return
    elif isinstance(error, NetworkError) and not isinstance(error, BadRequest):  # its kin by descent only
        logger.warning("An answer may not have arrived: %s: %s", type(error).__name__, error)
        sentence = context.texts("not-arrived")
    else:
        logger.error("An update could not be answered", exc_info=error)
        sentence = context.texts("trouble")
    message = update.effective_message if isinstance(update, Update) else None
    if isinstance(message, Message):
        await _tell(message, context, sentence)


async def _forget(update: object, context: Context, error: Forbidden | RetryAfter) -> None:
    """Keep nothing about a person who has blocked the bot, or is no longer on Telegram."""
    chat = update.effective_chat if isinstance(update, Update) else None
    if isinstance(error, Forbidden) and chat and chat.type == ChatType.PRIVATE:
        await context.store.forget(chat.id)


async def _tell(message: Message, context: Context, sentence: str) -> None:
    try:
        await context.reply(message, sentence)
    except TelegramError as error:
        logger.warning("A sentence did not arrive: %s: %s", type(error).__name__, error)
