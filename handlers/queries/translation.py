"""Questions in other languages: the one place where they become the English that the network reads."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from handlers.context import Context
from handlers.i18n.dictionary import translate
from handlers.i18n.texts import Texts
from handlers.messages.html import QUERY_UNITS, quoted
from handlers.queries.parsing import Alike, Analogy, Find, Query, Similar


@dataclass(frozen=True, slots=True)
class _Read:
    """Attributes: how something was read, where that is not how it was written."""

    read_as: str

    def notes(self, texts: Texts) -> list[str]:
        """Say how it was read, if that is not how it was written."""
        return [texts("read-as", text=quoted(self.read_as, QUERY_UNITS))] if self.read_as else []


@dataclass(frozen=True, slots=True)
class Reading(_Read):
    """Attributes: a question in English."""

    query: Query


@dataclass(frozen=True, slots=True)
class Words(_Read):
    """Attributes: a description in English."""

    text: str


async def read(query: Query, context: Context) -> Reading:
    """Read a question by the dictionary of its writer's language."""
    return await asyncio.to_thread(_read, query, context.language)  # a dictionary lies on the disk


async def read_words(text: str, context: Context) -> Words:
    """Read a description: of what to find, to add to a photo, to mind in it."""
    return await asyncio.to_thread(_read_words, text, context.language)


def _read(query: Query, language: str | None) -> Reading:
    match query:
        case Find(text):
            words = _read_words(text, language)
            return Reading(words.read_as, Find(words.text))
        case Similar(word):
            words = _read_words(word, language)
            single = " " not in words.text  # "Hundestrand" is two words, and so something to find
            return Reading(words.read_as, Similar(words.text) if single else Find(words.text))
        case Analogy(a, b, c):
            riddle = Analogy(*_each(language, a, b, c))
            return Reading("" if riddle == query else f"{riddle.a} : {riddle.b} :: {riddle.c} : ?", riddle)
        case Alike(a, b):
            pair = Alike(*_each(language, a, b))
            return Reading("" if pair == query else f"{pair.a}, {pair.b}", pair)


def _read_words(text: str, language: str | None) -> Words:
    found = translate(text, language)
    return Words(found.text if found.changed else "", found.text)


def _each(language: str | None, *words: str) -> tuple[str, ...]:
    """Read words one by one; one that takes several in English stays as it is."""
    read = (translate(word, language).text for word in words)
    return tuple(said if " " not in said else word for word, said in zip(words, read, strict=True))
