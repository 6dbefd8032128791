"""Parsing of text and command arguments into queries; pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from engine.errors import BadInputError, EmptyQueryError
from engine.language import notation
from engine.language.cleaning import clean


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

_SIGN = re.compile(r"(?:^|\s)[+\-−](?=\s|$)")


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
    words = notation.analogy(cleaned)
    return Analogy(*words) if words else None


def _parse_word(cleaned: str) -> str | None:
    return notation.bare_word(cleaned)
