"""Tokens of a message with their places in it, and their hashed features."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

BUCKETS = 1 << 14  # features are hashed into so many rows of the embedding table
MAX_TOKENS = 80  # of a message that are tagged: 300 letters rarely hold more

# An elided article or "i'" before a word, a word with hyphens, a clitic such as "'s", or one other sign.
_TOKEN = re.compile(r"[^\W\d_]{1,2}'(?=\w)|qu'(?=\w)|[^\W_]+(?:-[^\W_]+)*|'[^\W_]+|[^\w\s]|_")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a sign of a message.

    Attributes:
        text: lower case.
        start: where it begins, in characters.
        end: where it ends.
    """

    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """True for letters and digits, False for a sign."""
        return any(map(str.isalnum, self.text))


def tokens_of(text: str) -> list[Token]:
    """Split a text into words and signs."""
    found = _TOKEN.finditer(text)
    return [Token(match[0].lower(), match.start(), match.end()) for match in found][:MAX_TOKENS]


@lru_cache(maxsize=20_000)
def feature_rows(word: str) -> Sequence[int]:
    """Return the rows of a token's features: the word itself, and its letters three and four at a time."""
    framed = f"<{word}>"
    grams = {framed[at : at + size] for size in (3, 4) for at in range(len(framed) - size + 1)}
    return tuple(crc32(feature.encode()) % BUCKETS for feature in (f"={word}", *sorted(grams)))


def word_key(word: str) -> int:
    """Return the number under which a word's vector is stored, from 0 to 2 ** 32 - 1."""
    return crc32(word.encode())
