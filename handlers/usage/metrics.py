"""What handlers tell whoever counts; the process behind them keeps the figures (`bot.metrics`)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, runtime_checkable

# Labels of the figures: a fixed vocabulary, so that nothing a person writes can become one.
KINDS: Final = frozenset({
    # what the engine is asked
    "describe", "captions", "tags", "labels", "why", "similar", "analogy", "alike", "find", "focus",
    "kindred",
    "maps", "picture", "gallery",
    # what else a person does
    "command", "button", "inline", "album", "feedback", "settings", "text", "other",
})  # fmt: skip


class UsageRecorder(Protocol):
    """Counts requests; `kind` is one of `KINDS`."""

    def answered(self, kind: str, seconds: float) -> None:
        """Count a request that was answered, and how long it took."""

    def failed(self, kind: str) -> None:
        """Count a request that could not be answered."""

    def voted(self, kind: str, up: bool) -> None:
        """Count a person's thumb, up or down, on an answer."""

    def reused(self, hits: int, misses: int) -> None:
        """Count the photos of an answer that Telegram held already, and those it had to be sent."""


class Requests(NamedTuple):
    """Requests of one kind.

    Attributes:
        answered, failed: how many.
        median, p95: seconds that half, and 95 of 100, of the answers took at most.
    """

    answered: int
    failed: int
    median: float
    p95: float


@runtime_checkable
class UsageReport(Protocol):
    """What was counted since the process began, for /stats."""

    def requests(self) -> Mapping[str, Requests]:
        """Tell for each kind what became of its requests."""

    def files(self) -> tuple[int, int]:
        """Tell how many photos of answers Telegram held already, and how many it had to be sent."""


class NullRecorder:
    """A `UsageRecorder` that nobody listens to."""

    def answered(self, kind: str, seconds: float) -> None:
        """See `UsageRecorder.answered`."""

    def failed(self, kind: str) -> None:
        """See `UsageRecorder.failed`."""

    def voted(self, kind: str, up: bool) -> None:
        """See `UsageRecorder.voted`."""

    def reused(self, hits: int, misses: int) -> None:
        """See `UsageRecorder.reused`."""


@dataclass(slots=True)
class UniqueUsers:
    """How many people wrote since the process began; who they were cannot be told from it."""

    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)
    _marks: set[bytes] = field(default_factory=set, repr=False)

    def __len__(self) -> int:
        return len(self._marks)

    def load_preferences(self, person: int) -> None:
        """Count a person, once."""
        mark = hashlib.blake2b(str(person).encode(), digest_size=8, key=self._salt)
        self._marks.add(mark.digest())
