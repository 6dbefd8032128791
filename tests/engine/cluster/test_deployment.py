"""What replicas are started with."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from engine.cluster.deployment import replica_settings
from engine.settings import EngineSettings

ADDRESS = SecretStr("postgresql://kindred:secret@db/kindred")


@pytest.mark.parametrize(("index", "url"), [("annoy", None), ("postgresql", ADDRESS)])
def test_replicas_get_the_address_of_the_database_only_where_the_index_is(
    index: str, url: SecretStr | None
) -> None:
    settings = EngineSettings(engine="ray", index=index, database_url=ADDRESS)  # type: ignore[arg-type]
    assert replica_settings(settings).database_url == url
