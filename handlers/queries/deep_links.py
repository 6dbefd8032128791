"""Deep links: commands of words encoded in the payload of t.me/<bot>?start=<payload>.

find-a-dog-running, similar-boy, analogy-man-men-woman     words of ASCII letters and digits
find_0YHQvtCx0LDQutCw                                      any other text, in base64
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

MAX_PAYLOAD_LENGTH = 64  # characters, Telegram's limit
# Payloads without words: the first two lead from a group to what is done in the private chat only.
SETTINGS, DELETE, HELLO = "settings", "delete_me", "hello"

COMMANDS: Final = ("find", "similar", "analogy", "alike")  # those that are about words
_PAYLOAD = re.compile(rf"({'|'.join(COMMANDS)})([-_])([A-Za-z0-9_-]+)")
_PLAIN = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")


def deep_link(bot_username: str, payload: str) -> str:
    """Return the URL that opens the bot and starts it with a payload."""
    return f"https://t.me/{bot_username}?start={payload}"


def encode(command: str, limit: int = MAX_PAYLOAD_LENGTH, *, whole: bool = False) -> str:
    """Encode a command of words as a payload.

    Args:
        command: such as "/find a dog running".
        limit: characters that the payload may have.
        whole: return "" for a command that does not fit, instead of dropping words at its end.
    """
    name, *words = command.removeprefix("/").split()
    while words and len(_encode_text(name, " ".join(words))) > limit:
        words = [] if whole else words[:-1]
    return _encode_text(name, " ".join(words)) if words else ""


def decode(payload: str) -> str | None:
    """Decode a payload; return None if it holds no command of words, as anybody can write one."""
    match = _PAYLOAD.fullmatch(payload)
    if match is None:
        return None
    command, separator, encoded = match.groups()
    try:
        text = encoded.replace("-", " ") if separator == "-" else _decode_base64(encoded)
    except (binascii.Error, UnicodeDecodeError):
        return None
    words = "".join(filter(str.isprintable, text)).split()
    return " ".join((f"/{command}", *words)) if words else None


def _encode_text(command: str, text: str) -> str:
    if _PLAIN.fullmatch(text):
        return f"{command}-{text.replace(' ', '-')}"
    return f"{command}_{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}"


def _decode_base64(encoded: str) -> str:
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
