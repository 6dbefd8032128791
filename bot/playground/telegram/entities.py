"""What Telegram itself finds in a text: commands, mentions, hashtags, links, addresses."""

from __future__ import annotations

import re
from typing import Final

from bot.playground.telegram.html import units
from bot.playground.telegram.parameters import Json

FOUND: Final = (
    ("url", re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]']", re.IGNORECASE)),
    ("email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z][A-Za-z0-9_]{4,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#/])#\w*[^\W\d]\w*")),
)
OPAQUE: Final = frozenset({"code", "pre", "text_link"})  # nothing is looked for inside these


def with_found(text: str, marked: list[Json]) -> list[Json]:
    """Add to the entities someone marked those that Telegram finds by itself."""
    taken = [entity for entity in marked if entity["type"] in OPAQUE]
    added: list[Json] = []
    for kind, pattern in FOUND:
        for match in pattern.finditer(text):
            entity = {"type": kind, "offset": units(text[: match.start()]), "length": units(match[0])}
            if not any(_overlap(entity, other) for other in (*taken, *added)):
                added.append(entity)
    return sorted([*marked, *added], key=lambda entity: (entity["offset"], -entity["length"]))


def _overlap(one: Json, other: Json) -> bool:
    first, second = sorted((one, other), key=lambda entity: entity["offset"])
    return bool(first["offset"] + first["length"] > second["offset"])
