"""Fault injection between a bot and Telegram: floods, errors, slow replies, cut connections."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, get_args

from bot.playground.telegram.api_errors import INTERNAL_ERROR, ApiError, too_many_requests

FaultKind = Literal["flood", "album_flood", "error", "slow", "cut_before", "cut_after"]
KINDS: Final[tuple[FaultKind, ...]] = get_args(FaultKind)
CUTS: Final = frozenset({"cut_before", "cut_after"})
DOWNLOAD: Final = "download"  # stands for a file download, which is no method
POLL: Final = "getupdates"


@dataclass(frozen=True)
class Fault:
    """One fault of one call.

    - flood: error 429 with retry_after, nothing done
    - album_flood: sendMediaGroup stops half-way, with an error 400 that describes the flood
    - error: error 500, nothing done
    - slow: the reply comes late
    - cut_before, cut_after: the connection closes without a reply, before or after the work

    Attributes:
        kind: one of these
        method: in lower case; "": any but getUpdates and downloads
        seconds: retry_after of a flood, or the delay of a slow reply
        sent: messages of an album that are sent before its flood, at least one
    """

    kind: FaultKind
    method: str = ""
    seconds: float = 1
    sent: int = 1

    def matches(self, method: str, albums: bool) -> bool:
        """Return whether it applies to a call of this method, at its start or within an album."""
        if albums != (self.kind == "album_flood"):
            return False
        return method == self.method if self.method else method not in (POLL, DOWNLOAD)

    async def inject(self) -> None:
        """Apply the part of the fault that precedes the work.

        Raises:
            ApiError: the work must not be done.
        """
        if self.kind == "slow":
            await asyncio.sleep(self.seconds)
        elif self.kind == "flood":
            raise too_many_requests(math.ceil(self.seconds) or 1)
        elif self.kind == "error":
            raise ApiError(*INTERNAL_ERROR)
        elif self.kind == "cut_before":
            raise ApiError("the connection was cut", 502)


class Faults:
    """The faults of future calls: scheduled ones, and random ones."""

    def __init__(self) -> None:
        self._scheduled: list[Fault] = []
        self._chances: dict[FaultKind, float] = {}
        self._methods: Collection[str] = ()
        self._seconds = 1.0
        self._random = random.Random()

    def next(
        self, kind: FaultKind, method: str = "", count: int = 1, *, seconds: float = 1, sent: int = 1
    ) -> None:
        """Schedule a fault for the next calls of a method, or of any method."""
        _check([kind])
        self._scheduled += [Fault(kind, method.lower(), seconds, sent)] * count

    def at_random(
        self, seed: int, methods: Collection[str] = (), *, seconds: float = 1, **chances: float
    ) -> None:
        """Inject faults with these probabilities: `at_random(7, error=0.1, cut_after=0.05)`.

        The same seed gives the same faults.
        """
        _check(chances)
        self._random = random.Random(seed)
        self._methods = [method.lower() for method in methods] or [""]
        self._seconds = seconds
        self._chances = {kind: chances[kind] for kind in KINDS if kind in chances}

    def clear(self) -> None:
        """Cancel all future faults."""
        self._scheduled.clear()
        self._chances.clear()

    def draw(self, method: str, *, albums: bool = False) -> Fault | None:
        """Take the fault of this call, if any; floods within an album are drawn separately."""
        scheduled = next((fault for fault in self._scheduled if fault.matches(method.lower(), albums)), None)
        if scheduled is not None:
            self._scheduled.remove(scheduled)
            return scheduled
        possible = (Fault(kind, of, self._seconds) for kind in self._chances for of in self._methods)
        matching = [fault for fault in possible if fault.matches(method.lower(), albums)]
        return next((fault for fault in matching if self._random.random() < self._chances[fault.kind]), None)


def _check(kinds: Collection[str]) -> None:
    if unknown := set(kinds) - set(KINDS):
        raise ValueError(f"there are no such faults: {', '.join(sorted(unknown))}")
