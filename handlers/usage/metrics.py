"""Protocols of the usage metrics that handlers record and /stats reads; `bot.metrics` implements them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, runtime_checkable

# Labels of the metrics: a closed set, so that user input never becomes a label.
KINDS: Final = frozenset({
    # requests to the engine
    "describe", "captions", "tags", "labels", "why", "similar", "analogy", "alike", "find", "focus",
    "kindred", "understand",
    "maps", "picture", "gallery",
    # other requests
    "command", "button", "inline", "album", "feedback", "settings", "text", "other",
})  # fmt: skip


class UsageRecorder(Protocol):
    """Records requests; `kind` is one of `KINDS`."""

    def answered(self, kind: str, seconds: float) -> None:
        """Count an answered request, and its duration in seconds."""

    def failed(self, kind: str) -> None:
        """Count a failed request."""

    def voted(self, kind: str, up: bool) -> None:
        """Count a vote, up or down, on an answer."""

    def reused(self, hits: int, misses: int) -> None:
        """Count the photos of an answer: sent by file id (hits), and uploaded (misses)."""


class Requests(NamedTuple):
    """Statistics of the requests of one kind.

    Attributes:
        answered: number of answered requests.
        failed: number of failed requests.
        median: median duration in seconds.
        p95: 95th percentile of the duration in seconds.
    """

    answered: int
    failed: int
    median: float
    p95: float


@runtime_checkable
class UsageReport(Protocol):
    """The metrics since the process started, for /stats."""

    def requests(self) -> Mapping[str, Requests]:
        """Return the statistics of each kind of request."""

    def files(self) -> tuple[int, int]:
        """Return the numbers of photos sent by file id (hits) and uploaded (misses)."""


class NullRecorder:
    """A `UsageRecorder` that records nothing."""

    def answered(self, kind: str, seconds: float) -> None:
        """Ignore an answered request."""

    def failed(self, kind: str) -> None:
        """Ignore a failed request."""

    def voted(self, kind: str, up: bool) -> None:
        """Ignore a vote."""

    def reused(self, hits: int, misses: int) -> None:
        """Ignore the photos of an answer."""


@dataclass(slots=True)
class UniqueUsers:
    """Counts distinct users since the process started, by salted hashes that do not identify them."""

    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)
    _hashes: set[bytes] = field(default_factory=set, repr=False)

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, user_id: int) -> None:
        """Count a user, once."""
        salted = hashlib.blake2b(str(user_id).encode(), digest_size=8, key=self._salt)
        self._hashes.add(salted.digest())
