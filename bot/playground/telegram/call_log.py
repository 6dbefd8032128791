"""The log of Bot API calls and their replies, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.playground.telegram.parameters import Json

MAX_CALLS = 10_000  # in the log; a bot that polls all day must not fill the memory


@dataclass(frozen=True)
class Exchange:
    """One call and its reply.

    Attributes:
        method: the name as it was called; upper and lower case do not matter
        parameters: as they came: strings, objects as JSON strings
        reply: the whole JSON body: ok, result, error_code, description
        uploads: size of each uploaded file in bytes, by its part name
        fault: kind of the injected fault, or ""; after a cut, nobody received the reply
        number: counted from 1 over the life of the playground
    """

    method: str
    parameters: Mapping[str, str]
    reply: Json
    uploads: Mapping[str, int] = field(default_factory=dict)
    fault: str = ""
    number: int = 0

    @property
    def ok(self) -> bool:
        """Return whether the call succeeded."""
        return bool(self.reply["ok"])
