"""The figures of one process, in a registry of their own; `bot.web` shows them to Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from handlers.counting import KINDS

API: Final = "api_"  # before the kinds of requests that came over HTTP
OTHER: Final = "other"
# From a word looked up to a map drawn, in seconds.
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """A `handlers.counting.Counter` that Prometheus can read."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "kindred_requests", "Requests by what became of them.", ("kind", "outcome"), registry=registry
        )
        self._seconds = Histogram(
            "kindred_answer_seconds",
            "From a request to its answer.",
            ("kind",),
            registry=registry,
            buckets=BUCKETS,
        )
        self._votes = Counter(
            "kindred_votes", "Thumbs that people gave answers.", ("kind", "thumb"), registry=registry
        )
        self._files = Counter(
            "kindred_files", "Photos of answers: known to Telegram, or sent.", ("cache",), registry=registry
        )
        self._waiting = Gauge(
            "kindred_updates_waiting", "Updates received and not yet answered.", registry=registry
        )
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)

    def answered(self, kind: str, seconds: float) -> None:
        """See `Counter.answered`."""
        self._requests.labels(_bounded(kind), "answered").inc()
        self._seconds.labels(_bounded(kind)).observe(seconds)

    def failed(self, kind: str) -> None:
        """See `Counter.failed`."""
        self._requests.labels(_bounded(kind), "failed").inc()

    def voted(self, kind: str, up: bool) -> None:
        """See `Counter.voted`."""
        self._votes.labels(_bounded(kind), "up" if up else "down").inc()

    def reused(self, hits: int, misses: int) -> None:
        """See `Counter.reused`."""
        self._files.labels("hit").inc(hits)
        self._files.labels("miss").inc(misses)

    def watch(self, waiting: Callable[[], float]) -> None:
        """Ask this for the number of updates that wait, whenever somebody looks."""
        self._waiting.set_function(waiting)

    def text(self) -> bytes:
        """All figures, in Prometheus's text format."""
        return generate_latest(self._registry)


def _bounded(kind: str) -> str:
    """A label out of the vocabulary: every other one would be kept for ever."""
    return kind if kind.removeprefix(API) in KINDS else OTHER
