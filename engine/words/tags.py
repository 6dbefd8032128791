"""Single words for a photo, also words that no caption may hold: zero-shot, through the joint space."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from engine.model.checkpoint import Checkpoint
from engine.model.vocabulary import SPECIALS
from engine.results import Tag
from engine.words.stopwords import is_content
from engine.words.word_similarity import JointWords, WordSpace, unit_rows

# Cosine between the general vectors of a word that captions do not hold and of the nearest that they do:
# the joint space knows such a word by its neighbours alone, and guesses wildly where there are none.
NEAR = 0.6
RARITY = 0.02  # taken off for each e-fold of rank: of two words that fit, people say the commoner one
ALIKE = 0.7  # cosine in the word space; of "dog", "dogs" and "puppy" one is enough
LOOKED_AT = 20  # candidates for each tag asked for, among which those that say the same are passed over
# What a machine should not guess of the people in a photo, nor what is close to it.
PRIVATE = (
    "sex",
    "nude",
    "prostitute",
    "drunk",
    "obese",
    "corpse",
    "murder",
    "terrorist",
    "muslim",
    "jewish",
    "gay",
)
CLOSE = 0.55  # to one of these, as general vectors go


class Tagger:
    """Finds the words that fit a photo better than they fit photos in general."""

    def __init__(self, artifact: Checkpoint, joints: JointWords, words: WordSpace) -> None:
        self._artifact, self._joints, self._words = artifact, joints, words

    def warm(self) -> None:
        """Compute the words' vectors now: thousands, a few seconds."""
        _ = self._table

    def tags(self, photo: np.ndarray, count: int) -> tuple[Tag, ...]:
        """Find the words that fit a photo's joint vector (J,), best first, no two much alike."""
        candidates, vectors, base = self._table
        scores = vectors @ photo - base
        best = np.argsort(-scores, kind="stable")[: LOOKED_AT * count]
        chosen = self._different(candidates[best], count)
        vocabulary = self._artifact.vocabulary
        return tuple(
            Tag(
                vocabulary.words[candidates[row]],
                float(scores[row]),
                bool(candidates[row] < vocabulary.output_size),
            )
            for row in best[chosen]
        )

    @cached_property
    def _table(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Numbers of the candidates (N,), their joint vectors (N, J), and what is taken off scores (N,).

        Some words are close to everything ("hubs"), so how close a word is to the mean word is taken
        off; photos are not needed for it, and a gallery of eight serves as well as one of thousands.
        """
        candidates = self._candidates()
        vectors = self._joints.of(candidates.tolist())
        return candidates, vectors, vectors @ self._joints.shared + RARITY * np.log(candidates)

    def _candidates(self) -> np.ndarray:
        vocabulary = self._artifact.vocabulary
        general = unit_rows(self._artifact.network.word_embedding.pretrained.weight.numpy())
        near = np.ones(len(vocabulary), dtype=bool)
        near[vocabulary.output_size :] = (
            general[vocabulary.output_size :] @ general[len(SPECIALS) : vocabulary.output_size].T
        ).max(axis=1, initial=-1) >= NEAR
        private = [vocabulary.token_id(word) for word in PRIVATE if word in vocabulary]
        public = (general @ general[private].T).max(axis=1, initial=-1) < CLOSE
        content = np.array([is_content(word) for word in vocabulary.words])
        return np.flatnonzero(near & public & content)

    def _different(self, numbers: np.ndarray, count: int) -> list[int]:
        """Places of the first words that are not much alike."""
        vectors = unit_rows(self._words.vectors(numbers.tolist()))
        chosen: list[int] = []
        for place, vector in enumerate(vectors):
            if len(chosen) < count and (vectors[chosen] @ vector).max(initial=-1) < ALIKE:
                chosen.append(place)
        return chosen
