"""Deep links: a question in the payload of t.me/<bot>?start=<payload>, and back.

find-a-dog-running, similar-boy, analogy-man-men-woman     words of plain letters and digits
find_0YHQvtCx0LDQutCw                                      any other text, as base64
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Final

from engine.errors import BadInputError
from handlers.queries import parsing
from handlers.queries.parsing import Alike, Analogy, Find, Query, Similar

LONGEST = 64  # characters of a payload: Telegram's
SETTINGS, DELETE = "settings", "delete_me"  # payloads that lead to what is only said in private
HELLO = "hello"

_READERS: Final[dict[str, Callable[[str], Query]]] = {
    "find": parsing.parse_find,
    "similar": parsing.parse_similar,
    "analogy": parsing.parse_analogy,
    "alike": parsing.parse_alike,
}
_PAYLOAD = re.compile(r"(find|similar|analogy|alike)([-_])([A-Za-z0-9_-]+)")
_PLAIN = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")


def link(bot: str, payload: str) -> str:
    """Write the address that opens the bot and sends it a payload."""
    return f"https://t.me/{bot}?start={payload}"


def payload_of(query: Query) -> str:
    """Write a question as a payload; words at the end that do not fit are left out."""
    match query:
        case Similar(word):
            return _written("similar", word)
        case Analogy(a, b, c):
            return _written("analogy", f"{a} {b} {c}")
        case Alike(a, b):
            return _written("alike", f"{a} {b}")
        case Find(text):
            return _written("find", text)


def read(payload: str) -> Query | None:
    """Read a payload; it comes from anybody, so it may be no question at all."""
    found = _PAYLOAD.fullmatch(payload)
    if found is None:
        return None
    verb, sign, written = found.groups()
    try:
        return _READERS[verb](written.replace("-", " ") if sign == "-" else _decoded(written))
    except (BadInputError, binascii.Error, UnicodeDecodeError):
        return None


def _written(verb: str, text: str) -> str:
    words = text.split()
    while words:
        if len(payload := _encoded(verb, " ".join(words))) <= LONGEST:
            return payload
        words.pop()
    return ""


def _encoded(verb: str, text: str) -> str:
    if _PLAIN.fullmatch(text):
        return f"{verb}-{text.replace(' ', '-')}"
    return f"{verb}_{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}"


def _decoded(written: str) -> str:
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)).decode()
