"""Checks deliveries: matches every request with its answer, read from the chats and never from the bot.

- A request is a photo, a text or a button press.
- It is answered when all parts of its answer are there: a message that quotes it and, after a photo or a
  description, an album of all its images, which in a private chat comes before that message. A button
  press is answered by an answer to its callback query and, if it asks for something, by a message that
  quotes the one with the button.
- It is lost if that is not so in the end: an apology is no answer.
- It is answered twice if a part of its answer is there in two whole copies. Each copy after the first needs
  a reason: the bot was killed since the copy before, and so could not store that it was sent; or a connection
  was cut, or was slow until after a kill, before the bot received the confirmation. A copy without a reason
  is a fault.
- It is out of order if any of its messages comes after one of a request that was sent later in the same
  chat. Button presses are left out: they overtake waiting requests by design.
"""

from __future__ import annotations

import itertools
import math
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from bot.playground import Playground
from bot.playground.people.person import Member
from bot.playground.people.received import Seen
from bot.playground.telegram.call_log import Exchange
from bot.sending.rate_limiter import IN_FLIGHT_SECONDS
from tests.stress.chaos.fork_server import GALLERY_SIZE

RequestKind = Literal["photo", "word", "search", "tags", "why", "vote"]
AnswerPart = Literal["text", "album", "picture", "query"]
ANSWER_PARTS: Final[dict[RequestKind, tuple[AnswerPart, ...]]] = {
    "photo": ("text", "album"),
    "word": ("text",),
    "search": ("text", "album"),
    "tags": ("query", "text"),
    "why": ("query", "picture"),
    "vote": ("query",),
}
BUTTON_KINDS: Final = frozenset({"tags", "why", "vote"})
LATE_ARRIVAL: Final = IN_FLIGHT_SECONDS * 0.8  # seconds after a start
UNACKNOWLEDGED: Final = frozenset({"cut_after", "slow"})  # faults after which a message may be there unknown


@dataclass(eq=False)
class Request:
    """A request, and the copies of its answer.

    Attributes:
        message: id of the message that is the request, or that has the pressed button.
        copies: for each part of the answer, the id of the last message of each whole copy.
    """

    kind: RequestKind
    message: int
    copies: dict[AnswerPart, list[int]] = field(default_factory=dict)

    @property
    def answered(self) -> bool:
        """True if every part of the answer is there."""
        return all(self.copies.get(part) for part in ANSWER_PARTS[self.kind])

    @property
    def max_copies(self) -> int:
        """The number of copies of the part that came most often."""
        return max((len(copies) for part, copies in self.copies.items() if part != "query"), default=0)


@dataclass(eq=False)
class ChatRecord:
    """One chat: its requests, and what the bot sent.

    Attributes:
        restarts: the id of the last message at each kill and at each start.
        unacknowledged: ids of messages whose confirmation the bot may not have received.
        out_of_order: number of messages that came too late.
        late_repeats: number of these that repeated what had been there in time.
        partial_albums: number of albums that are not whole.
        unmatched: first lines of messages that answer nothing.
    """

    member: Member
    requests: list[Request] = field(default_factory=list)
    restarts: list[int] = field(default_factory=list)
    unacknowledged: set[int] = field(default_factory=set)
    out_of_order: int = 0
    late_repeats: int = 0
    partial_albums: int = 0
    unmatched: Counter[str] = field(default_factory=Counter)
    _read_count: int = 0
    _by_part: dict[tuple[int, AnswerPart], Request] = field(default_factory=dict)
    _albums: dict[str, list[int]] = field(default_factory=dict)
    _unclaimed: list[int] = field(
        default_factory=list
    )  # whole albums that quote nothing, by their last message
    _latest_answered: int = 0

    def add_request(self, kind: RequestKind, message: int) -> Request:
        """Record a request."""
        request = Request(kind, message)
        self.requests.append(request)
        for part in ANSWER_PARTS[kind]:
            self._by_part[message, part] = request
        return request

    @property
    def pending(self) -> list[Request]:
        """The requests that are not answered yet."""
        return [request for request in self.requests if not request.answered]

    @property
    def is_mid_answer(self) -> bool:
        """True if an album is there and the message under it is not."""
        quoted = any(request.copies.get("album") for request in self.pending)
        return bool(self._unclaimed) or quoted

    @property
    def last_message(self) -> int:
        """The id of the last message."""
        return next(reversed(self._messages), 0)

    def read(self) -> int:
        """Match new messages with requests; return how many they are."""
        new = [*itertools.islice(self._messages.values(), self._read_count, None)]
        self._read_count += len(new)
        for message in new:
            if (seen := Seen(message)).from_bot:
                self._match(seen)
        return len(new)

    def unexplained_duplicates(self) -> list[str]:
        """Return a line for each duplicate that neither a kill nor a lost confirmation explains."""
        pairs = [
            (request, part, first, second)
            for request in self.requests
            for part, copies in request.copies.items()
            if part != "query"
            for first, second in itertools.pairwise(copies)
        ]
        return [
            f"{part} of {request.kind} {request.message} in chat {self.member.chat_id}: "
            f"messages {first} and {second}"
            for request, part, first, second in pairs
            if not self._is_explained(first, second)
        ]

    def _is_explained(self, first: int, second: int) -> bool:
        album = next((items for items in self._albums.values() if first in items), [first])
        restarted = any(album[0] <= restart < second for restart in self.restarts)
        return restarted or not self.unacknowledged.isdisjoint(album)

    @property
    def _messages(self) -> dict[int, Any]:
        return self.member._chat.messages

    def _match(self, seen: Seen) -> None:
        part: AnswerPart = "album" if seen.album else "picture" if seen.photo else "text"
        if part == "album" and not seen.reply_to:
            self._unclaimed += [seen.id] if self._completes_album(seen) else []
            return
        request = self._by_part.get((seen.reply_to, part))
        if request is None:
            self.unmatched[seen.text.partition("\n")[0][:60]] += 1
            return
        if part != "album" or self._completes_album(seen):
            request.copies.setdefault(part, []).append(seen.id)
        if request.kind not in BUTTON_KINDS:
            if "album" in ANSWER_PARTS[request.kind] and part == "text" and self._unclaimed:
                request.copies.setdefault("album", []).extend(self._unclaimed)
                self._unclaimed = []
            is_late = request.message < self._latest_answered
            self.out_of_order += is_late
            self.late_repeats += is_late and len(request.copies.get(part, ())) > 1
            self._latest_answered = max(self._latest_answered, request.message)

    def _completes_album(self, seen: Seen) -> bool:
        items = self._albums.setdefault(seen.album, [])
        self.partial_albums += not items
        items.append(seen.id)
        is_whole = len(items) == GALLERY_SIZE
        self.partial_albums -= is_whole
        return is_whole


class DeliveryChecker:
    """Reads every chat and every call of the bot.

    Attributes:
        calls: number of calls since the bot was last started, by method in lower case.
        greetings: number of getMe calls, the first of each process, in all.
    """

    def __init__(self, playground: Playground) -> None:
        self.chats: list[ChatRecord] = []
        self.calls: Counter[str] = Counter()
        self.greetings = 0
        self._playground = playground
        self._queries: dict[str, tuple[ChatRecord, Request]] = {}
        self._last_exchange = 0
        self._started_at = math.inf  # when the running bot made its first call, on the monotonic clock

    def add_chat(self, member: Member) -> ChatRecord:
        """Begin to read a chat."""
        self.chats.append(chat := ChatRecord(member))
        return chat

    def add_press(self, chat: ChatRecord, kind: RequestKind, message: int, query: str) -> None:
        """Record a button press."""
        self._queries[query] = chat, chat.add_request(kind, message)

    def note_start(self) -> None:
        """Record that a new bot process is about to start."""
        self.calls.clear()
        self._started_at = math.inf

    def mark_restart(self) -> None:
        """Record in every chat the last message at a kill, or at the start after it.

        What was on its way then may arrive even later; a new bot sends nothing in its first moments.
        """
        for chat in self.chats:
            chat.restarts.append(chat.last_message)

    def read(self) -> int:
        """Read new calls and messages; return the number of messages."""
        for exchange in self._new_exchanges():
            self._follow(exchange)
        if time.monotonic() > self._started_at + LATE_ARRIVAL:
            self._started_at = math.inf
            self.mark_restart()
        return sum(chat.read() for chat in self.chats)

    @property
    def requests(self) -> list[Request]:
        """The requests of all chats."""
        return [request for chat in self.chats for request in chat.requests]

    def _new_exchanges(self) -> Iterator[Exchange]:
        newest_first = reversed(self._playground.call_log)
        new = itertools.takewhile(lambda one: one.number > self._last_exchange, newest_first)
        exchanges = [*new][::-1]
        self._last_exchange = exchanges[-1].number if exchanges else self._last_exchange
        yield from exchanges

    def _follow(self, exchange: Exchange) -> None:
        method = exchange.method.lower()
        if method == "getme" and not self.calls:  # the first call of a process
            self._started_at = time.monotonic()
            self.mark_restart()
        self.calls[method] += 1
        self.greetings += method == "getme"
        if method == "answercallbackquery":  # after a long pause it is refused as too old, and counts too
            _, request = self._queries[exchange.parameters["callback_query_id"]]
            if exchange.ok or "too old" in exchange.reply["description"]:
                request.copies.setdefault("query", []).append(exchange.number)
        elif exchange.fault in UNACKNOWLEDGED and exchange.ok:
            self._add_unacknowledged(exchange.reply["result"])

    def _add_unacknowledged(self, result: Any) -> None:
        messages = result if isinstance(result, list) else [result]
        sent = [one for one in messages if isinstance(one, dict) and "message_id" in one]
        for chat in self.chats:
            ids = {one["message_id"] for one in sent if one["chat"]["id"] == chat.member.chat_id}
            chat.unacknowledged.update(ids)
