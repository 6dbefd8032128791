"""Inline mode: what people ask in any chat, what they are shown, and what they choose of it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.playground.telegram.api_errors import QUERY_TOO_OLD, bad_request
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.limits import INLINE_QUERY_SECONDS
from bot.playground.telegram.parameters import Json
from bot.playground.telegram.updates import UpdateQueue

SENDER: Final = "sender"  # how the person's own chat with the bot is called in a query


@dataclass(frozen=True)
class Result:
    """One result as the app shows it; `content` is the message it becomes when chosen."""

    wire: Json
    content: Json
    query: str

    @property
    def id(self) -> str:
        """Its id within the answer."""
        return str(self.wire["id"])

    @property
    def title(self) -> str:
        """The line it is shown with."""
        return str(self.wire.get("title", ""))

    @property
    def description(self) -> str:
        """The smaller line below."""
        return str(self.wire.get("description", ""))

    @property
    def photo(self) -> str:
        """The file_id of its photo, or nothing."""
        return str(self.wire.get("photo_file_id", ""))


@dataclass(frozen=True)
class Shown:
    """An answer to an inline query, as the app shows it."""

    results: tuple[Result, ...]
    next_offset: str = ""  # empty: there are no more
    button: Json | None = None
    personal: bool = False
    cache_time: int = 0


@dataclass(frozen=True)
class _Question:
    """A query that waits for its answer."""

    user_id: int
    query: str
    offset: str
    at: float
    answer: asyncio.Future[Shown]


class InlineDesk:
    """Queries on their way, answers still fresh, and the messages chosen of them."""

    def __init__(self, clock: Callable[[], float], updates: UpdateQueue) -> None:
        self.feedback = False  # whether the bot is told what was chosen, as /setinlinefeedback decides
        self._clock = clock
        self._updates = updates
        self._questions: dict[str, _Question] = {}
        self._fresh: dict[tuple[int, str, str], tuple[float, Shown]] = {}  # user 0: for everybody
        self._messages: dict[str, tuple[Chat, int]] = {}

    def ask(self, user: Json, chat_type: str, query: str, offset: str) -> asyncio.Future[Shown]:
        """Put a query to the bot, unless Telegram still holds an answer to it."""
        answer: asyncio.Future[Shown] = asyncio.get_running_loop().create_future()
        for owner in (0, user["id"]):
            until, shown = self._fresh.get((owner, query, offset), (0.0, Shown(())))
            if self._clock() < until:
                answer.set_result(shown)
                return answer
        number = str(secrets.randbelow(10**18) + 10**18)
        self._questions[number] = _Question(user["id"], query, offset, self._clock(), answer)
        asked = {"id": number, "from": user, "query": query, "offset": offset, "chat_type": chat_type}
        self._updates.put("inline_query", asked)
        return answer

    def query_of(self, number: str) -> str:
        """Look up what was asked; refuse what was answered already, and what comes too late."""
        question = self._questions.get(number)
        if question is None or self._clock() - question.at > INLINE_QUERY_SECONDS:
            raise bad_request(QUERY_TOO_OLD)
        return question.query

    def answer(self, number: str, shown: Shown) -> None:
        """Show the results to the person who asked, and keep them for their time."""
        question = self._questions.pop(number)
        owner = question.user_id if shown.personal else 0
        until = self._clock() + shown.cache_time
        self._fresh[owner, question.query, question.offset] = (until, shown)
        if not question.answer.done():
            question.answer.set_result(shown)

    def keep(self, chat: Chat, number: int) -> str:
        """Name a message that was sent via the bot, so that the bot can edit it."""
        name = secrets.token_urlsafe(20)
        self._messages[name] = (chat, number)
        return name

    def tell_chosen(self, user: Json, result: Result, name: str) -> None:
        """Tell the bot what was chosen, if it asked to know."""
        if self.feedback:
            chosen = {"result_id": result.id, "from": user, "query": result.query}
            named = {"inline_message_id": name} if name else {}
            self._updates.put("chosen_inline_result", chosen | named)

    def name_of(self, chat: Chat, number: int) -> str:
        """Find the name of a message sent via the bot."""
        return next(name for name, place in self._messages.items() if place == (chat, number))

    def message(self, name: str) -> tuple[Chat, Json]:
        """Find a message by its `inline_message_id`."""
        chat, number = self._messages.get(name, (None, 0))
        if chat is None or number not in chat.messages:
            raise bad_request("MESSAGE_ID_INVALID")
        return chat, chat.messages[number]
