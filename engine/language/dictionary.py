"""Word-by-word translation of queries from six languages into the English of captions.

The network reads only English. A query in another language is looked up word by word in `dictionaries/`,
which hold the vocabulary of captions. Unknown words stay as they are: they may be names.

Forms that a stemmer reduces to a listed form ("rotes", "собаками") need no entry, nor do Russian cases with a
fleeting vowel ("щенка" of "щенок", "девочек" of "девочка").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache

from engine.language.entries import ELIDED, Sense, entries_of, lines_of
from engine.language.grammar import (
    CASE_ENDING,
    GRAMMARS,
    UMLAUTS,
    WITHOUT_ACCENTS,
    Language,
    consonant_stem,
    stem,
)
from engine.language.spelling import one_slip
from engine.results import Correction

_WORD_RUN = re.compile(
    r"[^\W_]+(?:[-'][^\W_]+)*'?(?:\s+[^\W_]+(?:[-'][^\W_]+)*'?)*"
)  # words without a sign between them
_NUMERAL_NOUN = re.compile(r"#A*N")
_NOUN_ADJECTIVES = re.compile(r"N(A+(?:&A+(?![AN]))*)")
_BEFORE_VOWEL = re.compile(r"\ba(?= (?:[aeio]|u(?!n)))")
_MAX_PHRASE_WORDS = 5
_MIN_COMPOUND_PART = 3  # letters; shorter parts are endings
_MIN_CORRECTED = 4  # letters of a misspelt word; shorter words are near to too many


@dataclass(frozen=True, slots=True)
class Translation:
    """A query in English.

    Attributes:
        text: the translation, or the query itself where it was not translated.
        changed: whether `text` differs from the query.
        corrections: misspelt words, and the words of the dictionary that they were read as.
    """

    text: str
    changed: bool = False
    corrections: tuple[Correction, ...] = ()


def translate(text: str, language: str | None) -> Translation:
    """Translate a query in a known language into English; misspelt words are corrected.

    The first call for a language reads its file, some 10 ms: do not call it in an event loop.

    Args:
        text: the query; signs, colons and question marks keep their places.
        language: as `detect_language` returns it; None and codes without a dictionary translate nothing.
    """
    code = base_language(language)
    return _dictionary(code).translate(text) if code in GRAMMARS else Translation(text)


def base_language(language: str | None) -> str:
    """Return the two letters of a language code: "pt" of "pt-br"."""
    return (language or "").lower().partition("-")[0]


def detect_language(text: str, preferred: str | None, is_english: Callable[[str], bool]) -> str | None:
    """Return the language of a text if a dictionary reads it better than English does.

    The words decide the language. A word that only the dictionary holds counts for the preferred language, a
    word that only English has (the dictionary's translations and `en.txt`) counts against it, and a word
    of both (Spanish "red", a net, or German "Rock", a skirt) does not count: "a chat on the street" is
    English on a French phone, where "chat" alone is a cat.

    Args:
        text: some words.
        preferred: the language of the user's app, which decides where it reads the text; None if unknown.
        is_english: whether a word, in lower case, is an English one. It counts against all languages but the
            preferred one.
    """
    code = base_language(preferred)
    if code in GRAMMARS and _dictionary(code).reads(text):
        return code
    words = _words(text)
    english = sum(map(is_english, words))
    scores = {other: _dictionary(other).foreign_words(words, is_english) for other in GRAMMARS}
    best = max(scores, key=lambda other: scores[other])
    return best if scores[best] > english else None


def _words(text: str) -> list[str]:
    normalized = unicodedata.normalize("NFKC", text).replace("’", "'").lower()
    return [word for run in _WORD_RUN.findall(normalized) for word in ELIDED.sub("' ", run).split()]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A word or phrase of a query.

    Attributes:
        text: as written.
        sense: its meaning, if the dictionary holds it.
        listed: whether the form is listed, not found through the stemmer.
    """

    text: str
    sense: Sense | None
    listed: bool = False

    @property
    def kind(self) -> str:
        return self.sense.kind if self.sense else "."

    @property
    def english(self) -> str:
        return self.sense.english if self.sense else self.text

    def in_context(self, context: Set[str]) -> _Unit:
        return replace(self, sense=self.sense.in_context(context)) if self.sense else self


class _Dictionary:
    """The dictionary of one language."""

    def __init__(self, language: Language, lines: Sequence[str], english: frozenset[str]) -> None:
        self._language = language
        self._exact = dict(entry for line in lines for entry in entries_of(line))
        self._folded: dict[str, Sense] = {}
        self._by_prefix: dict[str, list[str]] = {}  # forms by their first letters: the stemmer is slow
        for form, sense in self._exact.items():
            folded = form.translate(WITHOUT_ACCENTS)
            self._folded.setdefault(folded, sense)
            self._folded.setdefault(form.translate(UMLAUTS), sense)
            self._by_prefix.setdefault(folded[:3], []).append(form)
        nouns = (form for form, sense in self._exact.items() if sense.kind == "N" and " " not in form)
        self._by_consonants: dict[str, str] = {}  # nouns by their stem without its fleeting vowel
        for form in nouns if language.fleeting else ():
            self._by_consonants.setdefault(consonant_stem(form), form)
        self._letters = "".join(
            sorted({letter for form in self._exact for letter in form if letter.isalpha()})
        )
        senses = self._exact.values()
        translations = (form.split() for sense in senses for form in (*sense.forms, *sense.second_sense))
        self._english = english.union(*translations)

    def reads(self, text: str) -> bool:
        """Return whether more of a text's words count for this language than against it."""
        units = [unit for run in _WORD_RUN.findall(_normalized(text)) for unit in self._segment(run)]
        return sum(map(self._is_foreign, units)) > sum(map(self._is_only_english, units))

    def foreign_words(self, words: Sequence[str], is_english: Callable[[str], bool]) -> int:
        """Return how many words are listed here and not English."""
        return sum(1 for word in words if self._listed(word) and not is_english(word))

    def translate(self, text: str) -> Translation:
        """Translate a text in this language."""
        normalized = _normalized(text)
        written = [self._segment(run) for run in _WORD_RUN.findall(normalized)]
        runs = [[self._corrected(unit) for unit in run] for run in written]
        units = [unit for run in runs for unit in run]
        pairs = zip((unit for run in written for unit in run), units, strict=True)
        corrections = (Correction(old.text, new.text) for old, new in pairs if old.text != new.text)
        senses = (unit.sense for unit in units if unit.sense)
        context = {word for sense in senses for form in sense.forms for word in form.split()}
        rendered = (self._render([unit.in_context(context) for unit in run]) for run in runs)
        result = _WORD_RUN.sub(lambda _: next(rendered), normalized).strip()
        return Translation(result, result.lower() != normalized.lower(), tuple(corrections))

    def _corrected(self, unit: _Unit) -> _Unit:
        """Return the unit of the nearest listed word, if nothing is known of this one."""
        word = unit.text.lower()
        if unit.sense or len(word) < _MIN_CORRECTED or not word.isalpha() or self._is_english(word):
            return unit
        near = next((form for form in one_slip(word, self._letters) if form in self._exact), None)
        return _Unit(near, self._exact[near], listed=True) if near else unit

    def _is_foreign(self, unit: _Unit) -> bool:
        """Return whether the word belongs to this language only; an unlisted ASCII form may be chance."""
        certain = unit.sense is not None and (unit.listed or not unit.text.isascii())
        return certain and not self._is_english(unit.text)

    def _is_only_english(self, unit: _Unit) -> bool:
        return unit.sense is None and self._is_english(unit.text)

    def _segment(self, run: str) -> list[_Unit]:
        """Split a run of words into the longest known phrases."""
        words = (ELIDED.sub("' ", run) if self._language.elides else run).split()
        units = []
        while words:
            unit = next(self._phrases(words), None) or self._look_up(words[0])
            units.append(unit)
            del words[: len(unit.text.split())]
        return units

    def _phrases(self, words: Sequence[str]) -> Iterator[_Unit]:
        for length in range(min(_MAX_PHRASE_WORDS, len(words)), 1, -1):
            phrase = " ".join(words[:length])
            if sense := self._listed(phrase.lower()):
                yield _Unit(phrase, sense, listed=True)
            elif self._language.fleeting and (sense := self._by_stems(phrase.lower())):
                yield _Unit(phrase, sense)

    def _look_up(self, text: str) -> _Unit:
        word = text.lower()
        if word in self._exact or word in self._english:
            return _Unit(text, self._exact.get(word), listed=True)
        if sense := self._listed(word) or self._by_parts(word):
            return _Unit(text, sense, listed=True)
        return _Unit(text, self._by_stem(word) or self._by_case(word))

    def _listed(self, form: str) -> Sense | None:
        return self._exact.get(form) or self._folded.get(form.translate(WITHOUT_ACCENTS))

    def _by_stem(self, word: str) -> Sense | None:
        stemmer = self._language.stemmer
        for form in self._by_prefix.get(word.translate(WITHOUT_ACCENTS)[:3], ()) if len(word) > 3 else ():
            if stem(stemmer, form) == stem(stemmer, word):
                return self._exact[form].with_number(word.endswith(self._language.plural_endings))
        return None

    def _by_stems(self, phrase: str) -> Sense | None:
        """Look up a case of a noun with its adjective: "воздушными шарами"."""
        for form in self._by_prefix.get(phrase.translate(WITHOUT_ACCENTS)[:3], ()):
            if self._exact[form].kind == "N" and self._stems(form) == self._stems(phrase):
                return self._exact[form].with_number(phrase.endswith(self._language.plural_endings))
        return None

    def _stems(self, text: str) -> list[str]:
        return [stem(self._language.stemmer, word) for word in text.split()]

    def _by_case(self, word: str) -> Sense | None:
        """Look up a case of a noun with a fleeting vowel."""
        form = self._by_consonants.get(consonant_stem(word)) if len(word) > 3 else None
        if form is None:
            return None
        without_ending = form[-1] in "аяоеь" and not CASE_ENDING.search(word)  # "девочек"
        return self._exact[form].with_number(without_ending or word.endswith(self._language.plural_endings))

    def _by_parts(self, word: str) -> Sense | None:
        """Split a compound ("Hundestrand") into two known words, the second a noun."""
        cuts = (
            range(_MIN_COMPOUND_PART, len(word) - _MIN_COMPOUND_PART + 1) if self._language.compounds else ()
        )
        for cut in cuts:
            second = self._listed(word[cut:])
            first = second and (
                self._listed(word[:cut]) or self._listed(word[:cut].removesuffix("s"))
            )  # linking "s"
            if first and second and first.kind in "NA" and second.kind == "N":
                return replace(second, forms=tuple(f"{first.forms[0]} {form}" for form in second.forms))
        return None

    def _render(self, units: list[_Unit]) -> str:
        kinds = "".join(unit.kind for unit in units)
        words = [unit.english for unit in units]
        for found in _NUMERAL_NOUN.finditer(kinds):
            noun = units[found.end() - 1].sense
            words[found.end() - 1] = noun.with_number(True).english if noun else ""
        for found in _NOUN_ADJECTIVES.finditer(kinds) if self._language.noun_first else ():
            noun_at, end = found.span()
            words[noun_at:end] = [*words[noun_at + 1 : end], words[noun_at]]
        return _BEFORE_VOWEL.sub("an", " ".join(word for word in words if word))

    def _is_english(self, text: str) -> bool:
        return all(word in self._english for word in text.lower().split())


def _normalized(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("’", "'")


@cache
def _dictionary(language: str) -> _Dictionary:
    return _Dictionary(GRAMMARS[language], lines_of(language), frozenset(lines_of("en")))
