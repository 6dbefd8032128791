"""From six languages to the English of captions: a dictionary for questions, not a translator.

The network reads English alone. A question in another language is looked up word by word in
`dictionaries/`, which holds what photos show and what captions say of it; words that are not there stay
as they are, for they may be names.

One entry a line, its spellings and forms to the left, what captions say to the right:

    läuft, laufen, rennt = running
    hund; hunde, hunden = dog; dogs     a noun: singular; plural
    rot = red*                          an adjective: where they follow their noun, it is put before it
    zwei = two#                         a number: the noun after it is a plural
    sich =                              nothing that English says
    vela; velas = candle; candles | sail; sails: boat ship sea
                                        a noun that is another thing where the question speaks of these

Forms that a stemmer takes back to a listed one ("rotes", "собаками") need no place in it. `en.txt` holds
English words that look like words of the others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import snowballstemmer

FOLDER = Path(__file__).with_name("dictionaries")

_RUN = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*'?(?:\s+[^\W_]+(?:[-'][^\W_]+)*'?)*")  # words, no sign between
_ELIDED = re.compile(r"(?<=[^\W_])'(?=[^\W_])")  # l'eau, un'onda
# As hurried people write: no accents (but й is no и), or "ue" for "ü".
_PLAIN = {code: unicodedata.normalize("NFD", chr(code))[0] for code in range(0xC0, 0x180)}
_PLAIN |= {ord("ё"): "е", ord("ß"): "ss", ord("œ"): "oe"}
_UMLAUTS = _PLAIN | {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue"}
_MARKS = {"*": "A", "#": "#"}
_NUMBERED = re.compile(r"#A*N")
_NOUN_FIRST = re.compile(r"N(A+(?:&A+(?![AN]))*)")
_BEFORE_VOWEL = re.compile(r"\ba(?= (?:[aeio]|u(?!n)))")
_LONGEST = 5  # words of a phrase
_SHORTEST = 3  # letters of half a compound; shorter halves are endings


@dataclass(frozen=True, slots=True)
class Translation:
    """What a question says in English.

    Attributes:
        text: in English, as far as the dictionary goes; the question itself where it was left alone.
        left: words of it that the dictionary does not hold, in their order.
        changed: whether the text is another than the question, so that people can be told.
    """

    text: str
    left: tuple[str, ...] = ()
    changed: bool = False


def translate(text: str, language: str | None) -> Translation:
    """Put a question into English, if it is written in the language its writer uses.

    Whether it is, its words tell. Those that only the dictionary holds speak for the language; those
    that only English has (what the dictionary answers with, and `en.txt`) speak against it; words of
    both (Spanish "red", a net, or German "Rock", a skirt) say nothing. The question is translated if more
    speak for the language than against it: "a chat on the street" stays English on a French phone, where
    "chat" alone is a cat. So a bot should say how it has read a question, where `changed`.

    The first call for a language reads its file, some 10 ms: not in an event loop.

    Args:
        text: as `handlers.queries.parsing` reads it: signs, colons and question marks stay where they are.
        language: as Telegram names it ("de", "pt-br"); None or one without a dictionary changes nothing.
    """
    tongue = (language or "").lower().partition("-")[0]
    return _dictionary(tongue).translate(text) if tongue in _LANGUAGES else Translation(text)


@dataclass(frozen=True, slots=True)
class _Language:
    """Attributes: Snowball's name of it; how plurals end that no line lists; grammar that matters."""

    algorithm: str
    plurals: tuple[str, ...]
    compounds: bool = False
    elides: bool = False
    noun_first: bool = False


_LANGUAGES = {
    "de": _Language("german", ("n",), compounds=True),
    "es": _Language("spanish", ("s",), noun_first=True),
    "fr": _Language("french", ("s", "x"), elides=True, noun_first=True),
    "it": _Language("italian", ("i",), elides=True, noun_first=True),
    "pt": _Language("portuguese", ("s",), noun_first=True),
    "ru": _Language("russian", ("ам", "ям", "ами", "ями", "ах", "ях", "ов", "ев")),
}
LANGUAGES = frozenset(_LANGUAGES)


@dataclass(frozen=True, slots=True)
class _Sense:
    """Attributes: English forms; N(oun), A(djective), #, & or another word; which form is meant.

    Beside one of `company`, it means `other` instead.
    """

    forms: tuple[str, ...]
    kind: str
    form: int = 0
    other: tuple[str, ...] = ()
    company: frozenset[str] = frozenset()

    @property
    def english(self) -> str:
        return self.forms[self.form]

    def numbered(self, plural: bool) -> _Sense:
        return replace(self, form=int(plural)) if self.kind == "N" else self

    def beside(self, meant: Set[str]) -> _Sense:
        return replace(self, forms=self.other) if self.company & meant else self


@dataclass(frozen=True, slots=True)
class _Unit:
    """Attributes: a word or phrase as written; what it means, if known; whether listed, not guessed."""

    said: str
    sense: _Sense | None
    listed: bool = False

    @property
    def kind(self) -> str:
        return self.sense.kind if self.sense else "."

    @property
    def english(self) -> str:
        return self.sense.english if self.sense else self.said

    def beside(self, meant: Set[str]) -> _Unit:
        return replace(self, sense=self.sense.beside(meant)) if self.sense else self


class _Dictionary:
    """The words of one language."""

    def __init__(self, language: _Language, lines: Sequence[str], also_english: frozenset[str]) -> None:
        self._language = language
        self._exact = dict(entry for line in lines for entry in _entries(line))
        self._folded: dict[str, _Sense] = {}
        self._near: dict[str, list[str]] = {}  # forms by their first letters: the stemmer is slow
        for form, sense in self._exact.items():
            folded = form.translate(_PLAIN)
            self._folded.setdefault(folded, sense)
            self._folded.setdefault(form.translate(_UMLAUTS), sense)
            self._near.setdefault(folded[:3], []).append(form)
        said = (form.split() for sense in self._exact.values() for form in (*sense.forms, *sense.other))
        self._english = also_english.union(*said)

    def translate(self, text: str) -> Translation:
        """Translate a text, if it is this language's."""
        plain = unicodedata.normalize("NFKC", text).replace("’", "'")
        runs = [self._read(run) for run in _RUN.findall(plain)]
        units = [unit for run in runs for unit in run]
        if sum(map(self._speaks_for, units)) <= sum(map(self._speaks_against, units)):
            return Translation(text)
        meant = {word for unit in units if unit.sense for form in unit.sense.forms for word in form.split()}
        rendered = (self._render([unit.beside(meant) for unit in run]) for run in runs)
        result = _RUN.sub(lambda _: next(rendered), plain).strip()
        left = (unit.said for unit in units if unit.sense is None and not unit.said.isdigit())
        unknown = tuple(word for word in left if not self._is_english(word))
        return Translation(result, unknown, result.lower() != plain.lower())

    def _speaks_for(self, unit: _Unit) -> bool:
        """Tell whether only this language has the word; what a stemmer guessed may be chance, if in ASCII."""
        sure = unit.sense is not None and (unit.listed or not unit.said.isascii())
        return sure and not self._is_english(unit.said)

    def _speaks_against(self, unit: _Unit) -> bool:
        return unit.sense is None and self._is_english(unit.said)

    def _read(self, run: str) -> list[_Unit]:
        """Cut a run of words into the longest phrases known."""
        words = (_ELIDED.sub("' ", run) if self._language.elides else run).split()
        units = []
        while words:
            unit = next(self._phrases(words), None) or self._word(words[0])
            units.append(unit)
            del words[: len(unit.said.split())]
        return units

    def _phrases(self, words: Sequence[str]) -> Iterator[_Unit]:
        for length in range(min(_LONGEST, len(words)), 1, -1):
            said = " ".join(words[:length])
            if sense := self._listed(said.lower()):
                yield _Unit(said, sense, listed=True)

    def _word(self, said: str) -> _Unit:
        word = said.lower()
        if word in self._exact or word in self._english:
            return _Unit(said, self._exact.get(word), listed=True)
        if sense := self._listed(word) or self._by_halves(word):
            return _Unit(said, sense, listed=True)
        return _Unit(said, self._by_stem(word))

    def _listed(self, form: str) -> _Sense | None:
        return self._exact.get(form) or self._folded.get(form.translate(_PLAIN))

    def _by_stem(self, word: str) -> _Sense | None:
        algorithm = self._language.algorithm
        for form in self._near.get(word.translate(_PLAIN)[:3], ()) if len(word) > 3 else ():
            if _stem(algorithm, form) == _stem(algorithm, word):
                return self._exact[form].numbered(word.endswith(self._language.plurals))
        return None

    def _by_halves(self, word: str) -> _Sense | None:
        """Read "Hundestrand": halves that are known, the first perhaps with a joint, the second a noun."""
        cuts = range(_SHORTEST, len(word) - _SHORTEST + 1) if self._language.compounds else ()
        for cut in cuts:
            second = self._listed(word[cut:])
            first = second and (self._listed(word[:cut]) or self._listed(word[:cut].removesuffix("s")))
            if first and second and first.kind in "NA" and second.kind == "N":
                return replace(second, forms=tuple(f"{first.forms[0]} {form}" for form in second.forms))
        return None

    def _render(self, units: list[_Unit]) -> str:
        kinds = "".join(unit.kind for unit in units)
        words = [unit.english for unit in units]
        for found in _NUMBERED.finditer(kinds):
            noun = units[found.end() - 1].sense
            words[found.end() - 1] = noun.numbered(True).english if noun else ""
        for found in _NOUN_FIRST.finditer(kinds) if self._language.noun_first else ():
            noun_at, end = found.span()
            words[noun_at:end] = [*words[noun_at + 1 : end], words[noun_at]]
        return _BEFORE_VOWEL.sub("an", " ".join(word for word in words if word))

    def _is_english(self, said: str) -> bool:
        return all(word in self._english for word in said.lower().split())


@cache
def _dictionary(tongue: str) -> _Dictionary:
    also_english = frozenset(_lines("en"))
    return _Dictionary(_LANGUAGES[tongue], _lines(tongue), also_english)


def _lines(name: str) -> list[str]:
    lines = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _entries(line: str) -> Iterator[tuple[str, _Sense]]:
    """Read one line: each form to the left, and what it means."""
    left, _, right = line.partition("=")
    right, _, exception = right.partition(" | ")
    other, _, company = exception.partition(":")
    forms = _forms(right.rstrip(" *#"))
    kind = "N" if len(forms) > 1 else "&" if forms == ("and",) else _MARKS.get(right[-1:], ".")
    for number, spellings in enumerate(left.split(";")):
        sense = _Sense(forms, kind, number, _forms(other), frozenset(company.split()))
        for spelling in filter(None, map(str.strip, spellings.split(","))):
            yield _ELIDED.sub("' ", spelling), sense


def _forms(side: str) -> tuple[str, ...]:
    return tuple(form.strip() for form in side.split(";"))


@lru_cache(maxsize=20_000)
def _stem(algorithm: str, word: str) -> str:
    """A stemmer is made for each word: one keeps its word in itself, and threads would share it."""
    stem = snowballstemmer.stemmer(algorithm).stemWord(word).translate(_PLAIN)
    return stem.replace("ae", "a").replace("oe", "o").replace("ue", "u")
