"""Correction of slips of the pen: a noisy channel (Kernighan, Church and Gale 1990) with context.

A slip is one swap, omission, insertion or exchange of letters (Damerau 1964); in long words of captions also
two. What was meant is the word that maximises p(word | its neighbours) p(what is written | word).
Unknown words are always read as the best candidate. A known word is doubted only where a word of captions is
one swap or omission away and likelier by far: "a balck dog". "A sick child" and "a cove with boats" stay, as
sick and cove mean something like words of captions do.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from enum import IntEnum
from functools import cached_property

from engine.words.word_context import WordContext

MIN_LENGTH = 3  # letters of a word that is corrected
MIN_DOUBTED, MIN_NEIGHBOURS = 3, 2  # letters of a known word that may be a slip, and words beside it
MIN_LENGTH_TWO_SLIPS = 6
LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Nats by which a candidate must be likelier than a known word as it is written: where the word is unlike the
# words of captions, where nothing is known of its meaning, where captions hold it, and where it is like them
# or captions hold it beside its neighbour.
SURE, SURE_OF_RARE, SURE_OF_COMMON, SURE_OF_RELATED = 4.0, 6.5, 7.0, 8.5
# "sick", "cove" and "crow" have cosines from 0.45 on with some word of captions, and are mostly meant as they
# are written; "feild" and "thre" have not.
MIN_RELATED = 0.45
# Log probability of all words outside captions together, spread over their ranks as Zipf's law has it.
OUTSIDE, MEAN_LOG_RANK = -3.0, math.log(10)
RARE = -2.0  # the same of words that are seldom written, beside the others
FIRST_LETTER = -1.5  # people seldom miss the first letter
DOUBLED = 1.5  # people often write one letter for two: "funy"
_STRETCHED = re.compile(r"(.)\1{2,}")  # "doooog"


class SlipKind(IntEnum):
    """What happened to a word, the likeliest first."""

    STRETCH = 0
    SWAP = 1
    OMISSION = 2
    INSERTION = 3
    EXCHANGE = 4
    TWO_SLIPS = 5


# Log probability of a kind of slip at one place and with one letter, beside that of a swap.
_LOG_LIKELIHOOD = {
    SlipKind.STRETCH: 0.0,
    SlipKind.SWAP: 0.0,
    SlipKind.OMISSION: -0.3,
    SlipKind.INSERTION: -3.5,
    SlipKind.EXCHANGE: -4.0,
    SlipKind.TWO_SLIPS: -4.0,
}


class SpellingCorrector:
    """Finds the known words that the slips of a text were meant to be."""

    def __init__(
        self,
        frequent: Sequence[str],
        others: Sequence[str] = (),
        rare: Set[str] = frozenset(),
        context: WordContext | None = None,
        cosine: Callable[[str], float | None] = lambda word: None,
    ) -> None:
        """Take the words.

        Args:
            frequent: words of captions, the most frequent first.
            others: further words that slips may be read as, the most frequent first.
            rare: words that are known but seldom written: no slip is read as one.
            context: how well words of captions fit; without it only their frequency counts.
            cosine: how near a word is to the nearest of captions in meaning; None if that is not known.
        """
        self._ranks = {word: rank for rank, word in enumerate(frequent, 1)}
        self._other_ranks = {word: rank for rank, word in enumerate(others, 1)}
        self._rare, self._context, self._cosine = rare, context, cosine

    def correct(self, words: Sequence[str]) -> list[str | None]:
        """Return what each word of a text was meant to be; None where it stays.

        Args:
            words: lower case.
        """
        read = list(words)
        result: list[str | None] = [None] * len(words)
        # Unknown words first: they are the surest slips, and the context of the others.
        for known in (False, True) if len(words) > MIN_NEIGHBOURS else (False,):
            for place, word in enumerate(words):
                if _may_slip(word) and self._is_known(word) is known:
                    result[place] = self._doubted(read, place) if known else self._nearest(read, place)
                    read[place] = result[place] or word
        return result

    def _is_known(self, word: str) -> bool:
        return word in self._ranks or word in self._other_ranks or word in self._rare

    def _nearest(self, words: Sequence[str], place: int) -> str | None:
        """Return the likeliest word that an unknown one was meant to be; None if nothing is near."""
        word = words[place]
        others = self._near(word, self._other_ranks) | self._two_slips(word)
        scores = self._scores(words, place, others | self._near(word, self._ranks))
        return max(scores, key=lambda other: (scores[other], other)) if scores else None

    def _doubted(self, words: Sequence[str], place: int) -> str | None:
        """Return the word of captions that a known word was surely meant to be; None if it is not sure."""
        word = words[place]
        candidates = dict(self._swapped_or_omitted(word)) if len(word) >= MIN_DOUBTED else {}
        if not candidates or self._context is None:
            return None
        scores = self._scores(words, place, candidates)
        best = max(scores, key=lambda other: (scores[other], other))
        margin = SURE_OF_RELATED if self._context.is_attested(words, place) else self._margin(word)
        return best if scores[best] > self._prior(words, place, word) + margin else None

    def _margin(self, word: str) -> float:
        """Return by how many nats a candidate must be likelier than a known word."""
        if word in self._ranks:
            return SURE_OF_COMMON
        cosine = self._cosine(word)
        if cosine is None:
            return SURE_OF_RARE
        return SURE_OF_RELATED if cosine >= MIN_RELATED else SURE

    def _scores(
        self, words: Sequence[str], place: int, candidates: Mapping[str, SlipKind]
    ) -> dict[str, float]:
        """Return log p(candidate | its neighbours) p(what is written | candidate), in nats."""
        written = words[place]
        return {
            other: self._prior(words, place, other)
            + _LOG_LIKELIHOOD[kind]
            + FIRST_LETTER * (other[0] != written[0])
            + DOUBLED * _has_doubled(other, written)
            for other, kind in candidates.items()
        }

    def _prior(self, words: Sequence[str], place: int, word: str) -> float:
        """Return log p(word | its neighbours), in nats; words outside captions share one probability."""
        if self._context is None:
            return self._by_rank(word)
        fit = self._context.log_probability(words, place, word)
        return fit if word in self._context else fit + self._by_rank(word) - OUTSIDE

    def _by_rank(self, word: str) -> float:
        """Return the log probability of a word by how often it is written."""
        if rank := self._ranks.get(word):
            return -math.log(rank) - MEAN_LOG_RANK
        rank = self._other_ranks.get(word, len(self._other_ranks) + 1)
        return OUTSIDE - math.log(rank) - MEAN_LOG_RANK + RARE * (word in self._rare)

    @staticmethod
    def _near(word: str, ranks: Mapping[str, int]) -> dict[str, SlipKind]:
        """Return the words that one slip turns into this one, each with the likeliest kind of slip."""
        near: dict[str, SlipKind] = {}
        for other, kind in (*_slips(word), *_unstretched(word)):
            if other in ranks and kind <= near.get(other, kind):
                near[other] = kind
        return near

    def _two_slips(self, word: str) -> dict[str, SlipKind]:
        """Return words that equal this one when each loses a letter."""
        if len(word) < MIN_LENGTH_TWO_SLIPS:
            return {}
        found = (other for short in (*_shortened(word), word) for other in self._by_shortened.get(short, ()))
        return {other: SlipKind.TWO_SLIPS for other in found if len(other) >= MIN_LENGTH_TWO_SLIPS - 1}

    def _swapped_or_omitted(self, word: str) -> Iterator[tuple[str, SlipKind]]:
        """Return words of captions that a swap or an omission, not of the first letter, turns into this one.

        A plural is no slip: both forms find the same photos.
        """
        for other in self._by_shortened.get(word, ()):
            if other[0] == word[0] and not (other == f"{word}s" and not word.endswith("s")):
                yield other, SlipKind.OMISSION
        for at in range(1, len(word) - 1):
            other = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            if other != word and other in self._ranks:
                yield other, SlipKind.SWAP

    @cached_property
    def _by_shortened(self) -> dict[str, tuple[str, ...]]:
        words: dict[str, set[str]] = defaultdict(set)
        for word in self._ranks:
            if len(word) > MIN_DOUBTED and word.isalpha():
                for short in _shortened(word):
                    words[short].add(word)
                words[word].add(word)
        return {short: tuple(sorted(of_short - {short})) for short, of_short in words.items()}


def one_slip(word: str, letters: str = LETTERS) -> Iterator[str]:
    """Return every spelling that one slip turns into this word, the likeliest kinds of slips first."""
    return (other for other, _ in sorted(_slips(word, letters), key=lambda slip: slip[1]))


def _may_slip(word: str) -> bool:
    return len(word) >= MIN_LENGTH and word.isalpha() and word.isascii()


def _slips(word: str, letters: str = LETTERS) -> Iterator[tuple[str, SlipKind]]:
    """Return every spelling that one slip turns into this word, with the kind of slip."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:], SlipKind.SWAP
        for letter in letters:
            yield head + letter + tail, SlipKind.OMISSION
            if tail:
                yield head + letter + tail[1:], SlipKind.EXCHANGE
        if tail:
            yield head + tail[1:], SlipKind.INSERTION


def _has_doubled(word: str, written: str) -> bool:
    """Return whether a word is what is written with one of its letters twice."""
    return any(word == written[:at] + written[at - 1] + written[at:] for at in range(1, len(written) + 1))


def _shortened(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _unstretched(word: str) -> Iterator[tuple[str, SlipKind]]:
    if _STRETCHED.search(word):
        yield _STRETCHED.sub(r"\1", word), SlipKind.STRETCH
        yield _STRETCHED.sub(r"\1\1", word), SlipKind.STRETCH
