"""Message entities that Telegram detects itself: commands, mentions, hashtags, links, addresses."""

from __future__ import annotations

import re
from typing import Final

from bot.playground.telegram.html import utf16_length
from bot.playground.telegram.parameters import Json

PATTERNS: Final = (
    ("url", re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]']", re.IGNORECASE)),
    ("email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z][A-Za-z0-9_]{4,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#/])#\w*[^\W\d]\w*")),
)
OPAQUE: Final = frozenset({"code", "pre", "text_link"})  # nothing is detected inside these


def add_detected(text: str, marked: list[Json]) -> list[Json]:
    """Return the explicit entities together with those that Telegram detects, in order."""
    opaque = [entity for entity in marked if entity["type"] in OPAQUE]
    detected: list[Json] = []
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            offset, length = utf16_length(text[: match.start()]), utf16_length(match[0])
            entity = {"type": kind, "offset": offset, "length": length}
            if not any(_overlap(entity, other) for other in (*opaque, *detected)):
                detected.append(entity)
    return sorted([*marked, *detected], key=lambda entity: (entity["offset"], -entity["length"]))


def _overlap(one: Json, other: Json) -> bool:
    first, second = sorted((one, other), key=lambda entity: entity["offset"])
    return bool(first["offset"] + first["length"] > second["offset"])
