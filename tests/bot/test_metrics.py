"""Metrics are readable by Prometheus, and no text from a user becomes a label."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics
from handlers.usage.metrics import Requests, UsageRecorder, UsageReport


def samples(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Return all samples by name and labels, as Prometheus reads them."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_what_handlers_record_is_exposed() -> None:
    metrics = Metrics()
    recorder: UsageRecorder = metrics
    recorder.answered("describe", 0.3)
    recorder.answered("describe", 0.06)
    recorder.failed("find")
    recorder.voted("describe", True)
    recorder.voted("describe", False)
    recorder.reused(7, 3)
    metrics.observe_waiting(lambda: 5)
    read = samples(metrics)
    assert read["kindred_requests_total", "describe", "answered"] == 2
    assert read["kindred_requests_total", "find", "failed"] == 1
    assert read["kindred_answer_seconds_sum", "describe"] == 0.36
    assert read["kindred_answer_seconds_bucket", "describe", "0.1"] == 1
    assert (
        read["kindred_votes_total", "describe", "up"] == read["kindred_votes_total", "describe", "down"] == 1
    )
    assert (read["kindred_files_total", "hit"], read["kindred_files_total", "miss"]) == (7, 3)
    assert read["kindred_updates_waiting",] == 5


def test_texts_from_users_never_become_labels() -> None:
    metrics = Metrics()
    for secret in ("my secret", "api_my secret"):
        metrics.failed(secret)
    metrics.failed("api_find")
    assert b"secret" not in metrics.exposition()
    read = samples(metrics)
    assert read["kindred_requests_total", "other", "failed"] == 2
    assert read["kindred_requests_total", "api_find", "failed"] == 1


def test_each_instance_has_its_own_registry() -> None:
    one, other = Metrics(), Metrics()
    one.failed("find")
    assert ("kindred_requests_total", "find", "failed") not in samples(other)


def test_the_report_has_outcomes_and_quantiles_of_requests() -> None:
    metrics = Metrics()
    assert isinstance(metrics, UsageReport)
    assert (metrics.requests(), metrics.files()) == ({}, (0, 0))
    for seconds in [0.06] * 90 + [4.0] * 10:
        metrics.answered("describe", seconds)
    metrics.failed("find")
    metrics.reused(7, 3)
    described, found = metrics.requests()["describe"], metrics.requests()["find"]
    assert (described.answered, described.failed) == (100, 0)
    assert 0.05 < described.median < 0.1  # the bounds of their buckets
    assert 2.5 < described.p95 < 5
    assert found == Requests(0, 1, 0.0, 0.0)
    assert metrics.files() == (7, 3)
    metrics.answered("maps", 1_000)
    assert metrics.requests()["maps"].median == 30  # the last bucket
