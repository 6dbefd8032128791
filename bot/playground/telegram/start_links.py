"""Deep links `t.me/<bot>?start=<payload>`."""

from __future__ import annotations

import re
from typing import Final

from bot.playground.telegram.limits import START_PAYLOAD

_PAYLOAD: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{START_PAYLOAD}}}")


def is_start_payload(text: str) -> bool:
    """Return whether a deep link can carry this payload."""
    return _PAYLOAD.fullmatch(text) is not None
