"""Parsing of updates: what cannot be read of a message costs only itself."""

from __future__ import annotations

import logging
from typing import Any, Final

from telegram import Message, Update
from telegram.ext import ExtBot

from bot.storage.inbox import Json

logger = logging.getLogger(__name__)

# The errors that PTB raises for an update that is not shaped like Telegram's.
MALFORMED: Final = (
    TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError, RecursionError,
)  # fmt: skip
MESSAGE: Final = "message"
# What a message cannot do without, and who is answered.
REQUIRED: Final[tuple[str, ...]] = ("message_id", "date", "chat", "from", "sender_chat")


def parse_update(raw: Json, bot: ExtBot[Any]) -> Update | None:
    """Parse an update; None if it cannot be read.

    Of a message, the fields that cannot be read are left out: a poll of a Bot API server before 9.6 lacks
    fields that PTB requires, and who sent it would get no answer at all.
    """
    try:
        return Update.de_json(raw, bot)
    except MALFORMED as error:
        problem = type(error).__name__
    try:
        reduced, left_out = _reduce(raw[MESSAGE], bot)
        update = Update.de_json(raw | {MESSAGE: reduced}, bot)
    except MALFORMED:
        logger.warning("Update %d cannot be read: %s", raw["update_id"], problem)
        return None
    logger.warning("Update %d has fields that cannot be read: %s", raw["update_id"], ", ".join(left_out))
    return update


def _reduce(message: Json, bot: ExtBot[Any]) -> tuple[Json, list[str]]:
    """Return a message without the fields that cannot be read, and the names of those."""
    required = {name: message[name] for name in REQUIRED if name in message}
    reduced: Json = dict(required)
    left_out: list[str] = []
    for name, value in message.items():
        try:
            Message.de_json(required | {name: value}, bot)
            reduced[name] = value
        except MALFORMED:
            left_out.append(name)
    return reduced, left_out
