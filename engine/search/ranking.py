"""The order in which a search lists images, as lazy sequences of hits.

The order does not depend on how many images are asked for: a longer list of matches begins with the shorter
one, so that pages neither repeat nor lose an image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

import numpy as np

from engine.runtime.network import RuntimeNetwork
from engine.search.ann_index import Index
from engine.search.duplicate_groups import NearDuplicates
from engine.search.grids.feature_cache import FeatureCache
from engine.search.reranking import IMAGE_SEARCH, likelihood_of_images

FIRST_SIZE: Final = 64  # images that are asked of an index at first


class Hit(NamedTuple):
    """An image in the order of a search.

    Attributes:
        row: of the image.
        cosine: between query and image.
        score: as in `Match`.
    """

    row: int
    cosine: float
    score: float


def nearest_hits(index: Index, query: np.ndarray) -> Iterator[Hit]:
    """Yield the images nearest to a joint vector (J,), as far as the index reaches."""
    seen: set[int] = set()
    size = FIRST_SIZE
    while True:
        nearest = index.nearest(query, size)
        yield from (Hit(row, cosine, cosine) for row, cosine in nearest if row not in seen)
        if len(nearest) < size:
            return
        seen.update(row for row, _ in nearest)  # by row: near ties may change places in a longer list
        size *= 4


def reranked_hits(
    hits: Iterator[Hit],
    top: int,
    network: RuntimeNetwork,
    features: FeatureCache,
    token_ids: Sequence[int],
    *,
    states: np.ndarray | None = None,
) -> Iterator[Hit]:
    """Yield the first hits in the order of the second stage, then the others below them.

    Args:
        hits: in the order of their cosines, at least one.
        top: how many are re-ranked, if all of them are in the feature cache.
        network: the decoder.
        features: the feature cache.
        token_ids: the text, start ... end.
        states: (1, T, W) of the text, if they are computed already.
    """
    first = list(islice(hits, top))
    rows, cosines = [hit.row for hit in first], np.array([hit.cosine for hit in first])
    if not features.covers(rows):
        yield from first
        yield from hits
        return
    likelihood = likelihood_of_images(network, token_ids, features.rows(rows), states)
    # The likeliest image keeps its cosine and the others lose: scores stay comparable to cosines.
    scores = cosines + IMAGE_SEARCH.likelihood / IMAGE_SEARCH.joint * (likelihood - likelihood.max())
    for place in np.argsort(-scores, kind="stable").tolist():
        yield first[place]._replace(score=float(scores[place]))
    loss = first[-1].cosine - float(scores.min())
    for hit in hits:
        yield hit._replace(score=hit.cosine - loss)


def distinct_hits(
    hits: Iterable[Hit],
    count: int,
    near_duplicates: NearDuplicates,
    exists: Callable[[int], bool],
    without: int | None = None,
) -> dict[Hit, tuple[int, ...]]:
    """Return the first hits that show different photos.

    Args:
        hits: in their order.
        count: how many are returned at most.
        near_duplicates: of the gallery.
        exists: whether a row's file is still there; those that are gone are passed over.
        without: a row that is left out.

    Returns:
        The hits, each with the rows of its near-duplicates that are not listed before it.
    """
    found: dict[Hit, tuple[int, ...]] = {}
    listed = {without}
    for hit in hits:
        if len(found) == count:
            break
        if hit.row in listed or not exists(hit.row):
            continue
        alike = tuple(row for row in near_duplicates.of(hit.row) if row not in listed and exists(row))
        found[hit] = alike
        listed.update((hit.row, *alike))
    return found
