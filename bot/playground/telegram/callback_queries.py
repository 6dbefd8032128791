"""Callback queries: pressed buttons until the bot answers them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.playground.telegram.api_errors import QUERY_TOO_OLD, bad_request
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.events import Events
from bot.playground.telegram.limits import QUERY_SECONDS
from bot.playground.telegram.parameters import Json
from bot.playground.telegram.updates import UpdateQueue


@dataclass(frozen=True)
class _PendingQuery:
    """One query until it is answered."""

    chat: Chat
    user: Json
    sent_at: float


class CallbackQueries:
    """Passes callback queries to the bot and its answers to the people who pressed."""

    def __init__(self, clock: Callable[[], float], updates: UpdateQueue, events: Events) -> None:
        self._clock = clock
        self._updates = updates
        self._events = events
        self._pending: dict[str, _PendingQuery] = {}

    def press(self, chat: Chat, user: Json, origin: Json, data: str) -> str:
        """Send a callback query to the bot and return its id; `origin` holds the field `message`."""
        query_id = str(secrets.randbelow(10**18) + 10**18)
        self._pending[query_id] = _PendingQuery(chat, user, self._clock())
        query = {"id": query_id, "from": user, **origin, "data": data, "chat_instance": str(-chat.id)}
        self._updates.put("callback_query", query)
        return query_id

    def answer(self, query_id: str, answer: Json) -> None:
        """Pass an answer to the person who pressed.

        Raises:
            ApiError: the query was answered already, or is too old.
        """
        pending = self._pending.pop(query_id, None)
        if pending is None or self._clock() - pending.sent_at > QUERY_SECONDS:
            raise bad_request(QUERY_TOO_OLD)
        event = {"type": "answer", "query": query_id, "to": pending.user["id"], **answer}
        self._events.publish(pending.chat.id, event)
