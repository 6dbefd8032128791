"""Similar words and analogies, by the network's own word embedding.

Any known word may be asked about; the answers are words that stand in the captions. General word
vectors know words from the news of the world that nobody wants to meet in a chat about photos.
"""

from __future__ import annotations

import numpy as np
import torch

from engine.artifact import Artifact
from engine.errors import UnknownWord
from engine.results import WordMatch
from engine.vocabulary import SPECIALS, Vocabulary, tokenize


class WordSpace:
    """Unit vectors of all known words."""

    def __init__(self, vectors: np.ndarray, vocabulary: Vocabulary) -> None:
        """Take word vectors (words, W) in the vocabulary's order, of any length."""
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.vectors = vectors / np.maximum(lengths, 1e-6)
        self.vocabulary = vocabulary

    def similar(self, word: str, count: int) -> tuple[WordMatch, ...]:
        """Find the words nearest to a word.

        Raises:
            UnknownWord: the word has no vector.
        """
        number = self._number(word)
        return self._nearest(self.vectors[number], {number}, count)

    def analogy(self, a: str, b: str, c: str, count: int) -> tuple[WordMatch, ...]:
        """Answer "a is to b as c is to ?" by b - a + c (Mikolov et al. 2013, 3CosAdd).

        Raises:
            UnknownWord: one of the words has no vector.
        """
        numbers = [self._number(word) for word in (a, b, c)]
        start, end, other = self.vectors[numbers]
        target = end - start + other
        length = float(np.linalg.norm(target))
        return self._nearest(target / max(length, 1e-6), set(numbers), count)

    def knows(self, word: str) -> bool:
        """Tell whether a word has a vector."""
        tokens = tokenize(word)
        return len(tokens) == 1 and tokens[0] in self.vocabulary

    def _number(self, word: str) -> int:
        tokens = tokenize(word)
        if len(tokens) != 1 or tokens[0] not in self.vocabulary:
            raise UnknownWord(word.strip(), self.vocabulary.suggest(word.strip().lower()))
        return self.vocabulary.number(tokens[0])

    def _nearest(self, vector: np.ndarray, asked: set[int], count: int) -> tuple[WordMatch, ...]:
        spoken = self.vocabulary.spoken
        scores = self.vectors[:spoken] @ vector
        scores[: len(SPECIALS)] = -np.inf
        scores[[number for number in asked if number < spoken]] = -np.inf
        best = np.argsort(-scores)[:count]
        return tuple(WordMatch(self.vocabulary.words[n], float(scores[n])) for n in best)


def word_space(artifact: Artifact) -> WordSpace:
    """Word vectors of a network."""
    with torch.inference_mode():
        vectors = artifact.network.words(torch.arange(len(artifact.vocabulary)))
    return WordSpace(vectors.numpy(), artifact.vocabulary)
