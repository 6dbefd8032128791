"""What replicas are started with."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from engine.cluster.deployment import _size, replica_settings
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
