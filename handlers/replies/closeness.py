"""How close results are: in words, or in numbers for users who chose them in /settings."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from engine.results import WEAK_CONFIDENCE, Match
from handlers.i18n.texts import Texts

GOOD_CONFIDENCE = 2 / 3  # probability from which an image is said to be very close
# Cosines from which words are said to be very close and close; set by eye.
GOOD_COSINE, WEAK_COSINE = 0.65, 0.45


class Closeness(StrEnum):
    """How close a result is; the values are the keys of the sentences."""

    VERY = "very-close"
    CLOSE = "close"
    LOOSE = "loosely-related"


def of_match(match: Match) -> Closeness:
    """Return how close an image is, by its calibrated confidence; without one it counts as close."""
    if match.confidence is None:
        return Closeness.CLOSE
    return _level(match.confidence, GOOD_CONFIDENCE, WEAK_CONFIDENCE)


def of_cosine(cosine: float) -> Closeness:
    """Return how close two words are, by the cosine of their vectors."""
    return _level(cosine, GOOD_COSINE, WEAK_COSINE)


def by_closeness(texts: Texts, items: Iterable[tuple[Closeness, str]]) -> str:
    """List items by their closeness, one line for each that occurs: "Very close: kid, child"."""
    listed: dict[Closeness, list[str]] = {level: [] for level in Closeness}
    for level, item in items:
        listed[level].append(item)
    return "\n".join(f"{texts(level)} {', '.join(group)}" for level, group in listed.items() if group)


def _level(value: float, good: float, weak: float) -> Closeness:
    return Closeness.VERY if value >= good else Closeness.CLOSE if value >= weak else Closeness.LOOSE
