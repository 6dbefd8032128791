"""The short form of `make scale`, without Ray: tests/engine/cluster kills replicas, too."""

from __future__ import annotations

import itertools

from tests.stress.chaos.plan import Plan, table
from tests.stress.fronts import PROCESS, SERVER, fronts

TARGETS = itertools.cycle((SERVER, PROCESS))  # after the greeting, and in one round


async def test_processes_and_the_server_are_killed_and_nothing_is_lost() -> None:
    report = await fronts(Plan(rounds=1, chats=3, lifetime=1.0, rate_factor=20), 2, targets=TARGETS)
    assert not report.failures, "\n".join(table([report]))
    assert report.figures["answered"] > 3
    assert all(report.figures[target] for target in (PROCESS, SERVER))
