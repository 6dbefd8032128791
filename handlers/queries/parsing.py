"""Parsing of what handlers read themselves: what a map shows, and signs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from engine.errors import EmptyQueryError
from engine.results import SIGN
from handlers.i18n.texts import Texts, texts_in

MapKind = Literal["words", "images"]
_MAP_NAMES: Final[Mapping[MapKind, str]] = {"words": "map-argument-words", "images": "map-argument-images"}


def parse_map(arguments: str, texts: Texts) -> MapKind:
    """Parse the arguments of /map: what to draw, in the user's language or in English."""
    wanted = arguments.strip(" .!?").lower()
    for kind, key in _MAP_NAMES.items():
        names = f"{texts(key)}, {texts_in('en')(key)}"
        if wanted in names.split(", "):
            return kind
    raise EmptyQueryError(key="map-of-what")


def has_signs(text: str) -> bool:
    """Return whether a text adds or subtracts: "- grass + beach"; see `engine.search.query_composition`."""
    return SIGN.search(text) is not None
