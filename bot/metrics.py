"""Prometheus metrics of one process, in a registry of their own; `bot.web` serves them."""

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

API_PREFIX: Final = "api_"  # of the kinds of requests that came over HTTP
OTHER_KIND: Final = "other"
# Seconds, from a word lookup to a map.
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """A `UsageRecorder` and `UsageReport` of `handlers.usage.metrics`, kept as Prometheus metrics."""

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
        tasks.set_function(_count_tasks)
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)

    def answered(self, kind: str, seconds: float) -> None:
        """Count an answered request and the seconds it took."""
        self._requests.labels(_label(kind), "answered").inc()
        self._seconds.labels(_label(kind)).observe(seconds)

    def failed(self, kind: str) -> None:
        """Count a request that could not be answered."""
        self._requests.labels(_label(kind), "failed").inc()

    def voted(self, kind: str, up: bool) -> None:
        """Count a thumb, up or down, on an answer."""
        self._votes.labels(_label(kind), "up" if up else "down").inc()

    def reused(self, hits: int, misses: int) -> None:
        """Count photos of an answer that Telegram had already, and those that were uploaded."""
        self._files.labels("hit").inc(hits)
        self._files.labels("miss").inc(misses)

    def requests(self) -> dict[str, Requests]:
        """Return the requests by kind, with outcomes and quantiles."""
        samples = _samples(self._requests, "kindred_requests_total")
        counts = {(sample.labels["kind"], sample.labels["outcome"]): int(sample.value) for sample in samples}
        return {
            kind: Requests(
                counts.get((kind, "answered"), 0), counts.get((kind, "failed"), 0), *self._quantiles(kind)
            )
            for kind, _ in counts
        }

    def files(self) -> tuple[int, int]:
        """Return how many photos of answers Telegram had already, and how many were uploaded."""
        counts = {s.labels["cache"]: int(s.value) for s in _samples(self._files, "kindred_files_total")}
        return counts.get("hit", 0), counts.get("miss", 0)

    def _quantiles(self, kind: str) -> tuple[float, float]:
        """Return median and 95th percentile in seconds, interpolated within buckets as Prometheus does."""
        samples = _samples(self._seconds, "kindred_answer_seconds_bucket")
        *cumulative, total = [0.0, *(sample.value for sample in samples if sample.labels["kind"] == kind)]
        if not total:
            return 0.0, 0.0
        ranks = [0.5 * total, 0.95 * total]
        median, p95 = np.interp(ranks, cumulative, (0.0, *BUCKETS)).tolist()  # at most the last bound
        return median, p95

    def observe_waiting(self, waiting: Callable[[], float]) -> None:
        """Take the callback that returns the number of waiting updates; it is called at each scrape."""
        self._waiting.set_function(waiting)

    def exposition(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        return generate_latest(self._registry)


def _count_tasks() -> int:
    try:
        return len(asyncio.all_tasks())
    except RuntimeError:  # called outside the event loop
        return 0


def _samples(metric: Counter | Histogram, name: str) -> Iterator[Sample]:
    """Return the samples of a metric that have this name."""
    return (sample for family in metric.collect() for sample in family.samples if sample.name == name)


def _label(kind: str) -> str:
    """Return the label of a kind, from a fixed set: any other label would stay in memory for ever."""
    return kind if kind.removeprefix(API_PREFIX) in KINDS else OTHER_KIND
