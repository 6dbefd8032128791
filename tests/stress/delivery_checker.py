"""What was asked and what came of it, read from the chats: nothing of it is taken from the bot's word.

- A request is a photo, a text or a press of a button.
- It is answered when all parts of its answer are there: words that quote it and, after a photo or a
  description, an album of all its images, which in a private chat is the one after those words; after a
  press the answer to its query and, if it asks for something, a message that quotes the one with the button.
- It is lost if that is not so in the end: an apology is no answer.
- It is answered twice if a part of its answer is there in two whole copies. Each copy after the first needs
  a reason: a kill since the one before, which kept the bot from noting it, or a line that was cut, or was
  slow until after a kill, before the bot heard that it had arrived. A copy without a reason is a fault.
- It is out of order if any of its messages comes after one of a question that was asked later in the same
  chat. Presses are left out: they overtake what waits, on purpose.
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
from tests.stress.fork_server import GALLERY

Kind = Literal["photo", "words", "find", "tags", "why", "vote"]
Part = Literal["words", "album", "picture", "query"]
PARTS: Final[dict[Kind, tuple[Part, ...]]] = {
    "photo": ("words", "album"),
    "words": ("words",),
    "find": ("words", "album"),
    "tags": ("query", "words"),
    "why": ("query", "picture"),
    "vote": ("query",),
}
PRESSES: Final = frozenset({"tags", "why", "vote"})
LATE: Final = IN_FLIGHT_SECONDS * 0.8  # seconds
UNHEARD: Final = frozenset({"cut_after", "slow"})  # faults after which something arrived, and nobody knows


@dataclass(eq=False)
class Request:
    """Something asked: with this message, or with a button of it."""

    kind: Kind
    message: int
    copies: dict[Part, list[int]] = field(default_factory=dict)  # the last message of each whole copy

    @property
    def answered(self) -> bool:
        """Whether every part of its answer is there."""
        return all(self.copies.get(part) for part in PARTS[self.kind])

    @property
    def most(self) -> int:
        """How many copies there are of the part that came most often."""
        return max((len(found) for part, found in self.copies.items() if part != "query"), default=0)


@dataclass(eq=False)
class Talk:
    """One chat: what was asked in it, and what the bot wrote."""

    member: Member
    requests: list[Request] = field(default_factory=list)
    kills: list[int] = field(default_factory=list)  # the last message at each kill, and when the bot was back
    unheard: set[int] = field(default_factory=set)  # messages of which the bot may not have heard
    disordered: int = 0
    torn: int = 0  # albums that are not whole
    other: Counter[str] = field(default_factory=Counter)  # what answers nothing
    _read: int = 0
    _about: dict[tuple[int, Part], Request] = field(default_factory=dict)
    _albums: dict[str, list[int]] = field(default_factory=dict)
    _current: Request | None = None
    _latest: int = 0

    def ask(self, kind: Kind, message: int) -> Request:
        """Note a request."""
        request = Request(kind, message)
        self.requests.append(request)
        for part in PARTS[kind]:
            self._about[message, part] = request
        return request

    @property
    def open(self) -> list[Request]:
        """What is not answered yet."""
        return [request for request in self.requests if not request.answered]

    @property
    def last(self) -> int:
        """The number of the last message."""
        return next(reversed(self._messages), 0)

    def read(self) -> int:
        """Read what is new; tell how much it was."""
        new = [*itertools.islice(self._messages.values(), self._read, None)]
        self._read += len(new)
        for message in new:
            if (seen := Seen(message)).from_bot:
                self._sort(seen)
        return len(new)

    def unexplained(self) -> list[str]:
        """Name the copies that nothing but the bot is the reason of."""
        pairs = [
            (request, one, other)
            for request in self.requests
            for part, found in request.copies.items()
            if part != "query"
            for one, other in itertools.pairwise(found)
        ]
        return [
            f"{request.kind} {request.message} of {self.member.chat_id}: {one} and again {other}"
            for request, one, other in pairs
            if not self._explained(one, other)
        ]

    def _explained(self, one: int, other: int) -> bool:
        album = next((items for items in self._albums.values() if one in items), [one])
        killed = any(album[0] <= mark < other for mark in self.kills)
        return killed or not self.unheard.isdisjoint(album)

    @property
    def _messages(self) -> dict[int, Any]:
        return self.member._chat.messages

    def _sort(self, seen: Seen) -> None:
        part: Part = "album" if seen.album else "picture" if seen.photo else "words"
        request = self._about.get((seen.reply_to, part))
        if part == "album" and not seen.reply_to:
            request = self._current
        if request is None:
            self.other[seen.text.partition("\n")[0][:60]] += 1
            return
        if part == "album":
            items = self._albums.setdefault(seen.album, [])
            self.torn += not items
            items.append(seen.id)
            whole = len(items) == GALLERY
            self.torn -= whole
        else:
            whole = True
        if whole:
            request.copies.setdefault(part, []).append(seen.id)
        if request.kind not in PRESSES:
            self._current = request
            self.disordered += request.message < self._latest
            self._latest = max(self._latest, request.message)


class Ledger:
    """Reads along in every chat, and in what the bot calls."""

    def __init__(self, playground: Playground) -> None:
        self.talks: list[Talk] = []
        self.calls: Counter[str] = Counter()  # of this life of the bot, by method in lower case
        self._playground = playground
        self._queries: dict[str, tuple[Talk, Request]] = {}
        self._number = 0
        self._back = math.inf  # when the bot was back from its last death, on the monotonic clock

    def talk(self, member: Member) -> Talk:
        """Begin to read along in a chat."""
        self.talks.append(talk := Talk(member))
        return talk

    def press(self, talk: Talk, kind: Kind, message: int, query: str) -> None:
        """Note a press of a button."""
        self._queries[query] = talk, talk.ask(kind, message)

    def begin(self) -> None:
        """Note that a new life of the bot begins."""
        self.calls.clear()
        self._back = math.inf

    def mark(self) -> None:
        """Note in every chat how far it had come when the bot was killed, or was back.

        What was on its way then may arrive even later; a new bot sends nothing in its first moments.
        """
        for talk in self.talks:
            talk.kills.append(talk.last)

    def read(self) -> int:
        """Read what is new; tell how much it was."""
        for exchange in self._exchanges():
            self._follow(exchange)
        if time.monotonic() > self._back + LATE:
            self._back = math.inf
            self.mark()
        return sum(talk.read() for talk in self.talks)

    @property
    def requests(self) -> list[Request]:
        """All that was asked."""
        return [request for talk in self.talks for request in talk.requests]

    def _exchanges(self) -> Iterator[Exchange]:
        new = itertools.takewhile(lambda one: one.number > self._number, reversed(self._playground.traffic))
        exchanges = [*new][::-1]
        self._number = exchanges[-1].number if exchanges else self._number
        yield from exchanges

    def _follow(self, exchange: Exchange) -> None:
        method = exchange.method.lower()
        if method == "getme" and not self.calls:  # the first call of a life
            self._back = time.monotonic()
            self.mark()
        self.calls[method] += 1
        if method == "answercallbackquery":  # it comes too late after a long pause, and counts all the same
            _, request = self._queries[exchange.parameters["callback_query_id"]]
            if exchange.ok or "too old" in exchange.reply["description"]:
                request.copies.setdefault("query", []).append(exchange.number)
        elif exchange.fault in UNHEARD and exchange.ok:
            self._miss(exchange.reply["result"])

    def _miss(self, result: Any) -> None:
        messages = result if isinstance(result, list) else [result]
        sent = [one for one in messages if isinstance(one, dict) and "message_id" in one]
        for talk in self.talks:
            talk.unheard.update(one["message_id"] for one in sent if one["chat"]["id"] == talk.member.chat_id)
