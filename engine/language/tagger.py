"""A small convolutional network that reads what a message asks for, and which of its words say what.

It tags each token: dropped ("please show me a photo of"), kept as part of a description, part of what photos
should not show, a word that is asked about, or the unknown of an analogy. A second head classifies the whole
message. Tokens are sums of hashed features, as in fastText (Bojanowski et al. 2017, arXiv 1607.04606), so
misspelt and unknown words have vectors, too; beside them stands what a word means, projected from the general
word vectors of the network, so that requests in words that nobody listed are read as their like. A word of
another language has the meaning of its translation: what the dictionaries hold is likely to describe.
Two convolutions read a token with its neighbours; self-attention (Vaswani et al. 2017, arXiv 1706.03762)
reads the rest: only "put" tells that "on the screen" is no part of what a photo shows. A description is one
span: beside the odds of its tokens, scores tell how well it begins and ends with each of them. The network
learns these from all spans of a sentence, and pairs of words in captions add to them for each word.
`engine.training.language.train_tagger` makes the weights.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from engine.language.entries import foreign_to_english
from engine.language.grammar import consonant_stem
from engine.language.tagging import Tagging
from engine.language.tokens import Token, feature_rows, word_key
from engine.words.word_context import WordContext, shipped_word_context

WEIGHTS = Path(__file__).with_name("tagger.safetensors")
KERNEL = 5  # tokens that a convolution sees at once
DILATION = 2  # of the second convolution
HEADS = 4  # of self-attention
QUANTIZED = ("embedding", "meaning")  # tables in int8, each with a scale for each column
KEYS = "meaning_keys"  # of the rows of "meaning", ascending
# Captions seldom begin with "is" or end with "the": weight of such log odds beside a tag's, and their limit.
EDGE_WEIGHT, MAX_EDGE = 0.6, 4.0
_DOUBLED = re.compile(r"^(\w+)-\1$")  # "bye-bye" says no more than "bye"


class Tagger:
    """Tags messages; immutable, so threads may share it."""

    def __init__(self, weights: dict[str, np.ndarray], context: WordContext) -> None:
        """Take what scores come from.

        Args:
            weights: the arrays that `save` writes.
            context: tells which words captions begin and end with.
        """
        self._context = context
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
        third = second + self._attend(second)
        pooled = np.concatenate((third.mean(0), third.max(0)))  # (2 H,)
        message = _relu(w["pool.weight"] @ pooled + w["pool.bias"])  # (H,)
        hidden = _relu(third @ w["local.weight"].T + w["message.weight"] @ message + w["local.bias"])
        kinds = w["kind.weight"] @ message + w["kind.bias"]
        tags = hidden @ w["tag.weight"].T + w["tag.bias"]
        edges = hidden @ w["edge.weight"].T + edges_in_captions(self._context, [t.text for t in tokens])
        return Tagging(tags, _softmax(kinds), edges)

    def _attend(self, x: np.ndarray) -> np.ndarray:
        """Return what each token reads of all others: self-attention, (T, H) of (T, H)."""
        w = self._weights
        queries, keys, values = (_heads(x @ w[f"{name}.weight"].T) for name in ("query", "key", "value"))
        shares = _softmax(queries @ keys.swapaxes(1, 2) / queries.shape[2] ** 0.5)  # (heads, T, T)
        read = (shares @ values).swapaxes(0, 1).reshape(x.shape)
        return np.asarray(read @ w["read.weight"].T)

    def _embed(self, word: str) -> np.ndarray:
        word = _DOUBLED.sub(r"\1", word)
        rows = self._weights["embedding"][list(feature_rows(word))]
        row = self._rows.get(word_key(in_english(word)))
        meaning = self._no_meaning if row is None else self._weights["meaning"][row]
        return np.concatenate((rows[0] + rows[1:].mean(0), meaning))


def edges_in_captions(context: WordContext, words: Sequence[str]) -> np.ndarray:
    """Return (T, 2) what captions say for a description that begins, and that ends, with each word."""
    odds = np.array([_edge_odds(context, word) for word in words], np.float32)
    edges = EDGE_WEIGHT * np.clip(odds, -MAX_EDGE, MAX_EDGE)
    edges[0, 0], edges[-1, 1] = max(edges[0, 0], 0), max(edges[-1, 1], 0)  # nothing is cut off there
    return np.asarray(edges)


@lru_cache(maxsize=20_000)
def _edge_odds(context: WordContext, word: str) -> tuple[float, float]:
    if not any(map(str.isalnum, word)):  # a sign
        return -MAX_EDGE, -MAX_EDGE
    words = in_english(word).split()
    return context.edge_odds(words[0])[0], context.edge_odds(words[-1])[1]


def in_english(word: str) -> str:
    """Return the word whose meaning a word has: its translation, or itself."""
    english = foreign_to_english()
    return english.get(word) or english.get(consonant_stem(word)) or word


@cache
def shipped_tagger() -> Tagger:
    """Return the tagger that ships with the engine, loaded once."""
    return Tagger(load_file(WEIGHTS), shipped_word_context())


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


def _convolve(x: np.ndarray, weight: np.ndarray, dilation: int) -> np.ndarray:
    """Return the convolution (T, H) of (T, E) over tokens; `weight` is (KERNEL, E, H), the padding zeros."""
    margin = dilation * (KERNEL // 2)
    padded = np.pad(x, ((margin, margin), (0, 0)))
    windows = [padded[shift * dilation : shift * dilation + len(x)] for shift in range(KERNEL)]
    return np.asarray(np.concatenate(windows, axis=1) @ weight.reshape(-1, weight.shape[-1]))


def _relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def _heads(x: np.ndarray) -> np.ndarray:
    """Return (HEADS, T, H / HEADS) of (T, H)."""
    return x.reshape(len(x), HEADS, -1).swapaxes(0, 1)


def _softmax(x: np.ndarray) -> np.ndarray:
    exponentials = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(-1, keepdims=True))
