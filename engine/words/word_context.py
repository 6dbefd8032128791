"""How well a word of captions fits between its neighbours: bigram counts, on both sides.

p(word | left) p(right | word), each smoothed by absolute discounting (Ney, Essen and Kneser 1994).
Corrections of slips use it: in "a snwo covered hill" "snow" fits, "swan" does not. So do
analogies of attributes. The file comes from `engine.training.language.count_bigrams`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

WEIGHTS = Path(__file__).with_name("word_context.safetensors")
EDGE, OTHER = 0, 1  # ids of the ends of a text, and of words that captions rarely hold
FIRST = 2  # id of the first word
DISCOUNT = 0.75  # of each count


class WordContext:
    """Compares words of captions in their context; immutable, so threads may share it."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        """Take the arrays that `save` writes.

        Args:
            arrays: "words" as UTF-8, a word a line; "pairs" (N,) uint32, ascending: V * left + right, with
                V ids; "counts" (N,) uint16 of the pairs.
        """
        words = arrays["words"].tobytes().decode().split("\n")
        self._ids = {word: number for number, word in enumerate(words, FIRST)}
        size = FIRST + len(words)
        pairs, counts = arrays["pairs"].astype(np.int64), arrays["counts"].astype(np.int64)
        self._size, self._counts = size, dict(zip(pairs.tolist(), counts.tolist(), strict=True))
        left, right = np.divmod(pairs, size)
        self._totals = np.bincount(left, counts, size).tolist()  # of each id, as the left one of a pair
        self._kinds = np.bincount(left, minlength=size).tolist()  # different words on its right
        frequencies = np.bincount(right, counts, size) + 1
        self._share = (frequencies / frequencies.sum()).tolist()

    def __contains__(self, word: str) -> bool:
        return word in self._ids

    def log_probability(self, words: Sequence[str], place: int, candidate: str) -> float:
        """Return log p(candidate | left) p(right | candidate), in nats.

        Args:
            words: a text, lower case.
            place: where the candidate stands in it.
            candidate: a word; all words that captions rarely hold are alike.
        """
        left = self._id(words[place - 1]) if place else EDGE
        right = self._id(words[place + 1]) if place + 1 < len(words) else EDGE
        middle = self._id(candidate)
        return math.log(self._conditional(left, middle)) + math.log(self._conditional(middle, right))

    def is_attested(self, words: Sequence[str], place: int) -> bool:
        """Return whether captions hold a word of theirs beside one of its neighbours in a text."""
        middle = self._ids.get(words[place])
        if middle is None:
            return False
        before = self._id(words[place - 1]) * self._size + middle if place else -1
        after = middle * self._size + self._id(words[place + 1]) if place + 1 < len(words) else -1
        return before in self._counts or after in self._counts

    def edge_odds(self, word: str) -> tuple[float, float]:
        """Return by how many nats a word is likelier at the start, and at the end, of a text than in it."""
        number = self._id(word)
        begins = self._conditional(EDGE, number) / self._share[number]
        return math.log(begins), math.log(self._conditional(number, EDGE) / self._share[EDGE])

    def attraction(self, left: str, right: str) -> float:
        """Return p(right | left) / p(right); 0 where captions hold one of the words rarely or never."""
        if left not in self or right not in self:
            return 0.0
        return float(self._conditional(self._ids[left], self._ids[right]) / self._share[self._ids[right]])

    def _id(self, word: str) -> int:
        return self._ids.get(word, OTHER)

    def _conditional(self, left: int, right: int) -> float:
        """Return p(right | left)."""
        total, count = self._totals[left], self._counts.get(left * self._size + right, 0)
        if not total:
            return self._share[right]
        rest = DISCOUNT * self._kinds[left] / total
        return max(count - DISCOUNT, 0.0) / total + rest * self._share[right]


@cache
def shipped_word_context() -> WordContext:
    """Return the counts that ship with the engine, loaded once."""
    return WordContext(load_file(WEIGHTS))


def save(file: Path, words: Sequence[str], pairs: np.ndarray, counts: np.ndarray) -> None:
    """Write the counts of pairs of words; see `WordContext`."""
    arrays = {
        "words": np.frombuffer("\n".join(words).encode(), np.uint8),
        "pairs": pairs.astype(np.uint32),
        "counts": np.minimum(counts, np.iinfo(np.uint16).max).astype(np.uint16),
    }
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, file)
    file.chmod(0o644)  # safetensors makes files that only their owner can read
