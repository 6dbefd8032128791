"""Deep links: queries encoded in the payload of t.me/<bot>?start=<payload>.

find-a-dog-running, similar-boy, analogy-man-men-woman     words of ASCII letters and digits
find_0YHQvtCx0LDQutCw                                      any other text, in base64
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

MAX_PAYLOAD_LENGTH = 64  # characters, Telegram's limit
# Payloads without a query: the first two lead from a group to what is done in the private chat only.
SETTINGS, DELETE, HELLO = "settings", "delete_me", "hello"

_PARSERS: Final[dict[str, Callable[[str], Query]]] = {
    "find": parsing.parse_find,
    "similar": parsing.parse_similar,
    "analogy": parsing.parse_analogy,
    "alike": parsing.parse_alike,
}
_PAYLOAD = re.compile(r"(find|similar|analogy|alike)([-_])([A-Za-z0-9_-]+)")
_PLAIN = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")


def deep_link(bot_username: str, payload: str) -> str:
    """Return the URL that opens the bot and starts it with a payload."""
    return f"https://t.me/{bot_username}?start={payload}"


def encode(query: Query, limit: int = MAX_PAYLOAD_LENGTH, *, whole: bool = False) -> str:
    """Encode a query as a payload.

    Args:
        query: the query.
        limit: characters that the payload may have.
        whole: return "" for a query that does not fit, instead of dropping words at its end.
    """
    match query:
        case Similar(word):
            command, text = "similar", word
        case Analogy(a, b, c):
            command, text = "analogy", f"{a} {b} {c}"
        case Alike(a, b):
            command, text = "alike", f"{a} {b}"
        case Find(text):
            command = "find"
    words = text.split()
    while words and len(_encode_text(command, " ".join(words))) > limit:
        words = [] if whole else words[:-1]
    return _encode_text(command, " ".join(words)) if words else ""


def parse_command(command: str, arguments: str) -> Query | None:
    """Return the query of a command with its arguments; None if it is none or lacks something."""
    try:
        return _PARSERS[command](arguments)
    except (KeyError, BadInputError):
        return None


def decode(payload: str) -> Query | None:
    """Decode a payload; return None if it holds no query, as anybody can write one."""
    match = _PAYLOAD.fullmatch(payload)
    if match is None:
        return None
    command, separator, encoded = match.groups()
    try:
        return _PARSERS[command](encoded.replace("-", " ") if separator == "-" else _decode_base64(encoded))
    except (BadInputError, binascii.Error, UnicodeDecodeError):
        return None


def _encode_text(command: str, text: str) -> str:
    if _PLAIN.fullmatch(text):
        return f"{command}-{text.replace(' ', '-')}"
    return f"{command}_{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}"


def _decode_base64(encoded: str) -> str:
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
