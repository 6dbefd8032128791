"""The words that a network knows, by how likely people write them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.model.checkpoint import Checkpoint
from engine.model.vocabulary import SPECIALS
from engine.words.stopwords import is_content

MAX_CERTAIN = 10_000  # rank among the words without captions; below it they are seldom written
# Words that nobody pictures share a direction in GloVe: misspelt words of captions such as "litle" have
# cosines of 0.22 to 0.49 with the mean of all rare words, "cello", "zebra" or "kayak" at most 0.11.
MAX_COSINE = 0.2


@dataclass(frozen=True, slots=True)
class KnownWords:
    """Words that are never corrected; those that are often written are what slips are read as.

    Attributes:
        of_captions: frequent in captions, the most frequent first.
        others: known otherwise.
        rare: known, but seldom written: some are slips of other words, so that no slip is read as one.
    """

    of_captions: tuple[str, ...]
    others: tuple[str, ...]
    rare: tuple[str, ...]


class RelatedWords:
    """Tells how near a word is to the words of captions in the network's general vectors."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        """Take the general vectors of a network's words."""
        words = checkpoint.vocabulary.words
        vectors = checkpoint.network.words.pretrained
        self._vectors, self._rows = vectors, {word: row for row, word in enumerate(words)}
        size = checkpoint.vocabulary.output_size
        of_captions = vectors[[row for row in range(len(SPECIALS), size) if is_content(words[row])]]
        self._of_captions = _unit(of_captions.astype(np.float32))

    def cosine(self, word: str) -> float | None:
        """Return the greatest cosine of a word with one of captions; None without a vector."""
        row = self._rows.get(word)
        if row is None:
            return None
        return float((self._of_captions @ _unit(self._vectors[row].astype(np.float32))).max())


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6))


def known_words(checkpoint: Checkpoint) -> KnownWords:
    """Sort the vocabulary and the prototypes of a network."""
    vocabulary, prototypes = checkpoint.vocabulary, checkpoint.prototypes
    size = vocabulary.output_size
    vectors = checkpoint.network.words.pretrained[size:].astype(np.float32)
    mean = vectors.mean(axis=0)
    cosines = vectors @ mean / np.maximum(np.linalg.norm(vectors, axis=1) * np.linalg.norm(mean), 1e-6)
    read_only = list(zip(vocabulary.words[size:], (cosines > MAX_COSINE).tolist(), strict=True))
    return KnownWords(
        of_captions=vocabulary.words[len(SPECIALS) : size],
        others=(*(word for word, rare in read_only if not rare), *prototypes.words[:MAX_CERTAIN]),
        rare=(*(word for word, rare in read_only if rare), *prototypes.words[MAX_CERTAIN:]),
    )
