"""Inline mode: queries, answers and their cache."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.playground.telegram.api_errors import QUERY_TOO_OLD, bad_request
from bot.playground.telegram.limits import INLINE_QUERY_SECONDS
from bot.playground.telegram.parameters import Json
from bot.playground.telegram.updates import UpdateQueue

SENDER: Final = "sender"  # chat_type of a query in the person's own chat with the bot


@dataclass(frozen=True)
class InlineResult:
    """One result as the app shows it.

    Attributes:
        wire: the InlineQueryResult object
        content: fields of the message it becomes when it is chosen
    """

    wire: Json
    content: Json

    @property
    def id(self) -> str:
        """Return its id within the answer."""
        return str(self.wire["id"])

    @property
    def title(self) -> str:
        """Return its title, or ""."""
        return str(self.wire.get("title", ""))

    @property
    def description(self) -> str:
        """Return the line below the title, or ""."""
        return str(self.wire.get("description", ""))

    @property
    def photo(self) -> str:
        """Return the file_id of its photo, or ""."""
        return str(self.wire.get("photo_file_id", ""))


@dataclass(frozen=True)
class InlineAnswer:
    """An answer to an inline query, as the app shows it.

    Attributes:
        results: one page of results
        next_offset: the offset of the next page; "": there is none
        button: the InlineQueryResultsButton above them
        personal: whether the answer is cached for this person only
        cache_time: seconds for which the answer is cached
    """

    results: tuple[InlineResult, ...]
    next_offset: str = ""
    button: Json | None = None
    personal: bool = False
    cache_time: int = 0


@dataclass(frozen=True)
class _PendingQuery:
    """One query until it is answered."""

    user_id: int
    query: str
    offset: str
    sent_at: float
    answer: asyncio.Future[InlineAnswer]


class InlineQueries:
    """Passes queries to the bot and its answers to the people who asked."""

    def __init__(self, clock: Callable[[], float], updates: UpdateQueue) -> None:
        self._clock = clock
        self._updates = updates
        self._pending: dict[str, _PendingQuery] = {}
        self._cache: dict[tuple[int, str, str], tuple[float, InlineAnswer]] = {}  # by user, 0 for everyone

    def ask(self, user: Json, chat_type: str, query: str, offset: str) -> asyncio.Future[InlineAnswer]:
        """Send a query to the bot, unless an answer to it is cached."""
        answer: asyncio.Future[InlineAnswer] = asyncio.get_running_loop().create_future()
        for owner in (0, user["id"]):
            expires_at, cached = self._cache.get((owner, query, offset), (0.0, InlineAnswer(())))
            if self._clock() < expires_at:
                answer.set_result(cached)
                return answer
        query_id = str(secrets.randbelow(10**18) + 10**18)
        self._pending[query_id] = _PendingQuery(user["id"], query, offset, self._clock(), answer)
        sent = {"id": query_id, "from": user, "query": query, "offset": offset, "chat_type": chat_type}
        self._updates.put("inline_query", sent)
        return answer

    def check_open(self, query_id: str) -> None:
        """Raise an ApiError if a query was answered already, or is too old."""
        pending = self._pending.get(query_id)
        if pending is None or self._clock() - pending.sent_at > INLINE_QUERY_SECONDS:
            raise bad_request(QUERY_TOO_OLD)

    def answer(self, query_id: str, answer: InlineAnswer) -> None:
        """Show the results to the person who asked, and cache them."""
        pending = self._pending.pop(query_id)
        owner = pending.user_id if answer.personal else 0
        expires_at = self._clock() + answer.cache_time
        self._cache[owner, pending.query, pending.offset] = (expires_at, answer)
        if not pending.answer.done():
            pending.answer.set_result(answer)
