"""Pressed buttons that wait for their answer."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.playground.telegram.api_errors import QUERY_TOO_OLD, bad_request
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.events import Feed
from bot.playground.telegram.limits import QUERY_SECONDS
from bot.playground.telegram.parameters import Json
from bot.playground.telegram.updates import UpdateQueue


@dataclass(frozen=True)
class _Press:
    """One press, until it is answered."""

    chat: Chat
    user: Json
    at: float


class Presses:
    """Takes presses to the bot, and its answers back to whoever pressed."""

    def __init__(self, clock: Callable[[], float], updates: UpdateQueue, feed: Feed) -> None:
        self._clock = clock
        self._updates = updates
        self._feed = feed
        self._open: dict[str, _Press] = {}

    def press(self, chat: Chat, user: Json, about: Json, data: str) -> str:
        """Press a button; `about` names its message, the result the query that waits for an answer."""
        number = str(secrets.randbelow(10**18) + 10**18)
        self._open[number] = _Press(chat, user, self._clock())
        query = {"id": number, "from": user, **about, "data": data, "chat_instance": str(-chat.id)}
        self._updates.put("callback_query", query)
        return number

    def answer(self, number: str, answer: Json) -> None:
        """Answer a pressed button once, in time."""
        press = self._open.pop(number, None)
        if press is None or self._clock() - press.at > QUERY_SECONDS:
            raise bad_request(QUERY_TOO_OLD)
        self._feed.tell(press.chat.id, {"type": "answer", "query": number, "to": press.user["id"], **answer})
