"""What replicas are started with."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from pydantic import SecretStr

from engine.cluster import deployment
from engine.cluster.deployment import ReplicaStatus, _run, _size, replica_settings
from engine.errors import ClusterError
from engine.settings import EngineSettings

ADDRESS = SecretStr("postgresql://kindred:secret@db/kindred")


@pytest.mark.parametrize(("index", "url"), [("annoy", None), ("postgresql", ADDRESS)])
def test_replicas_get_the_address_of_the_database_only_where_the_index_is(
    index: str, url: SecretStr | None
) -> None:
    settings = EngineSettings(engine="ray", index=index, database_url=ADDRESS)  # type: ignore[arg-type]
    assert replica_settings(settings).database_url == url


def test_only_where_there_may_be_more_replicas_ray_adds_and_removes_them() -> None:
    fixed = _size(EngineSettings(replicas=2, max_replicas=2, waiting=7))
    assert fixed == {"max_queued_requests": 7, "num_replicas": 2}
    assert _size(EngineSettings(replicas=2, waiting=7)) == fixed
    scaling = _size(EngineSettings(replicas=1, max_replicas=3))["autoscaling_config"]
    assert (scaling["min_replicas"], scaling["max_replicas"]) == (1, 3)
    assert scaling["upscale_delay_s"] < scaling["downscale_delay_s"] < 600  # Ray's own is ten minutes


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Ray's function that deploys; its side effects are a test's."""
    serve = pytest.importorskip("ray.serve", reason="no Ray")
    run = Mock()
    monkeypatch.setattr(serve, "run", run)
    monkeypatch.setattr(deployment, "DEPLOY_PAUSE", 0)
    return run


def replicas(has_died: bool) -> ReplicaStatus:
    return ReplicaStatus(1, 2, "It failed.", has_died)


def test_a_replica_that_dies_while_the_engine_is_deployed_ends_no_process(
    run: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployment, "replica_status", lambda: replicas(True))
    run.side_effect = [RuntimeError("unhealthy"), RuntimeError("unhealthy"), "handle"]
    assert _run("application") == "handle"
    run.side_effect = RuntimeError("unhealthy")
    with pytest.raises(ClusterError, match=r"No replica of the engine starts: It failed\."):
        _run("application")


def test_replicas_that_cannot_start_are_not_tried_again(run: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    run.side_effect = RuntimeError("broken")
    for status, reason in ((replicas(False), "It failed"), (None, "broken")):
        monkeypatch.setattr(deployment, "replica_status", lambda status=status: status)
        with pytest.raises(ClusterError, match=f"No replica of the engine starts: {reason}"):
            _run("application")
    assert run.call_count == 2
