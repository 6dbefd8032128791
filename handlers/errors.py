"""The one place where what went wrong becomes a sentence."""

from __future__ import annotations

import logging

from telegram import Message, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError

from engine.errors import BadInput, Busy
from handlers.context import Context
from handlers.person import meet
from handlers.replies import talk

logger = logging.getLogger(__name__)


async def report(update: object, context: Context) -> None:
    """Tell the person what they can do; log what the host should know."""
    error = context.error
    if isinstance(update, Update):
        await meet(update, context)
    if isinstance(error, BadInput | Busy):
        sentence = talk.error(context.texts, error)
    elif isinstance(error, ChatMigrated):
        await _follow(update, context, error.new_chat_id)
        return
    elif _is_out_of_reach(error):
        logger.warning("An answer did not arrive: %s: %s", type(error).__name__, error)
        return
    else:
        logger.error("An update could not be answered", exc_info=error)
        sentence = context.texts("trouble")
    message = update.effective_message if isinstance(update, Update) else None
    if isinstance(message, Message):
        await _tell(message, context, sentence)


async def _follow(update: object, context: Context, chat: int) -> None:
    """Answer a question where its group has moved to: there it has another number."""
    if not isinstance(update, Update) or update.message is None or update.message.chat_id == chat:
        logger.warning("A chat has moved, and is now %d", chat)
        return
    asked = update.to_dict()
    asked["message"]["chat"] |= {"id": chat, "type": "supergroup"}
    await context.application.process_update(Update.de_json(asked, context.bot))


def _is_out_of_reach(error: Exception | None) -> bool:
    """Tell whether no sentence would arrive either: blocked, cut off, or told to be silent.

    `BadRequest` is a `NetworkError` by descent only: there Telegram did answer, and we are wrong.
    """
    return isinstance(error, Forbidden | RetryAfter | NetworkError) and not isinstance(error, BadRequest)


async def _tell(message: Message, context: Context, sentence: str) -> None:
    try:
        await context.reply(message, sentence)
    except TelegramError as error:
        logger.warning("A sentence did not arrive: %s: %s", type(error).__name__, error)
