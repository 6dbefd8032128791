"""The one place where what went wrong becomes a sentence."""

from __future__ import annotations

import logging

from telegram import Message, Update
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from engine.errors import BadInput, Busy
from handlers.context import Context, texts_for
from handlers.replies import talk

logger = logging.getLogger(__name__)


async def report(update: object, context: Context) -> None:
    """Tell the person what they can do; log what the host should know."""
    error = context.error
    if isinstance(error, BadInput | Busy):
        sentence = talk.error(texts_for(update), error)
    elif _is_out_of_reach(error):
        logger.warning("An answer did not arrive: %s: %s", type(error).__name__, error)
        return
    else:
        logger.error("An update could not be answered", exc_info=error)
        sentence = texts_for(update)("trouble")
    message = update.effective_message if isinstance(update, Update) else None
    if isinstance(message, Message):
        await _tell(message, sentence)


def _is_out_of_reach(error: Exception | None) -> bool:
    """Tell whether no sentence would arrive either: blocked, cut off, or told to be silent.

    `BadRequest` is a `NetworkError` by descent only: there Telegram did answer, and we are wrong.
    """
    return isinstance(error, Forbidden | RetryAfter | NetworkError) and not isinstance(error, BadRequest)


async def _tell(message: Message, sentence: str) -> None:
    try:
        await message.reply_text(sentence)
    except TelegramError as error:
        logger.warning("A sentence did not arrive: %s: %s", type(error).__name__, error)
