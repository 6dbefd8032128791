"""The short form of `make scale`."""

from __future__ import annotations

import itertools

import pytest

from engine.settings import EngineSettings
from tests.stress.chaos.plan import Plan, table
from tests.stress.fronts import PROCESS, REPLICA, SERVER, fronts

TARGETS = itertools.cycle((SERVER, REPLICA, PROCESS))  # after the greeting, and in two rounds
pytestmark = pytest.mark.filterwarnings("ignore")  # those of Ray itself


async def test_processes_replicas_and_the_server_are_killed_and_nothing_is_lost(
    on_ray: EngineSettings,
) -> None:
    import ray

    address = ray.get_runtime_context().gcs_address
    report = await fronts(Plan(rounds=2, chats=3, lifetime=1.0), 2, address, TARGETS)
    assert not report.failures, "\n".join(table([report]))
    assert report.figures["answered"] > 3
    assert all(report.figures[target] for target in (PROCESS, REPLICA, SERVER))
