"""Retrieval from a gallery: by vector, by text in two stages, zero-shot, or by inversion."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from data.gallery import Gallery
from engine.errors import PhotosAwayError, UnknownImageError
from engine.gallery.embeddings import ImageEmbeddings
from engine.gallery.image_classes import are_unknown, probabilities_of
from engine.gallery.near_duplicates import is_known_photo
from engine.model.checkpoint import Checkpoint
from engine.results import Match, image_key
from engine.search.ann_index import Index
from engine.search.duplicate_groups import NearDuplicates
from engine.search.grids.feature_cache import FeatureCache
from engine.search.ranking import Hit, distinct_hits, nearest_hits
from engine.search.second_stage import SecondStage
from engine.search.zero_shot import zero_shot_scores

if TYPE_CHECKING:
    from engine.reference.inversion import Inversion

# Share of words outside all captions that have a fitting image among the first ten of 1,000: what
# `python -m engine evaluate --split dev` prints of unseen words.
ZERO_SHOT_CONFIDENCE = 0.22
MAX_KNOWN, MIN_KNOWN_COSINE = 3, 0.85  # matches that may be the photo itself
# Of the cosine beside the probability: many photos are surely of dogs, and some look more like it.
CLASS_COSINE_WEIGHT = 0.5


class Retriever:
    """Finds images of one gallery, as it was at one time; a gallery that changes gets another retriever.

    The host may remove photos while they are served, or unmount their disk: only images whose files exist are
    returned. Every search raises `PhotosAwayError` if no file can be reached. Near-duplicates are one match,
    the first of them.

    Attributes:
        gallery: the gallery.
        embeddings: of its images.
        second_stage: re-ranks them, where there is one.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        gallery: Gallery,
        embeddings: ImageEmbeddings,
        index: Index,
        features: FeatureCache | None,
        *,
        near_duplicates: NearDuplicates | None = None,
    ) -> None:
        """Take a gallery and both stages of its search; see `engine.search.opening`.

        Args:
            checkpoint: the network.
            gallery: the gallery.
            embeddings: of its images, possibly not of all.
            index: of the embeddings.
            features: of all these images, or of the first of them; without it there is one stage.
            near_duplicates: of these images; without them they are found when they are asked for.
        """
        self.gallery, self.embeddings = gallery, embeddings
        self._checkpoint, self._images, self._matrix = checkpoint, embeddings.images, embeddings.matrix
        self._index, self.second_stage = index, SecondStage(features, len(embeddings.images))
        self._near_duplicates = near_duplicates or NearDuplicates(
            index, embeddings.matrix, embeddings.signatures
        )

    def __len__(self) -> int:
        return len(self._images)

    def sample(self, count: int) -> tuple[Match, ...]:
        """Return random images, no two the same; their score is 0, because there is no query."""
        rows = np.random.default_rng().permutation(len(self)).tolist()
        return self._matches(self._distinct((Hit(row, 0.0, 0.0) for row in rows), count))

    def near_duplicates(self) -> tuple[Match, ...]:
        """Return each image that has near-duplicates, once; its score is 0, because there is no query."""
        groups = self._distinct((Hit(row, 0.0, 0.0) for row in range(len(self))), len(self))
        return self._matches({hit: alike for hit, alike in groups.items() if alike})

    def find_near_duplicates(self, seconds: float = math.inf) -> bool:
        """Find those of images that nobody asked for yet, for some time; return True if some are left."""
        if not self._near_duplicates.is_complete:
            self._near_duplicates.find_more(seconds)
        return not self._near_duplicates.is_complete

    def search_by_photo(
        self, query: np.ndarray, count: int, *, without: int | None = None
    ) -> tuple[Match, ...]:
        """Return the images nearest to a photo's joint vector (J,), without one row."""
        found = self._distinct(nearest_hits(self._index, query), count, without)
        cosines = np.array([hit.cosine for hit in found])
        return self._matches(found, self._checkpoint.calibration.of_lookalikes(query, cosines))

    def known_photo(self, signature: np.ndarray, matches: Sequence[Match]) -> Match | None:
        """Return the one of a photo's matches that is the photo itself, if any.

        Args:
            signature: (256,) uint8, see `near_duplicates.signature`.
            matches: of `search_by_photo`.
        """
        near = (match for match in matches[:MAX_KNOWN] if match.score >= MIN_KNOWN_COSINE)
        return next((match for match in near if self._is_known(signature, match)), None)

    def _is_known(self, signature: np.ndarray, match: Match) -> bool:
        return is_known_photo(signature, self.embeddings.signatures[self.embeddings.rows[match.image]])

    def similar_images(self, image: str, count: int) -> tuple[Match, ...]:
        """Return the images nearest to one of the gallery, without the image itself.

        Raises:
            UnknownImageError: no image has this name or key.
        """
        row = self.embeddings.rows.get(image, self._row_of_key.get(image))
        if row is None:
            raise UnknownImageError
        return self.search_by_photo(self._matrix[row], count, without=row)

    @cached_property
    def _row_of_key(self) -> dict[str, int]:
        return {image_key(image): row for row, image in enumerate(self._images)}

    def search_by_text(
        self,
        query: np.ndarray,
        count: int,
        token_ids: Sequence[int] | None = None,
        *,
        states: np.ndarray | None = None,
        judge: np.ndarray | None = None,
    ) -> tuple[Match, ...]:
        """Return the images that fit a text best, re-ranked once all candidates are in the feature cache.

        Args:
            query: (J,), joint vector of the text, length 1.
            count: how many.
            token_ids: the text for the decoder, start ... end; without it there is no second stage.
            states: (1, T, W) of the text from `encode_text`, if they are computed already.
            judge: (J,), joint vector of the text that confidences are about; without it the query itself.
        """
        hits = nearest_hits(self._index, query)
        if token_ids is not None:
            hits = self.second_stage.reranked(hits, self._checkpoint.network, token_ids, states)
        found = self._distinct(hits, count)
        cosines = np.array([hit.cosine for hit in found])
        if judge is not None:
            query, cosines = judge, self._matrix[[hit.row for hit in found]] @ judge
        return self._matches(found, self._checkpoint.calibration.of_find(query, cosines))

    def search_zero_shot(self, query: np.ndarray, text: str, count: int) -> tuple[Match, ...]:
        """Return images for words outside all captions, by an exact scan.

        The confidence is low for all: `ZERO_SHOT_CONFIDENCE`.

        Args:
            query: (J,), joint vector of the words; its cosines are the scores.
            text: the words, by which images are ordered, see `zero_shot_scores`.
            count: how many.
        """
        cosines = self._matrix @ query
        classes = self.embeddings.classes
        scores = zero_shot_scores(self._checkpoint.prototypes, text, self._matrix, classes)
        rows = np.argsort(-scores, kind="stable").tolist()
        found = self._distinct((Hit(row, cosines[row], cosines[row]) for row in rows), count)
        return self._matches(found, np.full(len(found), ZERO_SHOT_CONFIDENCE))

    @cached_property
    def has_classes(self) -> bool:
        """True if the recognizer saw any of the images; what the others show is unknown, and comes last."""
        return not are_unknown(self.embeddings.classes).all()

    def search_by_class(
        self, numbers: Sequence[int], query: np.ndarray | None, count: int
    ) -> tuple[Match, ...]:
        """Return the images that most likely show one of some classes, by an exact scan.

        Args:
            numbers: of the classes.
            query: (J,), joint vector of their name; None if it has none. It decides among images alike.
            count: how many.
        """
        shown = probabilities_of(self.embeddings.classes, numbers)
        cosines = np.zeros(len(shown), np.float32) if query is None else self._matrix @ query
        scores = shown + CLASS_COSINE_WEIGHT * cosines
        rows = np.argsort(-scores, kind="stable").tolist()
        found = self._distinct((Hit(row, cosines[row], scores[row]) for row in rows), count)
        return self._matches(found, np.array([shown[hit.row] for hit in found]))

    def recognised(self, matches: Sequence[Match], numbers: Sequence[int]) -> tuple[Match, ...]:
        """Return matches as sure as the recognizer is that they show one of some classes, if it is surer."""
        shown, rows = probabilities_of(self.embeddings.classes, numbers), self.embeddings.rows
        return tuple(
            replace(match, confidence=max(match.confidence or 0.0, float(shown[rows[match.image]])))
            for match in matches
        )

    def search_by_inversion(self, token_ids: Sequence[int], count: int) -> tuple[Match, ...]:
        """Return the images nearest to where inversion of a text, start ... end, leads.

        Raises:
            RuntimeError: the feature cache is switched off or incomplete.
        """
        hits = self._inversion.nearest(token_ids, len(self))
        return self._matches(self._distinct((Hit(row, cosine, cosine) for row, cosine in hits), count))

    @cached_property
    def _inversion(self) -> Inversion:
        from engine.reference.inversion import Inversion  # gradients need torch, which nothing else loads
        from engine.reference.storage import load_reference

        return Inversion(load_reference(self._checkpoint.folder), self.second_stage.pooled())

    def _distinct(
        self, hits: Iterable[Hit], count: int, without: int | None = None
    ) -> dict[Hit, tuple[int, ...]]:
        """Return the first hits whose files exist, near-duplicates once; see `distinct_hits`."""
        found = distinct_hits(hits, count, self._near_duplicates, self._exists, without)
        if not found and not any(map(self._exists, range(len(self)))):
            raise PhotosAwayError
        return found

    def _exists(self, row: int) -> bool:
        return self.gallery.exists(self._images[row])

    def _matches(
        self, found: dict[Hit, tuple[int, ...]], confidences: np.ndarray | None = None
    ) -> tuple[Match, ...]:
        listed = [None] * len(found) if confidences is None else confidences.tolist()
        return tuple(
            Match(
                name := self._images[hit.row],
                float(hit.score),
                self.gallery.source(name),
                confidence,
                tuple(self._images[row] for row in alike),
            )
            for (hit, alike), confidence in zip(found.items(), listed, strict=True)
        )
