"""Things that go wrong between a bot and Telegram, on request: so that a bot learns to live with them."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, get_args

from bot.playground.telegram.api_errors import INTERNAL_ERROR, Refused, too_many

FaultKind = Literal["flood", "album_flood", "error", "slow", "cut_before", "cut_after"]
KINDS: Final[tuple[FaultKind, ...]] = get_args(FaultKind)
CUTS: Final = frozenset({"cut_before", "cut_after"})
DOWNLOAD: Final = "download"  # what fetching a file is called here: it is no method
POLL: Final = "getupdates"


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    - flood: 429 with retry_after, nothing done
    - album_flood: sendMediaGroup stops half-way, with a 400 whose words tell of the flood
    - error: 500, nothing done
    - slow: the answer comes late
    - cut_before, cut_after: the connection ends without an answer, before or after the work
    """

    kind: FaultKind
    method: str = ""  # in lower case; empty: any but getUpdates and fetching files
    seconds: float = 1  # to wait after a flood, or until a slow answer
    sent: int = 1  # items of an album that are sent before its flood, one at least

    def hits(self, method: str, albums: bool) -> bool:
        """Whether a call of this method suffers it, at its beginning or amid an album."""
        if albums != (self.kind == "album_flood"):
            return False
        return method == self.method if self.method else method not in (POLL, DOWNLOAD)

    async def strike(self) -> None:
        """Do what is done before the work."""
        if self.kind == "slow":
            await asyncio.sleep(self.seconds)
        elif self.kind == "flood":
            raise too_many(math.ceil(self.seconds) or 1)
        elif self.kind == "error":
            raise Refused(*INTERNAL_ERROR)
        elif self.kind == "cut_before":
            raise Refused("the connection was cut", 502)


class Faults:
    """What will go wrong: the next calls, as listed, and any call, by chance."""

    def __init__(self) -> None:
        self.coming: list[Fault] = []
        self.chances: dict[FaultKind, float] = {}
        self._methods: Collection[str] = ()
        self._seconds = 1.0
        self._dice = random.Random()

    def next(
        self, kind: FaultKind, method: str = "", count: int = 1, *, seconds: float = 1, sent: int = 1
    ) -> None:
        """Let the next calls of a method go wrong, or of any method."""
        _check([kind])
        self.coming += [Fault(kind, method.lower(), seconds, sent)] * count

    def at_random(
        self, seed: int, methods: Collection[str] = (), *, seconds: float = 1, **chances: float
    ) -> None:
        """Let calls go wrong by chance: `at_random(7, error=0.1, cut_after=0.05)`; same seed, same luck."""
        _check(chances)
        self._dice = random.Random(seed)
        self._methods = [method.lower() for method in methods] or [""]
        self._seconds = seconds
        self.chances = {kind: chances[kind] for kind in KINDS if kind in chances}

    def clear(self) -> None:
        """Let all go well again."""
        self.coming.clear()
        self.chances.clear()

    def draw(self, method: str, *, albums: bool = False) -> Fault | None:
        """Take the fault that this call suffers, if any; floods amid an album are drawn apart."""
        struck = next((fault for fault in self.coming if fault.hits(method.lower(), albums)), None)
        if struck is not None:
            self.coming.remove(struck)
            return struck
        possible = (Fault(kind, of, self._seconds) for kind in self.chances for of in self._methods)
        hitting = [fault for fault in possible if fault.hits(method.lower(), albums)]
        return next((fault for fault in hitting if self._dice.random() < self.chances[fault.kind]), None)


def _check(kinds: Collection[str]) -> None:
    if unknown := set(kinds) - set(KINDS):
        raise ValueError(f"there are no such faults: {', '.join(sorted(unknown))}")
