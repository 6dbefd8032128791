"""Words and their numbers.

The network understands more words than it speaks: captions are made of the words it *speaks*
(seen often enough in the training captions); questions may use any word it *knows*.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import cached_property

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

PAD, START, END, UNKNOWN = range(4)
SPECIALS = ("<pad>", "<start>", "<end>", "<unknown>")

_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*|'[a-z]+")


def tokenize(text: str) -> list[str]:
    """Split a sentence into lower-case words; punctuation is dropped, "dog's" is "dog", "'s"."""
    return _WORD.findall(text.lower().replace("’", "'"))


class Vocabulary:
    """An ordered list of words: the special ones, those spoken, then those only known."""

    def __init__(self, words: Sequence[str], spoken: int) -> None:
        """Take words in the order of their numbers.

        Args:
            words: all words; the first four are `SPECIALS`.
            spoken: how many of them, from the first, the decoder can say.
        """
        if tuple(words[: len(SPECIALS)]) != SPECIALS or not len(SPECIALS) < spoken <= len(words):
            raise ValueError("a vocabulary begins with the special words, then the spoken ones")
        self.words = tuple(words)
        self.spoken = spoken

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._numbers

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    def number(self, word: str) -> int:
        """Number of a word, `UNKNOWN` where there is none."""
        return self._numbers.get(word, UNKNOWN)

    def encode(self, text: str, length: int) -> list[int]:
        """Turn a sentence into numbers: start, at most `length` words, end."""
        return [START, *map(self.number, tokenize(text)[:length]), END]

    def decode(self, numbers: Iterable[int]) -> str:
        """Turn numbers into a sentence, up to the end and without special words."""
        words = []
        for number in numbers:
            if number == END:
                break
            if number >= len(SPECIALS):
                words.append(self.words[number])
        return " ".join(words).replace(" '", "'")

    def suggest(self, word: str, count: int = 2) -> tuple[str, ...]:
        """Spoken words spelled like this one, nearest first."""
        candidates = self.words[len(SPECIALS) : self.spoken]
        return tuple(difflib.get_close_matches(word, candidates, n=count, cutoff=0.75))


def pad(sentences: Sequence[Sequence[int]]) -> Tensor:
    """Sentences of numbers to one (B, T) tensor."""
    return pad_sequence([torch.tensor(s) for s in sentences], batch_first=True, padding_value=PAD)
