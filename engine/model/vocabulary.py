"""The vocabulary: words and their token ids.

The network reads more words than it writes. Captions consist of the *output vocabulary*, the words that are
frequent enough in the training captions, and of words that sentences without photos taught; questions may use
any word.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

PAD, START, END, UNKNOWN = range(4)
SPECIALS = ("<pad>", "<start>", "<end>", "<unknown>")

_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*|'[a-z]+")


def tokenize(text: str) -> list[str]:
    """Split a sentence into lower-case words; punctuation is dropped, "dog's" becomes "dog", "'s"."""
    return _WORD.findall(text.lower().replace("’", "'"))


class Vocabulary:
    """An ordered list of words: special tokens, output vocabulary, unpaired words, words only read."""

    def __init__(self, words: Sequence[str], output_size: int, unpaired_words: int = 0) -> None:
        """Take the words in the order of their token ids.

        Args:
            words: all words; the first four are `SPECIALS`.
            output_size: how many of them, from the first, the training captions taught.
            unpaired_words: how many after them sentences without photos taught.

        Raises:
            ValueError: the words do not begin with `SPECIALS`, or there are fewer than `output_size`.
        """
        caption_size = output_size + unpaired_words
        if tuple(words[: len(SPECIALS)]) != SPECIALS or not len(
            SPECIALS
        ) < output_size <= caption_size <= len(words):
            raise ValueError("a vocabulary begins with the special tokens, then the output vocabulary")
        self.words = tuple(words)
        self.output_size = output_size
        self.caption_size = caption_size  # words a caption may contain

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._token_ids

    @cached_property
    def _token_ids(self) -> dict[str, int]:
        return {word: token_id for token_id, word in enumerate(self.words)}

    def token_id(self, word: str) -> int:
        """Return the token id of a word, `UNKNOWN` for a word that is not in the vocabulary."""
        return self._token_ids.get(word, UNKNOWN)

    def is_spoken(self, token_id: int) -> bool:
        """Return whether captions may hold the word of a token id; the unknown word is none."""
        return UNKNOWN < token_id < self.caption_size

    def encode(self, text: str, max_length: int) -> list[int]:
        """Return the token ids of a sentence: start, at most `max_length` words, end."""
        return [START, *map(self.token_id, tokenize(text)[:max_length]), END]

    def decode(self, token_ids: Iterable[int]) -> str:
        """Return the sentence up to its end token, without special tokens."""
        words = []
        for token_id in token_ids:
            if token_id == END:
                break
            if token_id >= len(SPECIALS):
                words.append(self.words[token_id])
        return " ".join(words).replace(" '", "'")

    def suggest(self, word: str, count: int = 2) -> tuple[str, ...]:
        """Return words of the output vocabulary that are spelled alike, nearest first."""
        candidates = self.words[len(SPECIALS) : self.output_size]
        return tuple(difflib.get_close_matches(word, candidates, n=count, cutoff=0.75))


def pad(sentences: Sequence[Sequence[int]]) -> np.ndarray:
    """Return sentences of token ids as one (B, T) array, padded at the end."""
    padded = np.full((len(sentences), max(map(len, sentences), default=0)), PAD, np.int64)
    for row, sentence in enumerate(sentences):
        padded[row, : len(sentence)] = sentence
    return padded
