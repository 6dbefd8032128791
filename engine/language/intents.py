"""Intents from the parts of a message: its words in English, their slips corrected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from engine.language.dictionary import detect_language, translate
from engine.language.known_words import KnownWords
from engine.language.spelling import SpellingCorrector
from engine.language.tokens import tokens_of
from engine.model.class_names import ClassNames
from engine.model.vocabulary import tokenize
from engine.results import Correction, Intent, IntentKind, Problem
from engine.words.stopwords import FUNCTION_WORDS, is_content

# What is left of a request: "photo of a dog"; "of" is missing after a translation from Russian, "photo dog".
_PHOTO = r"^(?:(?:a|an|the|some|any) )?(?:photo|picture|image|pic|snapshot|photograph)s?"
_PHOTO_OF = re.compile(rf"{_PHOTO} (?:of|with|showing) ", re.I)
_TRANSLATED_PHOTO_OF = re.compile(rf"{_PHOTO} (?:(?:of|with|showing) )?(?=\w)", re.I)
# "photos with a dog" without the photos, "there's a dog somewhere".
_WITH = re.compile(r"^(?:with|of|about|there(?: is| are|'s)) (?=\w)", re.I)
_CONJUNCTION = re.compile(r"\s*(?:,|\b(?:or|and|nor)\b)\s*")
_LEADING = re.compile(r"^(?:(?:any|a|an|the|of|with|no)\s+)+")


class IntentBuilder:
    """Builds intents; immutable, so threads may share it.

    Attributes:
        familiar: words that captions hold.
        known: these, and all others that the network knows.
    """

    def __init__(self, words: KnownWords, spelling: SpellingCorrector, names: ClassNames) -> None:
        """Take the words; see `engine.language.understanding.Understanding`."""
        self._spelling, self._names = spelling, names
        self.familiar = frozenset(words.of_captions)
        self.known = self.familiar.union(words.others, words.rare)

    def of_words(self, kind: IntentKind, words: Sequence[str], language: str | None) -> Intent:
        """Return an intent about words, each in English and as it is spelt."""
        lowered = [word.lower() for word in words]
        found = detect_language(" ".join(lowered), language, self._is_english)
        english: list[str] = []
        written: list[str] = []
        corrections: list[Correction] = []
        translated = False
        for word, as_written in zip(lowered, words, strict=True):
            translation = translate(word, found)
            is_word = translation.changed and " " not in translation.text
            translated |= is_word
            corrections += translation.corrections if is_word else ()
            spelt, slips = self._spelt(translation.text if is_word else word)
            english.append(spelt)
            written.append(as_written if is_word and not translation.corrections else spelt)
            corrections += slips
        return Intent(
            kind,
            tuple(english),
            corrections=tuple(corrections),
            translated=translated,
            written=tuple(written),
        )

    def description(
        self,
        positive: Sequence[str],
        negative: Sequence[str],
        language: str | None,
        *,
        with_photo: bool,
        joined: bool = True,
    ) -> Intent:
        """Return a DESCRIPTION in English, or why it is none.

        Args:
            positive: what photos show.
            negative: what they do not show.
            language: of the user's app.
            with_photo: whether a photo is described by what to leave out, too.
            joined: whether the positive parts are one description.
        """
        shown = [" ".join(positive)] if joined and positive else list(positive)
        found = detect_language(" ".join((*shown, *negative)), language, self._is_english)
        corrections: list[Correction] = []
        photo_of = _TRANSLATED_PHOTO_OF if found else _PHOTO_OF
        shown = [
            _WITH.sub("", photo_of.sub("", self._in_english(part, found, corrections))) for part in shown
        ]
        hidden = [self._in_english(part, found, corrections) for part in negative]
        hidden = [_LEADING.sub("", one) for part in hidden for one in _CONJUNCTION.split(part) if one]
        hidden = [part for part in hidden if part]
        problem = self._problem([*shown, *hidden] if with_photo else shown, hidden)
        if problem:
            return nothing(problem)
        unfamiliar, share = self.unfamiliar(shown)
        return Intent(
            IntentKind.DESCRIPTION,
            positive=tuple(shown),
            negative=tuple(hidden),
            corrections=tuple(corrections),
            translated=found is not None,
            unfamiliar=unfamiliar,
            familiarity=share,
        )

    def _in_english(self, text: str, language: str | None, corrections: list[Correction]) -> str:
        """Translate a part into English and correct its slips, which are added to `corrections`.

        What a dictionary does not hold is no slip of an English word.
        """
        translation = translate(text, language)
        corrections += translation.corrections
        if language is not None:
            return translation.text
        spelt, slips = self._spelt(translation.text)
        corrections += slips
        return spelt

    def _spelt(self, text: str) -> tuple[str, list[Correction]]:
        """Correct the slips of an English text."""
        corrections = []
        words = [token for token in tokens_of(text) if token.is_word]
        read = self._spelling.correct([word.text for word in words])
        for token, correct in reversed(list(zip(words, read, strict=True))):
            if correct:
                corrections.append(Correction(text[token.start : token.end], correct))
                text = text[: token.start] + correct + text[token.end :]
        return text, corrections[::-1]

    def _problem(self, parts: Sequence[str], negative: Sequence[str]) -> Problem | None:
        """Return why parts are nothing that can be looked for."""
        words = [word for part in parts for word in tokenize(part)]
        if not parts and negative:
            excluded = (word for part in negative for word in tokenize(part))
            is_known = any(word in self.known for word in excluded)
            return Problem.ONLY_NEGATIVE if is_known else Problem.UNKNOWN_WORDS
        if not any(map(str.isalnum, "".join(parts))):
            return Problem.NO_DESCRIPTION
        if not any(word in self.known for word in words):
            return Problem.UNKNOWN_WORDS if any(map(str.isalpha, "".join(parts))) else Problem.NO_DESCRIPTION
        return None

    def unfamiliar(self, parts: Iterable[str]) -> tuple[tuple[str, ...], float]:
        """Return the content words that cannot be found, and the share of those that can.

        What captions hold can be found, and what the recognizer has a name for.

        Args:
            parts: what photos show, in English.
        """
        unnamed = [part for part in parts if not self._names.classes(part)]
        words = [word for part in unnamed for word in tokenize(part) if is_content(word)]
        unfamiliar = [word for word in words if word not in self.familiar and not self._names.classes(word)]
        share = 1 - len(unfamiliar) / len(words) if words else 1.0
        return tuple(dict.fromkeys(unfamiliar)), share

    def _is_english(self, word: str) -> bool:
        return word in FUNCTION_WORDS or word in self.familiar


def nothing(problem: Problem) -> Intent:
    """Return the intent of a message that asks for nothing."""
    return Intent(IntentKind.NOTHING, problem=problem)
