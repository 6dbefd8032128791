"""What the tokens of a message contribute, and the span of a description in their scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from engine.results import IntentKind

KINDS = tuple(IntentKind)
CUE_TOKENS = 2  # before what is negative, such as "but no"
NEGATIVE_MARGIN = 0.5  # log odds by which a token must be negative: one by mistake hides what is asked for


class Tag(IntEnum):
    """What a token contributes."""

    DROPPED = 0
    KEPT = 1
    NEGATIVE = 2
    WORD = 3
    PLACEHOLDER = 4


DESCRIPTION_TAGS = (Tag.DROPPED, Tag.KEPT, Tag.NEGATIVE)
WORD_TAGS = (Tag.DROPPED, Tag.WORD, Tag.PLACEHOLDER)


@dataclass(frozen=True, slots=True)
class Tagging:
    """The scores of a message.

    Attributes:
        tags: (T, 5) log odds of each `Tag` for each token.
        kinds: (10,) probabilities of each of `KINDS`.
        edges: (T, 2) log odds of a description that begins, and that ends, with each token.
    """

    tags: np.ndarray
    kinds: np.ndarray
    edges: np.ndarray

    @property
    def kind(self) -> IntentKind:
        """The most probable kind."""
        return KINDS[int(self.kinds.argmax())]

    def best(self, allowed: Sequence[Tag]) -> list[Tag]:
        """Return the best of the allowed tags for each token."""
        return _best(self.tags, allowed)

    def description_tags(self) -> list[Tag]:
        """Return the tags of a description, whose kept tokens form one span: that of the greatest odds.

        Stray tokens outside it are dropped, and gaps inside it are kept where the odds around them outweigh
        them. What is negative, and the two tokens before it that say so, interrupt the span at no cost. Where
        a message is a description, and excludes nothing, there is one, however small its odds.
        """
        margins = np.where(np.arange(len(Tag)) == Tag.NEGATIVE, NEGATIVE_MARGIN, 0)
        tags = _whole_runs(_best(self.tags - margins, DESCRIPTION_TAGS))
        odds = self.tags[:, Tag.KEPT] - self.tags[:, Tag.DROPPED]
        for place, tag in enumerate(tags):
            if tag is Tag.NEGATIVE:
                cue = range(max(place - CUE_TOKENS, 0), place + 1)
                free = [n for n in cue if tags[n] is not Tag.KEPT]
                odds[free] = 0
        first, last = _greatest_span(odds, self.edges)
        is_certain = self.kind is IntentKind.DESCRIPTION and Tag.NEGATIVE not in tags
        start, end = (first, last + 1) if is_certain or odds[first : last + 1].sum() > 0 else (0, 0)
        return [_in_span(tag, odds[n], inside=start <= n < end) for n, tag in enumerate(tags)]


def _best(scores: np.ndarray, allowed: Sequence[Tag]) -> list[Tag]:
    return [allowed[column] for column in scores[:, list(allowed)].argmax(1).tolist()]


def _whole_runs(tags: list[Tag]) -> list[Tag]:
    """Keep runs that are tagged as negative right before what is kept: they are part of it."""
    result = list(tags)
    for place in reversed(range(len(tags) - 1)):
        if result[place] is Tag.NEGATIVE and result[place + 1] is Tag.KEPT:
            result[place] = Tag.KEPT
    return result


def _in_span(tag: Tag, odds: float, *, inside: bool) -> Tag:
    """Return the tag of a token by its odds of being kept, and whether the description surrounds it."""
    if tag is Tag.KEPT and not inside:
        return Tag.DROPPED
    return Tag.KEPT if tag is Tag.DROPPED and inside and odds < 0 else tag


def _greatest_span(odds: np.ndarray, edges: np.ndarray) -> tuple[int, int]:
    """Return the first and the last token of the span with the greatest sum.

    Args:
        odds: (T,) of being kept.
        edges: (T, 2) what a span gains that begins, and that ends, with each token.
    """
    begins, ends = edges.T
    sums = np.cumsum(odds)
    totals = (sums + ends) - (sums - odds - begins)[:, None]  # (first, last)
    first, last = divmod(int(np.where(np.tri(len(odds), k=-1), -np.inf, totals).argmax()), len(odds))
    return first, last
