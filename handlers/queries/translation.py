"""Translation of queries into English, the language of the network."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from engine.language.dictionary import translate
from handlers.i18n.texts import Texts
from handlers.messages.html import MAX_QUERY_UNITS, escape_html
from handlers.queries.parsing import Alike, Analogy, Find, Query, Similar


@dataclass(frozen=True, slots=True)
class _Translated:
    """The common part of translations.

    Attributes:
        read_as: the translation as the user is shown it; empty if nothing was translated.
    """

    read_as: str

    def notes(self, texts: Texts) -> list[str]:
        """Return a note with the translation, if something was translated."""
        return [texts("read-as", text=escape_html(self.read_as, MAX_QUERY_UNITS))] if self.read_as else []


@dataclass(frozen=True, slots=True)
class TranslatedQuery(_Translated):
    """A query in English."""

    query: Query


@dataclass(frozen=True, slots=True)
class TranslatedText(_Translated):
    """A description in English."""

    text: str


async def translate_query(query: Query, language: str | None) -> TranslatedQuery:
    """Translate a query with the dictionary of a language; None translates nothing."""
    return await asyncio.to_thread(_translate_query, query, language)  # may read the dictionary's file


async def translate_text(text: str, language: str | None) -> TranslatedText:
    """Translate a description with the dictionary of a language; None translates nothing."""
    return await asyncio.to_thread(_translate_text, text, language)


def _translate_query(query: Query, language: str | None) -> TranslatedQuery:
    match query:
        case Find(text):
            translated = _translate_text(text, language)
            return TranslatedQuery(translated.read_as, Find(translated.text))
        case Similar(word):
            translated = _translate_text(word, language)
            is_word = " " not in translated.text  # "Hundestrand" becomes two words: a description
            query = Similar(translated.text) if is_word else Find(translated.text)
            return TranslatedQuery(translated.read_as, query)
        case Analogy(a, b, c):
            analogy = Analogy(*_translate_words(language, a, b, c))
            read_as = f"{analogy.a} : {analogy.b} :: {analogy.c} : ?"
            return TranslatedQuery("" if analogy == query else read_as, analogy)
        case Alike(a, b):
            pair = Alike(*_translate_words(language, a, b))
            return TranslatedQuery("" if pair == query else f"{pair.a}, {pair.b}", pair)


def _translate_text(text: str, language: str | None) -> TranslatedText:
    translation = translate(text, language)
    return TranslatedText(translation.text if translation.changed else "", translation.text)


def _translate_words(language: str | None, *words: str) -> tuple[str, ...]:
    """Translate words one by one; a word whose translation is several words stays as it is."""
    translations = [translate(word, language).text for word in words]
    return tuple(
        word if " " in english else english for word, english in zip(words, translations, strict=True)
    )
