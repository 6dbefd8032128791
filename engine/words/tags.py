"""Tags: single words for a photo, also words that captions never use; zero-shot, by the joint space."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from engine.model.checkpoint import Checkpoint
from engine.model.vocabulary import SPECIALS
from engine.results import Tag
from engine.words.joint_words import JointWordVectors
from engine.words.stopwords import is_content
from engine.words.word_similarity import WordSpace, unit_rows

# Cosine between the general vectors of a word outside the output vocabulary and of the nearest word in it:
# the joint space knows such a word by its neighbours only, and is unreliable if there are none.
MIN_NEIGHBOUR_COSINE = 0.6
BLOCK = 512  # words compared at a time: all cosines at once take much memory
RARITY_PENALTY = 0.02  # for each e-fold of frequency rank: of two words that fit, people use the commoner one
LIKELY = 0.3  # probability from which what is recognised comes first
MAX_TAG_COSINE = 0.7  # in the word space; of "dog", "dogs" and "puppy" one is enough
CANDIDATES_PER_TAG = 20  # among which words too similar to a better one are skipped
# What a machine should not guess about the people in a photo; words close to these are left out, too.
SENSITIVE_WORDS = (
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
SENSITIVE_COSINE = 0.55  # between general vectors


class Tagger:
    """Finds the words that fit a photo better than they fit photos in general."""

    def __init__(self, checkpoint: Checkpoint, joint_words: JointWordVectors, words: WordSpace) -> None:
        self._checkpoint, self._joint_words, self._words = checkpoint, joint_words, words

    def warm(self) -> None:
        """Compute the vectors of all candidates now; takes a few seconds."""
        _ = self._candidates

    def tags(
        self, photo: np.ndarray, count: int, recognised: Mapping[str, float] | None = None
    ) -> tuple[Tag, ...]:
        """Return words for a photo: first what is likely recognised, last what perhaps is.

        Args:
            photo: (J,), joint vector.
            count: how many.
            recognised: words for what is recognised in it, with their probabilities, the likeliest first.
        """
        vocabulary = self._checkpoint.vocabulary
        names = [
            Tag(word, probability, spoken=vocabulary.is_spoken(vocabulary.token_id(word)))
            for word, probability in (recognised or {}).items()
        ][: count - 1]
        likely = [tag for tag in names if tag.score >= LIKELY]
        nearest = self._nearest(photo, count)
        tags: dict[str, Tag] = {}
        for tag in (*likely, *nearest[: count - len(names)], *names, *nearest):
            tags.setdefault(tag.word, tag)
        return tuple(tags.values())[:count]

    def _nearest(self, photo: np.ndarray, count: int) -> tuple[Tag, ...]:
        """Return the words nearest to a photo's joint vector (J,), best first, no two of them much alike."""
        token_ids, vectors, baseline = self._candidates
        scores = vectors @ photo - baseline
        best = np.argsort(-scores, kind="stable")[: CANDIDATES_PER_TAG * count]
        chosen = self._select_diverse(token_ids[best], count)
        vocabulary = self._checkpoint.vocabulary
        return tuple(
            Tag(
                vocabulary.words[token_ids[row]],
                float(scores[row]),
                vocabulary.is_spoken(int(token_ids[row])),
            )
            for row in best[chosen]
        )

    @cached_property
    def _candidates(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Token ids of the candidates (N,), their joint vectors (N, J), the baseline of their scores (N,).

        Some words are close to every photo (hubness). The cosine between a word and the mean word corrects
        for it without any photos, so a gallery of eight photos works as well as one of thousands.
        """
        token_ids = self._candidate_token_ids()
        self._joint_words.remember(token_ids)
        vectors = self._joint_words.of(token_ids)
        return token_ids, vectors, vectors @ self._joint_words.mean + RARITY_PENALTY * np.log(token_ids)

    def _candidate_token_ids(self) -> np.ndarray:
        vocabulary = self._checkpoint.vocabulary
        general = unit_rows(self._checkpoint.network.words.pretrained.astype(np.float32))
        known, others = general[len(SPECIALS) : vocabulary.output_size], general[vocabulary.output_size :]
        is_reliable = np.ones(len(vocabulary), dtype=bool)
        for start in range(0, len(others), BLOCK):
            cosines = others[start : start + BLOCK] @ known.T
            place = vocabulary.output_size + start
            is_reliable[place : place + BLOCK] = cosines.max(axis=1, initial=-1) >= MIN_NEIGHBOUR_COSINE
        sensitive = [vocabulary.token_id(word) for word in SENSITIVE_WORDS if word in vocabulary]
        is_harmless = (general @ general[sensitive].T).max(axis=1, initial=-1) < SENSITIVE_COSINE
        has_content = np.array([is_content(word) for word in vocabulary.words])
        return np.flatnonzero(is_reliable & is_harmless & has_content)

    def _select_diverse(self, token_ids: np.ndarray, count: int) -> list[int]:
        """Return the indices of the first `count` words of which no two are much alike."""
        vectors = unit_rows(self._words.vectors(token_ids.tolist()))
        chosen: list[int] = []
        for index, vector in enumerate(vectors):
            if len(chosen) < count and (vectors[chosen] @ vector).max(initial=-1) < MAX_TAG_COSINE:
                chosen.append(index)
        return chosen
