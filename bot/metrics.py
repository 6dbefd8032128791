"""The figures of one process, in a registry of their own; `bot.web` shows them to Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.samples import Sample

from handlers.usage.metrics import KINDS, Requests

API: Final = "api_"  # before the kinds of requests that came over HTTP
OTHER: Final = "other"
# From a word looked up to a map drawn, in seconds.
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """A `handlers.usage.metrics.Counter`, and its `UsageReport`, that Prometheus can read."""

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
        tasks = Gauge("kindred_tasks", "Asyncio tasks that are not done.", registry=registry)
        tasks.set_function(_tasks)
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

    def requests(self) -> dict[str, Requests]:
        """See `handlers.usage.metrics.UsageReport`."""
        samples = _samples(self._requests, "kindred_requests_total")
        counts = {(sample.labels["kind"], sample.labels["outcome"]): int(sample.value) for sample in samples}
        return {
            kind: Requests(
                counts.get((kind, "answered"), 0), counts.get((kind, "failed"), 0), *self._quantiles(kind)
            )
            for kind, _ in counts
        }

    def files(self) -> tuple[int, int]:
        """See `handlers.usage.metrics.UsageReport`."""
        counts = {s.labels["cache"]: int(s.value) for s in _samples(self._files, "kindred_files_total")}
        return counts.get("hit", 0), counts.get("miss", 0)

    def _quantiles(self, kind: str) -> tuple[float, float]:
        """Read median and 95th percentile off the histogram, as Prometheus does: even within a bucket."""
        samples = _samples(self._seconds, "kindred_answer_seconds_bucket")
        *counts, all_of_them = [0.0, *(one.value for one in samples if one.labels["kind"] == kind)]
        if not all_of_them:
            return 0.0, 0.0
        asked = [0.5 * all_of_them, 0.95 * all_of_them]
        median, p95 = np.interp(asked, counts, (0.0, *BUCKETS)).tolist()  # at most the last bound
        return median, p95

    def watch(self, waiting: Callable[[], float]) -> None:
        """Ask this for the number of updates that wait, whenever somebody looks."""
        self._waiting.set_function(waiting)

    def text(self) -> bytes:
        """All figures, in Prometheus's text format."""
        return generate_latest(self._registry)


def _tasks() -> int:
    try:
        return len(asyncio.all_tasks())
    except RuntimeError:  # whoever asks does so outside the loop
        return 0


def _samples(metric: Counter | Histogram, name: str) -> Iterator[Sample]:
    """All samples of a metric that have this name."""
    return (sample for family in metric.collect() for sample in family.samples if sample.name == name)


def _bounded(kind: str) -> str:
    """A label out of the vocabulary: every other one would be kept for ever."""
    return kind if kind.removeprefix(API) in KINDS else OTHER
