"""Recall@k and median rank of cross-modal retrieval (Hodosh, Young, Hockenmaier 2013)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Recall:
    """Recall@k and median rank over a set of queries.

    Attributes:
        r1: recall@1, in percent of the queries.
        r5: recall@5, in percent.
        r10: recall@10, in percent.
        median_rank: of the first correct result; 1 is best.
    """

    r1: float
    r5: float
    r10: float
    median_rank: float


def recall(ranks: np.ndarray) -> Recall:
    """Summarise the ranks (queries,) of the first correct results; 1 is best."""
    r1, r5, r10 = (round(float((ranks <= k).mean() * 100), 2) for k in (1, 5, 10))
    return Recall(r1, r5, r10, float(np.median(ranks)))


def image_search_ranks(scores: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Return the rank of each caption's photo among all photos, (captions,).

    Args:
        scores: (photos, captions).
        owner: (captions,), row of the photo that each caption describes.
    """
    correct = scores[owner, np.arange(len(owner))]
    return 1 + (scores > correct).sum(axis=0)


def caption_retrieval_ranks(scores: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Return the rank of each photo's best own caption among all captions, (photos,).

    Args:
        scores: (photos, captions).
        owner: (captions,), row of the photo that each caption describes.
    """
    best = np.full(len(scores), -np.inf)
    np.maximum.at(best, owner, scores[owner, np.arange(len(owner))])
    return 1 + (scores > best[:, None]).sum(axis=1)
