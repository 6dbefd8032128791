"""From what a person types to what is asked of the network. Pure: text in, frozen query out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from engine.errors import BadInputError, EmptyQueryError

MAX_LENGTH = 300  # characters: the longest caption of Flickr8K has about 200, people need fewer


@dataclass(frozen=True, slots=True)
class Similar:
    """Which words are near this one?"""

    word: str


@dataclass(frozen=True, slots=True)
class Analogy:
    """`a` is to `b` as `c` is to what?"""

    a: str
    b: str
    c: str


@dataclass(frozen=True, slots=True)
class Find:
    """Which images does this description fit?"""

    text: str


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike are these two words?"""

    a: str
    b: str


Query = Similar | Analogy | Find | Alike

_WORD = r"[^\W_]+(?:['-][^\W_]+)*"  # letters and digits, with hyphens and apostrophes inside
_UNKNOWN = rf"(?:\?+|\.+|_+|what|which|{_WORD})?\s*[?.!_]*"  # what people put in the fourth place
_COLONS = re.compile(rf"({_WORD})\s*:\s*({_WORD})\s*(?:::|=|\bas\b)\s*({_WORD})\s*(?::\s*{_UNKNOWN}|[?.!_]*)")
_SENTENCE = re.compile(
    rf"({_WORD})\s+(?:(?:is|are)\s+)?to\s+({_WORD}),?\s+(?:as|like|what)\s+"
    rf"({_WORD})\s+(?:(?:is|are)\s+)?to(?:\s+{_UNKNOWN}|\s*[?.!_]*)"
)
_SIGN = re.compile(r"(?:^|\s)[+\-−](?=\s|$)")
_VISIBLE = {"Cc": " ", "Cf": "", "Cs": ""}  # controls; zero-width and direction marks; lone surrogates
_FOLDED = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "∷": "::", "∶": ":"}
)


def clean(text: str) -> str:
    """Drop control characters, fold look-alikes (full-width colons, smart quotes), collapse blanks.

    Raises:
        EmptyQuery: nothing is left.
        BadInput: more than `MAX_LENGTH` characters are left.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_FOLDED)
    visible = (_VISIBLE.get(unicodedata.category(char), char) for char in folded)
    collapsed = " ".join("".join(visible).split())
    if not collapsed:
        raise EmptyQueryError(key="nothing-to-read")
    if len(collapsed) > MAX_LENGTH:
        raise BadInputError(key="too-long", length=len(collapsed), limit=MAX_LENGTH)
    return collapsed


def parse(text: str) -> Query:
    """Read plain text: a riddle of four words, a single word, or a description to find."""
    cleaned = clean(text)
    if riddle := _read_analogy(cleaned):
        return riddle
    if word := _read_word(cleaned):
        return Similar(word)
    return Find(re.sub(r"^find\s+", "", cleaned, flags=re.IGNORECASE))


def parse_similar(arguments: str) -> Similar:
    """Read what follows /similar: exactly one word."""
    if not arguments.strip():
        raise EmptyQueryError(key="similar-of-what")
    if word := _read_word(clean(arguments)):
        return Similar(word)
    raise BadInputError(key="one-word-only")


def parse_analogy(arguments: str) -> Analogy:
    """Read what follows /analogy: three words, or a riddle in any form `parse` knows."""
    if not arguments.strip():
        raise EmptyQueryError(key="analogy-of-what")
    cleaned = clean(arguments)
    if riddle := _read_analogy(cleaned):
        return riddle
    words = [_read_word(part) for part in re.split(r"[\s,;]+", cleaned.rstrip(" ?"))]
    match words:
        case [str(a), str(b), str(c)]:
            return Analogy(a, b, c)
    raise BadInputError(key="three-words-only")


def parse_alike(arguments: str) -> Alike:
    """Read what follows /alike: two words."""
    if not arguments.strip():
        raise EmptyQueryError(key="alike-what")
    match [_read_word(part) for part in re.split(r"[\s,;:]+", clean(arguments).rstrip(" ?"))]:
        case [str(a), str(b)] | [str(a), "and", str(b)]:
            return Alike(a, b)
    raise BadInputError(key="two-words-only")


def parse_find(arguments: str) -> Find:
    """Read what follows /find: any description."""
    if not arguments.strip():
        raise EmptyQueryError(key="find-what")
    return Find(clean(arguments))


def parse_map(arguments: str) -> Literal["words", "images"]:
    """Read what follows /map: of what."""
    match arguments.strip().lower().removeprefix("the "):
        case "word" | "words":
            return "words"
        case "image" | "images" | "photo" | "photos" | "photographs" | "picture" | "pictures":
            return "images"
    raise EmptyQueryError(key="map-of-what")


def has_signs(text: str) -> bool:
    """Tell whether a text adds or takes away: "- grass + beach"; see `engine.search.query_composition`."""
    return _SIGN.search(text) is not None


def check_script(text: str) -> None:
    """Make sure that there are letters the network can read: to it, all others are no words at all.

    Raises:
        EmptyQuery: the text, or what stands between two signs, is written in other letters alone.
    """
    parts = [part.strip() for part in _SIGN.split(text) if any(map(str.isalpha, part))]
    for part in parts:
        if not re.search("[a-z0-9]", part, re.IGNORECASE | re.ASCII):
            raise (
                EmptyQueryError(key="unknown-part", text=part)
                if parts[1:]
                else EmptyQueryError(key="unknown-words")
            )


def _read_analogy(cleaned: str) -> Analogy | None:
    plain = cleaned.replace('"', "").lower()
    found = _COLONS.fullmatch(plain) or _SENTENCE.fullmatch(plain)
    return Analogy(found[1], found[2], found[3]) if found else None


def _read_word(cleaned: str) -> str | None:
    bare = cleaned.strip("\"'.,;:!?()[]… ").lower()
    return bare if re.fullmatch(_WORD, bare) else None
