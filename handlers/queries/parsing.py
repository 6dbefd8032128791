"""Parsing of text and command arguments into queries; pure functions."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from engine.errors import BadInputError, EmptyQueryError

MAX_LENGTH = 300  # characters: the longest caption of Flickr8K has about 200


@dataclass(frozen=True, slots=True)
class Similar:
    """Search for the words nearest to this one."""

    word: str


@dataclass(frozen=True, slots=True)
class Analogy:
    """Search for the word that is to `c` as `b` is to `a`."""

    a: str
    b: str
    c: str


@dataclass(frozen=True, slots=True)
class Find:
    """Search for the images that match a description."""

    text: str


@dataclass(frozen=True, slots=True)
class Alike:
    """Measure the similarity of two words."""

    a: str
    b: str


Query = Similar | Analogy | Find | Alike

_WORD = r"[^\W_]+(?:['-][^\W_]+)*"  # letters and digits, with hyphens and apostrophes inside
_FOURTH = rf"(?:\?+|\.+|_+|what|which|{_WORD})?\s*[?.!_]*"  # the placeholder of the fourth word
_ANALOGY_COLONS = re.compile(
    rf"({_WORD})\s*:\s*({_WORD})\s*(?:::|=|\bas\b)\s*({_WORD})\s*(?::\s*{_FOURTH}|[?.!_]*)"
)
_ANALOGY_SENTENCE = re.compile(
    rf"({_WORD})\s+(?:(?:is|are)\s+)?to\s+({_WORD}),?\s+(?:as|like|what)\s+"
    rf"({_WORD})\s+(?:(?:is|are)\s+)?to(?:\s+{_FOURTH}|\s*[?.!_]*)"
)
_SIGN = re.compile(r"(?:^|\s)[+\-−](?=\s|$)")
# By Unicode category: controls, format characters (zero-width, direction marks), lone surrogates.
_INVISIBLE = {"Cc": " ", "Cf": "", "Cs": ""}
_FOLDED = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "∷": "::", "∶": ":"}
)


def clean(text: str) -> str:
    """Drop control characters, fold compatibility forms (full-width colons, smart quotes), collapse blanks.

    Raises:
        EmptyQueryError: nothing is left.
        BadInputError: more than `MAX_LENGTH` characters are left.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_FOLDED)
    visible = (_INVISIBLE.get(unicodedata.category(char), char) for char in folded)
    collapsed = " ".join("".join(visible).split())
    if not collapsed:
        raise EmptyQueryError(key="nothing-to-read")
    if len(collapsed) > MAX_LENGTH:
        raise BadInputError(key="too-long", length=len(collapsed), limit=MAX_LENGTH)
    return collapsed


def parse(text: str) -> Query:
    """Parse plain text: an analogy, a single word, or a description."""
    cleaned = clean(text)
    if analogy := _parse_analogy(cleaned):
        return analogy
    if word := _parse_word(cleaned):
        return Similar(word)
    return Find(re.sub(r"^find\s+", "", cleaned, flags=re.IGNORECASE))


def parse_similar(arguments: str) -> Similar:
    """Parse the arguments of /similar: exactly one word."""
    if not arguments.strip():
        raise EmptyQueryError(key="similar-of-what")
    if word := _parse_word(clean(arguments)):
        return Similar(word)
    raise BadInputError(key="one-word-only")


def parse_analogy(arguments: str) -> Analogy:
    """Parse the arguments of /analogy: three words, or an analogy in any form that `parse` accepts."""
    if not arguments.strip():
        raise EmptyQueryError(key="analogy-of-what")
    cleaned = clean(arguments)
    if analogy := _parse_analogy(cleaned):
        return analogy
    words = [_parse_word(part) for part in re.split(r"[\s,;]+", cleaned.rstrip(" ?"))]
    match words:
        case [str(a), str(b), str(c)]:
            return Analogy(a, b, c)
    raise BadInputError(key="three-words-only")


def parse_alike(arguments: str) -> Alike:
    """Parse the arguments of /alike: two words."""
    if not arguments.strip():
        raise EmptyQueryError(key="alike-what")
    match [_parse_word(part) for part in re.split(r"[\s,;:]+", clean(arguments).rstrip(" ?"))]:
        case [str(a), str(b)] | [str(a), "and", str(b)]:
            return Alike(a, b)
    raise BadInputError(key="two-words-only")


def parse_find(arguments: str) -> Find:
    """Parse the arguments of /find: any description."""
    if not arguments.strip():
        raise EmptyQueryError(key="find-what")
    return Find(clean(arguments))


def parse_map(arguments: str) -> Literal["words", "images"]:
    """Parse the arguments of /map: what to draw."""
    match arguments.strip().lower().removeprefix("the "):
        case "word" | "words":
            return "words"
        case "image" | "images" | "photo" | "photos" | "photographs" | "picture" | "pictures":
            return "images"
    raise EmptyQueryError(key="map-of-what")


def has_signs(text: str) -> bool:
    """Return whether a text adds or subtracts: "- grass + beach"; see `engine.search.query_composition`."""
    return _SIGN.search(text) is not None


def check_script(text: str) -> None:
    """Check for ASCII letters or digits: the network's vocabulary has no other words.

    Raises:
        EmptyQueryError: the text, or a part between two signs, has other letters only.
    """
    parts = [part.strip() for part in _SIGN.split(text) if any(map(str.isalpha, part))]
    for part in parts:
        if not re.search("[a-z0-9]", part, re.IGNORECASE | re.ASCII):
            raise (
                EmptyQueryError(key="unknown-part", text=part)
                if parts[1:]
                else EmptyQueryError(key="unknown-words")
            )


def _parse_analogy(cleaned: str) -> Analogy | None:
    unquoted = cleaned.replace('"', "").lower()
    match = _ANALOGY_COLONS.fullmatch(unquoted) or _ANALOGY_SENTENCE.fullmatch(unquoted)
    return Analogy(match[1], match[2], match[3]) if match else None


def _parse_word(cleaned: str) -> str | None:
    bare = cleaned.strip("\"'.,;:!?()[]… ").lower()
    return bare if re.fullmatch(_WORD, bare) else None
