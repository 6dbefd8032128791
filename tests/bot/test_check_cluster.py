"""`python -m bot check` counts the replicas on Ray."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from typing import Any

import pytest

from bot import lifecycle
from bot.check.cluster import check_replicas
from bot.finding import Finding, Mark
from bot.settings import Settings
from engine.cluster import connection, deployment, ray_engine
from engine.cluster.deployment import ReplicaStatus
from engine.errors import ClusterError

ADDRESS = "10.0.0.1:6379"


def findings(**settings: Any) -> list[Finding]:
    return list(check_replicas(Settings.model_construct(engine="ray", **settings)))


def test_an_engine_of_one_process_needs_no_ray() -> None:
    assert list(check_replicas(Settings.model_construct(engine="local"))) == []


def test_a_missing_ray_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    (finding,) = findings(ray_address=None, replicas=2)
    assert finding.mark is Mark.WRONG
    assert "pip install 'kindred[ray]'" in finding.message


def test_a_ray_of_ones_own_starts_with_the_bot() -> None:
    if find_spec("ray") is None:
        pytest.skip("no Ray")
    (finding,) = findings(ray_address=None, replicas=3)
    assert (finding.mark, finding.message) == (Mark.RIGHT, "3 start with the bot, on this machine.")


@pytest.mark.parametrize(
    ("status", "mark", "message"),
    [
        (None, Mark.ADVICE, "none at 10.0.0.1:6379 yet"),
        (ReplicaStatus(2, 2, ""), Mark.RIGHT, "2 of 2 at 10.0.0.1:6379 answer."),
        (
            ReplicaStatus(1, 2, "No CPU."),
            Mark.WRONG,
            "1 of 2 at 10.0.0.1:6379 answer. No CPU.",
        ),
    ],
)
def test_replicas_of_a_cluster_are_counted(
    monkeypatch: pytest.MonkeyPatch, status: ReplicaStatus | None, mark: Mark, message: str
) -> None:
    monkeypatch.setattr(connection, "connected", lambda _: nullcontext())
    monkeypatch.setattr(deployment, "replica_status", lambda: status)
    (finding,) = findings(ray_address=ADDRESS)
    assert finding.mark is mark
    assert finding.message.startswith(message)


def test_a_cluster_that_is_away_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def away(_: Settings) -> Iterator[None]:
        raise ClusterError(f"KINDRED_RAY_ADDRESS: nothing answers at {ADDRESS}.")
        yield

    monkeypatch.setattr(connection, "connected", away)
    (finding,) = findings(ray_address=ADDRESS)
    assert (finding.mark, finding.message) == (
        Mark.WRONG,
        f"KINDRED_RAY_ADDRESS: nothing answers at {ADDRESS}.",
    )


async def test_the_settings_say_where_the_engine_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    async def opened(settings: Settings) -> str:
        return f"{settings.replicas} replicas"

    monkeypatch.setattr(ray_engine, "open_ray_engine", opened)
    settings = Settings.model_construct(engine="ray", replicas=2)
    assert await lifecycle.open_engine(settings) == "2 replicas"  # type: ignore[comparison-overlap]
