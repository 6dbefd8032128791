"""Similar words and analogies, by several vectors of a word side by side.

A query may hold any word of the vocabulary; results are words of the output vocabulary only. General word
vectors contain words from the news that would be out of place in a chat about photos.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from engine.errors import EmptyQueryError, UnknownWordError
from engine.model.checkpoint import Checkpoint
from engine.model.vocabulary import SPECIALS, Vocabulary, tokenize
from engine.results import WordMatch, WordSimilarity
from engine.words.attributes import AttributeDetector
from engine.words.joint_words import JointWordVectors

# Weight of the joint vector beside the other two. It holds what a word looks like, less what it means: a
# larger weight costs analogies, a smaller one relatedness.
JOINT_WEIGHT = 0.7
BACKWARD_WEIGHT = 0.5  # of an analogy solved backwards beside forwards; 0.3 to 0.7 give similar results
RELATED_COSINE = 0.55  # two words below it are neither of one kind nor forms of one word
SAMPLE_SIZE = 400  # random words; their 79,800 pairs give the usual distribution of cosines

VectorFunction = Callable[[Sequence[int]], np.ndarray]  # N token ids to vectors (N, any width)
AttributePredicate = Callable[[int, int], bool]  # see `AttributeDetector.describes`


class WordSpace:
    """Word vectors, compared by their cosine."""

    def __init__(
        self,
        vectors: VectorFunction,
        vocabulary: Vocabulary,
        describes: AttributePredicate = lambda attribute, thing: False,
    ) -> None:
        """Take the vectors and compute those of the output vocabulary.

        Args:
            vectors: returns the vectors of words by their token ids.
            vocabulary: the words.
            describes: returns True if a word is an attribute of another, by their token ids.
        """
        self.vocabulary, self._describes = vocabulary, describes
        self.vectors = vectors
        self._output_vectors = unit_rows(vectors(range(vocabulary.output_size)))

    def similar(self, word: str, count: int) -> tuple[WordMatch, ...]:
        """Find the words nearest to a word.

        Raises:
            EmptyQueryError: the word is blank.
            UnknownWordError: the word has no vector.
        """
        _require(word, key="which-word")
        token_id = self._token_id(word)
        cosines = self._output_vectors @ unit_rows(self.vectors([token_id]))[0]
        return self._top(cosines, {token_id}, count)

    def analogy(self, a: str, b: str, c: str, count: int) -> tuple[WordMatch, ...]:
        """Answer "a is to b as c is to ?"; the scores are those of `analogy_scores`.

        Raises:
            EmptyQueryError: one of the words is blank.
            UnknownWordError: one of the words has no vector.
        """
        _require(a, b, c, key="three-words-only")
        token_ids = [self._token_id(word) for word in (a, b, c)]
        return self._top(self.analogy_scores(*token_ids), set(token_ids), count)

    def analogy_scores(self, a: int, b: int, c: int) -> np.ndarray:
        """Score each word d of the output vocabulary as an answer to "a is to b as c is to d".

        Forwards, d is near b - a + c (Mikolov et al. 2013, 3CosAdd); backwards, b is near d - c + a. A word
        that is merely near c scores well forwards and badly backwards. If b is an attribute of a, the answer
        must be an attribute, too, and only the backward score enforces that.

        Args:
            a, b, c: token ids.

        Returns:
            (V,) cosines: the weighted mean of both directions, or the backward one alone.
        """
        start, end, other = unit_rows(self.vectors([a, b, c]))
        forward = self._output_vectors @ unit_rows(end - start + other)
        backward = unit_rows(self._output_vectors - other + start) @ end
        if start @ end < RELATED_COSINE and self._describes(b, a):
            return np.asarray(backward)
        return np.asarray((forward + BACKWARD_WEIGHT * backward) / (1 + BACKWARD_WEIGHT))

    def word_similarity(self, a: str, b: str) -> WordSimilarity:
        """Compare two words: their cosine, and its percentile among random pairs of words.

        Raises:
            EmptyQueryError: one of the words is blank.
            UnknownWordError: one of the words has no vector.
        """
        _require(a, b, key="which-two-words")
        token_ids = [self._token_id(word) for word in (a, b)]
        first, second = unit_rows(self.vectors(token_ids))
        cosine = min(float(first @ second), 1.0)
        below = np.searchsorted(self._random_cosines, cosine) / len(self._random_cosines)
        words = [self.vocabulary.words[token_id] for token_id in token_ids]
        return WordSimilarity(words[0], words[1], cosine, float(100 * below))

    @cached_property
    def _random_cosines(self) -> np.ndarray:
        """Cosines of random pairs of output words, ascending."""
        words = self._output_vectors[len(SPECIALS) :]
        sample = np.random.default_rng(0).permutation(len(words))[:SAMPLE_SIZE]
        cosines = words[sample] @ words[sample].T
        return np.sort(cosines[np.triu_indices(len(sample), k=1)])

    def knows(self, word: str) -> bool:
        """Return True if a word has a vector."""
        tokens = tokenize(word)
        return len(tokens) == 1 and tokens[0] in self.vocabulary

    def _token_id(self, word: str) -> int:
        tokens = tokenize(word)
        if len(tokens) != 1 or tokens[0] not in self.vocabulary:
            raise UnknownWordError(word.strip(), self.vocabulary.suggest(word.strip().lower()))
        return self.vocabulary.token_id(tokens[0])

    def _top(self, scores: np.ndarray, excluded: set[int], count: int) -> tuple[WordMatch, ...]:
        scores[: len(SPECIALS)] = -np.inf
        scores[[token_id for token_id in excluded if token_id < self.vocabulary.output_size]] = -np.inf
        best = [token_id for token_id in np.argsort(-scores)[:count] if np.isfinite(scores[token_id])]
        return tuple(WordMatch(self.vocabulary.words[n], float(scores[n])) for n in best)


def word_space(checkpoint: Checkpoint, joint_words: JointWordVectors | None = None) -> WordSpace:
    """Concatenate three vectors of each word: the general one, the network's embedding, the joint one.

    The mean of the joint vectors is subtracted from them.

    Args:
        checkpoint: the network and its vocabulary.
        joint_words: joint vectors of its words, if they are computed already.
    """
    words, joint = checkpoint.network.words, joint_words or JointWordVectors(checkpoint)

    def vectors(token_ids: Sequence[int]) -> np.ndarray:
        general, embedded = words.general(token_ids), words.embed(np.array(token_ids))
        visual = JOINT_WEIGHT * unit_rows(joint.of(token_ids) - joint.mean)
        return np.concatenate((unit_rows(general), unit_rows(embedded), visual), axis=1)

    return WordSpace(vectors, checkpoint.vocabulary, AttributeDetector(checkpoint.vocabulary).describes)


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Scale vectors (..., J) to length 1; zero vectors stay near zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-6)


def _require(*words: str, key: str) -> None:
    """Raise an `EmptyQueryError` if one of the words is blank."""
    if not all(word.strip() for word in words):
        raise EmptyQueryError(key=key)
