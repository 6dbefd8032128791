"""A record of every call a bot made, for tests to look into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.playground.wire import Json

KEPT = 10_000  # exchanges; a bot that polls all day must not fill the memory


@dataclass(frozen=True)
class Exchange:
    """One call and what it was answered."""

    method: str
    parameters: Mapping[str, str]  # as on the wire: strings, objects as JSON strings
    reply: Json  # the whole envelope: ok, result, error_code, description
    uploads: Mapping[str, int] = field(default_factory=dict)  # part name -> bytes
    fault: str = ""  # what went wrong on purpose; what was cut has a reply nobody received
    at: float = 0.0  # seconds of the clock

    @property
    def ok(self) -> bool:
        """Whether the call was done and not refused."""
        return bool(self.reply["ok"])
