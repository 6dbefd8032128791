"""Correction of slips of the pen: an unknown word is read as the nearest known one.

A slip is one swap, omission, insertion or exchange of letters (Damerau 1964); in long words of captions also
two. Of several candidates the most frequent wins. Known words are never corrected.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from functools import cached_property

MIN_LENGTH = 3  # letters of a word that is corrected
MIN_LENGTH_TWO_SLIPS = 6
LETTERS = "abcdefghijklmnopqrstuvwxyz"
# By how much the rank of a candidate is multiplied for a kind of slip: people swap and omit more often.
SWAP, OMISSION, INSERTION, EXCHANGE = 1, 2, 6, 12
_STRETCHED = re.compile(r"(.)\1{2,}")  # "doooog"


class SpellingCorrector:
    """Finds the known word that an unknown one was meant to be."""

    def __init__(
        self,
        frequent: Sequence[str],
        known: Container[str],
        others: Sequence[str] = (),
    ) -> None:
        """Take the words.

        Args:
            frequent: words of captions, the most frequent first: the first choice for a correction.
            known: words that are left as they are.
            others: further words, the most frequent first: the second choice.
        """
        self._ranks = {word: rank for rank, word in enumerate(frequent, 1)}
        self._other_ranks = {word: rank for rank, word in enumerate(others, 1)}
        self._known = known

    def correct(self, word: str) -> str | None:
        """Return what an unknown word was meant to be; None if the word is known or nothing is near."""
        if len(word) < MIN_LENGTH or not word.isalpha() or not word.isascii() or word in self._known:
            return None
        near = self._near(word, self._ranks) or self._two_slips(word) or self._near(word, self._other_ranks)
        return min(near)[1] if near else None

    @staticmethod
    def _near(word: str, ranks: dict[str, int]) -> list[tuple[int, str]]:
        """Return the words one slip away, each with its cost."""
        near = [(kind * ranks[other], other) for other, kind in _slips(word) if other in ranks]
        return near + [(ranks[other], other) for other in _unstretched(word) if other in ranks]

    def _two_slips(self, word: str) -> list[tuple[int, str]]:
        """Return words that equal this one when each loses a letter."""
        if len(word) < MIN_LENGTH_TWO_SLIPS:
            return []
        found = (other for short in (*_shortened(word), word) for other in self._by_shortened.get(short, ()))
        return [(self._ranks[other], other) for other in found]

    @cached_property
    def _by_shortened(self) -> dict[str, list[str]]:
        words: dict[str, list[str]] = defaultdict(list)
        for word in self._ranks:
            if len(word) >= MIN_LENGTH_TWO_SLIPS - 1:
                for short in {*_shortened(word), word}:
                    words[short].append(word)
        return dict(words)


def one_slip(word: str, letters: str = LETTERS) -> Iterator[str]:
    """Return every spelling that one slip turns into this word, the likeliest kinds of slips first."""
    return (other for other, _ in sorted(_slips(word, letters), key=lambda slip: slip[1]))


def _slips(word: str, letters: str = LETTERS) -> Iterator[tuple[str, int]]:
    """Return every spelling that one slip turns into this word, with the kind of slip."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:], SWAP
        for letter in letters:
            yield head + letter + tail, OMISSION
            if tail:
                yield head + letter + tail[1:], EXCHANGE
        if tail:
            yield head + tail[1:], INSERTION


def _shortened(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _unstretched(word: str) -> Iterator[str]:
    if _STRETCHED.search(word):
        yield _STRETCHED.sub(r"\1", word)
        yield _STRETCHED.sub(r"\1\1", word)
