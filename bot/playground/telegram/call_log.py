"""A record of every call a bot made, for tests and for the page to look into."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.playground.telegram.parameters import Json

KEPT = 10_000  # exchanges; a bot that polls all day must not fill the memory
HIDDEN: Final = "[token]"
SECRETS: Final = frozenset({"secret_token"})


@dataclass(frozen=True)
class Exchange:
    """One call and what it was answered."""

    method: str
    parameters: Mapping[str, str]  # as on the wire: strings, objects as JSON strings
    reply: Json  # the whole envelope: ok, result, error_code, description
    uploads: Mapping[str, int] = field(default_factory=dict)  # part name -> bytes
    fault: str = ""  # what went wrong on purpose; what was cut has a reply nobody received
    at: float = 0.0  # seconds of the clock
    number: int = 0  # counted from 1

    @property
    def ok(self) -> bool:
        """Whether the call was done and not refused."""
        return bool(self.reply["ok"])


def shown(exchange: Exchange, token: str) -> Json:
    """Put an exchange as the page may show it: without the token, whoever may have quoted it."""
    parameters = {k: HIDDEN if k in SECRETS else v for k, v in exchange.parameters.items()}
    told = {**vars(exchange), "parameters": parameters}
    masked: Json = json.loads(json.dumps(told, default=dict).replace(token, HIDDEN))
    return masked
