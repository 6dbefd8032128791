"""The entries of the dictionaries: what the files in `dictionaries/` hold, and the same read backwards.

Each line is one entry: spellings and forms on the left, the English of captions on the right:

    läuft, laufen, rennt = running
    hund; hunde, hunden = dog; dogs     a noun: singular; plural
    rot = red*                          an adjective: moved before its noun in noun-first languages
    zwei = two#                         a numeral: the noun after it is plural
    sich =                              a word without an English counterpart
    vela; velas = candle; candles | sail; sails: boat ship sea
                                        a second sense, chosen when the query contains one of the cue words

`en.txt` holds English words that look like words of the other languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from engine.language.grammar import GRAMMARS, WITHOUT_ACCENTS, consonant_stem

FOLDER = Path(__file__).with_name("dictionaries")

ELIDED = re.compile(r"(?<=[^\W_])'(?=[^\W_])")  # l'eau, un'onda
_UNSAID = {"ru": ("a", "an", "the", "is", "are")}  # English words that a language does without
_KIND_MARKERS = {"*": "A", "#": "#"}


@dataclass(frozen=True, slots=True)
class Sense:
    """The English meaning of one form.

    Attributes:
        forms: the English word, or singular and plural of a noun.
        kind: "N" noun, "A" adjective, "#" numeral, "&" and, "." any other word.
        form: index of the form that is meant.
        second_sense: forms of the second sense, if there is one.
        cues: English words that select the second sense.
    """

    forms: tuple[str, ...]
    kind: str
    form: int = 0
    second_sense: tuple[str, ...] = ()
    cues: frozenset[str] = frozenset()

    @property
    def english(self) -> str:
        """The form that is meant."""
        return self.forms[self.form]

    def with_number(self, plural: bool) -> Sense:
        """Return the singular or the plural of a noun; other words stay as they are."""
        return replace(self, form=int(plural)) if self.kind == "N" else self

    def in_context(self, context: Set[str]) -> Sense:
        """Return the second sense if the English words around it hold one of its cues."""
        return replace(self, forms=self.second_sense) if self.cues & context else self


def lines_of(language: str) -> list[str]:
    """Return the lines of a language's file without comments and blanks."""
    lines = (FOLDER / f"{language}.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def entries_of(line: str) -> Iterator[tuple[str, Sense]]:
    """Parse one line into its forms, each with its sense."""
    left, _, right = line.partition("=")
    right, _, second = right.partition(" | ")
    second_sense, _, cues = second.partition(":")
    forms = _forms(right.rstrip(" *#"))
    kind = "N" if len(forms) > 1 else "&" if forms == ("and",) else _KIND_MARKERS.get(right[-1:], ".")
    for number, spellings in enumerate(left.split(";")):
        sense = Sense(forms, kind, number, _forms(second_sense), frozenset(cues.split()))
        for spelling in filter(None, map(str.strip, spellings.split(","))):
            yield ELIDED.sub("' ", spelling), sense


def _forms(side: str) -> tuple[str, ...]:
    return tuple(form.strip() for form in side.split(";"))


@cache
def english_nouns() -> frozenset[str]:
    """Return the English nouns that the dictionaries hold; reads a file the first time."""
    senses = (sense for line in lines_of("de") for _, sense in entries_of(line) if sense.kind == "N")
    return frozenset(form for sense in senses for form in sense.forms)


@cache
def foreign_to_english() -> dict[str, str]:
    """Return what single words of all languages mean in English: one word, by form; reads all files.

    Forms stand as they are listed, without accents, and Russian ones also without their case ending. Forms
    that two languages share have the meaning of the first; English words are left out.
    """
    english: dict[str, str] = {}
    known = set(lines_of("en"))
    for language in sorted(GRAMMARS):
        for form, sense in (entry for line in lines_of(language) for entry in entries_of(line)):
            word = sense.english.rpartition(" ")[2]
            known.update(*map(str.split, sense.forms))
            if word and " " not in form:
                english.setdefault(form, word)
                english.setdefault(form.translate(WITHOUT_ACCENTS), word)
                if GRAMMARS[language].fleeting:
                    english.setdefault(consonant_stem(form), word)
    return {form: word for form, word in english.items() if form not in known}


@cache
def english_to_foreign(language: str) -> dict[str, list[str]]:
    """Return the spellings of each English word or phrase in a language; those of some are empty strings."""
    foreign: dict[str, list[str]] = {}
    for line in lines_of(language):
        for spelling, sense in entries_of(line):
            foreign.setdefault(sense.english, []).append(spelling)
    return foreign | {word: [""] for word in _UNSAID.get(language, ())}


def to_foreign(text: str, language: str) -> str:
    """Return an English text with its words in another language, as far as the dictionary holds them.

    It looks like what people write, for training and measuring; it is no translation for people.
    """
    if language not in GRAMMARS:
        return text
    return replace_words(text, english_to_foreign(language), lambda spellings: spellings[0])


def replace_words(
    text: str, foreign: Mapping[str, Sequence[str]], choose: Callable[[Sequence[str]], str]
) -> str:
    """Return a text with its longest phrases that a mapping holds replaced by one of their spellings."""
    words, result = text.split(), []
    while words:
        size = next((n for n in (3, 2, 1) if " ".join(words[:n]) in foreign), 1)
        listed = _listed_form(" ".join(words[:size]), foreign)
        result.append(choose(foreign[listed]) if listed else words[0])
        del words[:size]
    return " ".join(filter(None, result)).replace("' ", "'")


def _listed_form(text: str, foreign: Container[str]) -> str | None:
    """Return a text if it is listed, or else the participle of a verb: "running" of "runs"."""
    stems = (text[:-1], text[:-1] + text[-2:-1], text[:-2]) if text.endswith("s") else ()
    return next((form for form in (text, *(f"{stem}ing" for stem in stems)) if form in foreign), None)
