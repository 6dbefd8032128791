"""Similar words and analogies, by what the network knows of a word.

Any known word may be asked about; the answers are words that stand in the captions. General word
vectors know words from the news of the world that nobody wants to meet in a chat about photos.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from engine.artifact import Artifact
from engine.errors import UnknownWord
from engine.results import WordMatch
from engine.vocabulary import END, SPECIALS, START, Vocabulary, tokenize

# Of the joint vector beside the two embeddings. It knows what a word looks like, less what it means: more
# of it costs analogies, less of it relatedness.
JOINT_WEIGHT = 0.7

Vectors = Callable[[Sequence[int]], np.ndarray]  # numbers of N words to (N, any width)


class WordSpace:
    """Word vectors, compared by their cosine."""

    def __init__(self, vectors: Vectors, vocabulary: Vocabulary) -> None:
        """Take what gives the vectors of words by their numbers, and the vocabulary."""
        self.vocabulary = vocabulary
        self._vectors = vectors
        self._spoken = _unit(vectors(range(vocabulary.spoken)))

    def similar(self, word: str, count: int) -> tuple[WordMatch, ...]:
        """Find the words nearest to a word.

        Raises:
            UnknownWord: the word has no vector.
        """
        number = self._number(word)
        return self._nearest(_unit(self._vectors([number]))[0], {number}, count)

    def analogy(self, a: str, b: str, c: str, count: int) -> tuple[WordMatch, ...]:
        """Answer "a is to b as c is to ?" by b - a + c (Mikolov et al. 2013, 3CosAdd).

        Raises:
            UnknownWord: one of the words has no vector.
        """
        numbers = [self._number(word) for word in (a, b, c)]
        start, end, other = _unit(self._vectors(numbers))
        return self._nearest(_unit(end - start + other), set(numbers), count)

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
        scores = self._spoken @ vector
        scores[: len(SPECIALS)] = -np.inf
        scores[[number for number in asked if number < self.vocabulary.spoken]] = -np.inf
        best = [n for n in np.argsort(-scores)[:count] if np.isfinite(scores[n])]
        return tuple(WordMatch(self.vocabulary.words[n], float(scores[n])) for n in best)


def word_space(artifact: Artifact) -> WordSpace:
    """Three views of a word, side by side: general vector, the network's embedding, joint vector.

    The joint vectors of single words share a direction (they are all short texts), which is taken out.
    """
    network = artifact.network

    @torch.inference_mode()
    def joint(numbers: Sequence[int]) -> np.ndarray:
        return network.encode_text(torch.tensor([[START, number, END] for number in numbers])).joint.numpy()

    shared = joint(range(len(SPECIALS), artifact.vocabulary.spoken)).mean(axis=0)

    @torch.inference_mode()
    def vectors(numbers: Sequence[int]) -> np.ndarray:
        rows = torch.tensor(list(numbers))
        general, embedded = network.words.general(rows).numpy(), network.words(rows).numpy()
        looks = JOINT_WEIGHT * _unit(joint(numbers) - shared)
        return np.concatenate((_unit(general), _unit(embedded), looks), axis=1)

    return WordSpace(vectors, artifact.vocabulary)


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-6)
