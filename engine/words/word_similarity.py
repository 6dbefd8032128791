"""Similar words and analogies, by what the network knows of a word.

Any known word may be asked about; the answers are words that stand in the captions. General word
vectors know words from the news of the world that nobody wants to meet in a chat about photos.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import torch

from engine.errors import UnknownWordError
from engine.model.checkpoint import Checkpoint
from engine.model.vocabulary import END, SPECIALS, START, Vocabulary, tokenize
from engine.results import WordMatch, WordSimilarity
from engine.words.attributes import Attributes

# Of the joint vector beside the two embeddings. It knows what a word looks like, less what it means: more
# of it costs analogies, less of it relatedness.
JOINT_WEIGHT = 0.7
BACKWARDS = 0.5  # of a riddle read backwards beside it read forwards; 0.3 to 0.7 are alike
OF_A_KIND = 0.55  # cosine; words less alike are neither of one kind nor forms of one word
SAMPLE = 400  # random words; their 79,800 pairs say how alike two words usually are
BATCH = 1_000  # words embedded at once

Vectors = Callable[[Sequence[int]], np.ndarray]  # numbers of N words to (N, any width)
Describes = Callable[[int, int], bool]  # see `Attributes.describes`


class WordSpace:
    """Word vectors, compared by their cosine."""

    def __init__(
        self, vectors: Vectors, vocabulary: Vocabulary, describes: Describes = lambda word, thing: False
    ) -> None:
        """Take what gives the vectors of words, the vocabulary, and who knows which words describe which."""
        self.vocabulary, self._describes = vocabulary, describes
        self.vectors = vectors
        self._spoken = unit_rows(vectors(range(vocabulary.output_size)))

    def similar(self, word: str, count: int) -> tuple[WordMatch, ...]:
        """Find the words nearest to a word.

        Raises:
            UnknownWord: the word has no vector.
        """
        number = self._number(word)
        return self._nearest(unit_rows(self.vectors([number]))[0], {number}, count)

    def analogy(self, a: str, b: str, c: str, count: int) -> tuple[WordMatch, ...]:
        """Answer "a is to b as c is to ?"; the scores are those of `solve`.

        Raises:
            UnknownWord: one of the words has no vector.
        """
        numbers = [self._number(word) for word in (a, b, c)]
        return self._best(self.solve(*numbers), set(numbers), count)

    def solve(self, a: int, b: int, c: int) -> np.ndarray:
        """Tell how well each spoken word d answers "a is to b as c is to d".

        Forwards, d is near b - a + c (Mikolov et al. 2013, 3CosAdd); backwards, b is near d - c + a. A word
        that is near c alone does well forwards, and is found out backwards. Where b says what a is like,
        the answer has to be such a word, too, and only the way backwards holds it to that.

        Returns:
            (V,) cosines, the mean of both ways or the one.
        """
        start, end, other = unit_rows(self.vectors([a, b, c]))
        forwards = self._spoken @ unit_rows(end - start + other)
        backwards = unit_rows(self._spoken - other + start) @ end
        if start @ end < OF_A_KIND and self._describes(b, a):
            return np.asarray(backwards)
        return np.asarray((forwards + BACKWARDS * backwards) / (1 + BACKWARDS))

    def word_similarity(self, a: str, b: str) -> WordSimilarity:
        """Tell how alike two words are, and how many pairs of words are less alike.

        Raises:
            UnknownWord: one of the words has no vector.
        """
        numbers = [self._number(word) for word in (a, b)]
        one, other = unit_rows(self.vectors(numbers))
        cosine = min(float(one @ other), 1.0)
        below = np.searchsorted(self._usual, cosine) / len(self._usual)
        words = [self.vocabulary.words[number] for number in numbers]
        return WordSimilarity(words[0], words[1], cosine, float(100 * below))

    @cached_property
    def _usual(self) -> np.ndarray:
        """Cosines of random pairs of spoken words, the lowest first."""
        words = self._spoken[len(SPECIALS) :]
        chosen = np.random.default_rng(0).permutation(len(words))[:SAMPLE]
        pairs = words[chosen] @ words[chosen].T
        return np.sort(pairs[np.triu_indices(len(chosen), k=1)])

    def knows(self, word: str) -> bool:
        """Tell whether a word has a vector."""
        tokens = tokenize(word)
        return len(tokens) == 1 and tokens[0] in self.vocabulary

    def _number(self, word: str) -> int:
        tokens = tokenize(word)
        if len(tokens) != 1 or tokens[0] not in self.vocabulary:
            raise UnknownWordError(word.strip(), self.vocabulary.suggest(word.strip().lower()))
        return self.vocabulary.token_id(tokens[0])

    def _nearest(self, vector: np.ndarray, asked: set[int], count: int) -> tuple[WordMatch, ...]:
        return self._best(self._spoken @ vector, asked, count)

    def _best(self, scores: np.ndarray, asked: set[int], count: int) -> tuple[WordMatch, ...]:
        scores[: len(SPECIALS)] = -np.inf
        scores[[number for number in asked if number < self.vocabulary.output_size]] = -np.inf
        best = [n for n in np.argsort(-scores)[:count] if np.isfinite(scores[n])]
        return tuple(WordMatch(self.vocabulary.words[n], float(scores[n])) for n in best)


class JointWords:
    """Joint vectors of single words.

    Attributes:
        shared: (J,) mean of the spoken words' vectors: a direction that they have because they are all
            short texts.
    """

    def __init__(self, artifact: Checkpoint) -> None:
        self._network = artifact.network
        self._spoken = self._embed(range(artifact.vocabulary.output_size))
        self.shared = self._spoken[len(SPECIALS) :].mean(axis=0)

    def of(self, numbers: Sequence[int]) -> np.ndarray:
        """Vectors (N, J), length 1, of words by their numbers; those of spoken words are at hand."""
        spoken = len(self._spoken)
        other = [number for number in numbers if number >= spoken]
        vectors = self._spoken[[min(number, spoken - 1) for number in numbers]]
        if other:
            vectors[[number >= spoken for number in numbers]] = self._embed(other)
        return vectors

    @torch.inference_mode()
    def _embed(self, numbers: Sequence[int]) -> np.ndarray:
        texts = torch.tensor([[START, number, END] for number in numbers])
        return torch.cat([self._network.encode_text(part).joint for part in texts.split(BATCH)]).numpy()


def word_space(artifact: Checkpoint, joints: JointWords | None = None) -> WordSpace:
    """Three views of a word, side by side: general vector, the network's embedding, joint vector.

    What the joint vectors of single words share is taken out.

    Args:
        artifact: the network and its words.
        joints: joint vectors of its words, where they are at hand.
    """
    network, joint = artifact.network, joints or JointWords(artifact)

    @torch.inference_mode()
    def vectors(numbers: Sequence[int]) -> np.ndarray:
        rows = torch.tensor(list(numbers))
        general, embedded = (
            network.word_embedding.pretrained(rows).numpy(),
            network.word_embedding(rows).numpy(),
        )
        looks = JOINT_WEIGHT * unit_rows(joint.of(numbers) - joint.shared)
        return np.concatenate((unit_rows(general), unit_rows(embedded), looks), axis=1)

    return WordSpace(vectors, artifact.vocabulary, Attributes(artifact).describes)


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """The same directions, length 1; what has none stays near zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-6)
