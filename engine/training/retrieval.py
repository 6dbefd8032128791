"""Recall at 1, 5 and 10 and median rank, as Hodosh et al. (2013) and everyone since report them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Recall:
    """Attributes: r1, r5, r10 in percent of the queries; median rank, the best being 1."""

    r1: float
    r5: float
    r10: float
    median_rank: float


def recall(ranks: np.ndarray) -> Recall:
    """Summarise the ranks (queries,) of the first right answers, the best being 1."""
    r1, r5, r10 = (round(float((ranks <= k).mean() * 100), 2) for k in (1, 5, 10))
    return Recall(r1, r5, r10, float(np.median(ranks)))


def image_search_ranks(scores: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Rank of each caption's photo among all photos.

    Args:
        scores: (photos, captions).
        owner: (captions,) row of the photo each caption describes.
    """
    right = scores[owner, np.arange(len(owner))]
    return 1 + (scores > right).sum(axis=0)


def caption_retrieval_ranks(scores: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Rank of each photo's best caption among all captions; arguments as above."""
    best = np.full(len(scores), -np.inf)
    np.maximum.at(best, owner, scores[owner, np.arange(len(owner))])
    return 1 + (scores > best[:, None]).sum(axis=1)
