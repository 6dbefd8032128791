"""A small convolutional network that reads what a message asks for, and which of its words say what.

It tags each token: dropped ("please show me a photo of"), kept as part of a description, part of what photos
should not show, a word that is asked about, or the unknown of an analogy. A second head classifies the whole
message. Tokens are sums of hashed features, as in fastText (Bojanowski et al. 2017, arXiv 1607.04606), so
misspelt and unknown words have vectors, too; beside them stands what a word means, projected from the general
word vectors of the network, so that requests in words that nobody listed are read as their like. A word of
another language has the meaning of its translation: what the dictionaries hold is likely to describe.
`engine.training.language.train_tagger` makes the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from engine.language.entries import foreign_to_english
from engine.language.grammar import consonant_stem
from engine.language.tokens import Token, feature_rows, word_key
from engine.results import IntentKind

WEIGHTS = Path(__file__).with_name("tagger.safetensors")
KERNEL = 5  # tokens that a convolution sees at once
CUE_TOKENS = 2  # before what is negative, such as "but no"
DILATION = 2  # of the second convolution
KINDS = tuple(IntentKind)
QUANTIZED = ("embedding", "meaning")  # tables in int8, each with a scale for each column
KEYS = "meaning_keys"  # of the rows of "meaning", ascending


class Tag(IntEnum):
    """What a token contributes."""

    DROPPED = 0
    KEPT = 1
    NEGATIVE = 2
    WORD = 3
    PLACEHOLDER = 4


DESCRIPTION_TAGS = (Tag.DROPPED, Tag.KEPT, Tag.NEGATIVE)
WORD_TAGS = (Tag.DROPPED, Tag.WORD, Tag.PLACEHOLDER)


@dataclass(frozen=True, slots=True)
class Tagging:
    """The scores of a message.

    Attributes:
        tags: (T, 5) log odds of each `Tag` for each token.
        kinds: (10,) probabilities of each of `KINDS`.
    """

    tags: np.ndarray
    kinds: np.ndarray

    @property
    def kind(self) -> IntentKind:
        """The most probable kind."""
        return KINDS[int(self.kinds.argmax())]

    def best(self, allowed: Sequence[Tag]) -> list[Tag]:
        """Return the best of the allowed tags for each token."""
        return [allowed[column] for column in self.tags[:, list(allowed)].argmax(1).tolist()]

    def description_tags(self) -> list[Tag]:
        """Return the tags of a description, whose kept tokens form one span: that of the greatest odds.

        Stray tokens outside it are dropped, and gaps inside it are kept where the odds around them outweigh
        them. What is negative, and the two tokens before it that say so, interrupt the span at no cost.
        """
        tags = _whole_runs(self.best(DESCRIPTION_TAGS))
        odds = self.tags[:, Tag.KEPT] - self.tags[:, Tag.DROPPED]
        for place, tag in enumerate(tags):
            if tag is Tag.NEGATIVE:
                first = max(place - CUE_TOKENS, 0)
                free = [n for n in range(first, place + 1) if tags[n] is not Tag.KEPT]
                odds[free] = 0
        start, end = _greatest_span(odds.tolist())
        return [self._in_span(tags, odds, n, inside=start <= n < end) for n in range(len(tags))]

    def _in_span(self, tags: Sequence[Tag], odds: np.ndarray, place: int, *, inside: bool) -> Tag:
        tag = tags[place]
        if tag is Tag.KEPT and not inside:
            return Tag.DROPPED
        return Tag.KEPT if tag is Tag.DROPPED and inside and odds[place] < 0 else tag


class Tagger:
    """Tags messages; immutable, so threads may share it."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        """Take the arrays that `save` writes."""
        self._weights = {name: array.astype(np.float32) for name, array in weights.items() if name != KEYS}
        for table in QUANTIZED:
            self._weights[table] *= self._weights.pop(f"{table}_scale")
        self._rows = {key: row for row, key in enumerate(weights[KEYS].tolist())}
        self._no_meaning = np.zeros(self._weights["meaning"].shape[1], np.float32)

    def __call__(self, tokens: Sequence[Token]) -> Tagging:
        """Tag the tokens of a message, one at least."""
        w = self._weights
        x = np.stack([self._embed(token.text) for token in tokens])  # (T, E)
        first = _relu(_convolve(x, w["conv1.weight"], 1) + w["conv1.bias"])  # (T, H)
        second = first + _relu(_convolve(first, w["conv2.weight"], DILATION) + w["conv2.bias"])
        pooled = np.concatenate((second.mean(0), second.max(0)))  # (2 H,)
        message = _relu(w["pool.weight"] @ pooled + w["pool.bias"])  # (H,)
        hidden = _relu(second @ w["local.weight"].T + w["message.weight"] @ message + w["local.bias"])
        kinds = w["kind.weight"] @ message + w["kind.bias"]
        return Tagging(hidden @ w["tag.weight"].T + w["tag.bias"], _softmax(kinds))

    def _embed(self, word: str) -> np.ndarray:
        rows = self._weights["embedding"][list(feature_rows(word))]
        row = self._rows.get(word_key(in_english(word)))
        meaning = self._no_meaning if row is None else self._weights["meaning"][row]
        return np.concatenate((rows[0] + rows[1:].mean(0), meaning))


def in_english(word: str) -> str:
    """Return the word whose meaning a word has: its translation, or itself."""
    english = foreign_to_english()
    return english.get(word) or english.get(consonant_stem(word)) or word


@cache
def shipped_tagger() -> Tagger:
    """Return the tagger that ships with the engine, loaded once."""
    return Tagger(load_file(WEIGHTS))


def save(file: Path, weights: dict[str, np.ndarray]) -> None:
    """Write a tagger: its tables in int8 with a scale for each column, the rest in float16.

    Args:
        file: where.
        weights: float32, but `KEYS`, which are uint32.
    """
    arrays = {name: array if name == KEYS else array.astype(np.float16) for name, array in weights.items()}
    for name in QUANTIZED:
        scale = np.maximum(np.abs(weights[name]).max(0, initial=0), 1e-6) / 127
        arrays |= {name: np.round(weights[name] / scale).astype(np.int8), f"{name}_scale": scale}
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, file)
    file.chmod(0o644)  # safetensors makes files that only their owner can read


def _whole_runs(tags: list[Tag]) -> list[Tag]:
    """Keep runs that are tagged as negative right before what is kept: they are part of it."""
    result = list(tags)
    for place in reversed(range(len(tags) - 1)):
        if result[place] is Tag.NEGATIVE and result[place + 1] is Tag.KEPT:
            result[place] = Tag.KEPT
    return result


def _greatest_span(odds: Sequence[float]) -> tuple[int, int]:
    """Return start and end of the span with the greatest sum (Kadane); empty if no value is above 0."""
    best, best_span, total, start = 0.0, (0, 0), 0.0, 0
    for place, value in enumerate(odds):
        if total <= 0:
            total, start = 0.0, place
        total += value
        if total > best:
            best, best_span = total, (start, place + 1)
    return best_span


def _convolve(x: np.ndarray, weight: np.ndarray, dilation: int) -> np.ndarray:
    """Return the convolution (T, H) of (T, E) over tokens; `weight` is (KERNEL, E, H), the padding zeros."""
    margin = dilation * (KERNEL // 2)
    padded = np.pad(x, ((margin, margin), (0, 0)))
    windows = [padded[shift * dilation : shift * dilation + len(x)] for shift in range(KERNEL)]
    return np.asarray(np.concatenate(windows, axis=1) @ weight.reshape(-1, weight.shape[-1]))


def _relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def _softmax(x: np.ndarray) -> np.ndarray:
    exponentials = np.exp(x - x.max())
    return np.asarray(exponentials / exponentials.sum())
