"""The short form of `make scale`, without Ray: tests/engine/cluster kills replicas, too."""

from __future__ import annotations

import itertools
import os
import random
import signal
from contextlib import nullcontext
from typing import Any, cast
from unittest.mock import Mock

import psycopg
import pytest

from tests.stress import fronts as fronts_module
from tests.stress.chaos.bots import ForkServer
from tests.stress.chaos.fork_server import LOG_FILE
from tests.stress.chaos.plan import Plan, table
from tests.stress.fronts import PROCESS, SERVER, Fleet, fronts

TARGETS = itertools.cycle((SERVER, PROCESS))  # after the greeting, and in one round


async def test_processes_and_the_server_are_killed_and_nothing_is_lost() -> None:
    report = await fronts(Plan(rounds=1, chats=3, lifetime=1.0, rate_factor=20), 2, targets=TARGETS)
    assert not report.failures, "\n".join(table([report]))
    assert report.figures["answered"] > 3
    assert all(report.figures[target] for target in (PROCESS, SERVER))


def test_a_server_that_recovers_from_a_crash_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    connection, killed = Mock(), Mock()
    connection.execute.return_value.fetchall.return_value = [(4242,)]
    answers: list[Any] = [psycopg.OperationalError("in recovery mode")] * 2 + [nullcontext(connection)]
    monkeypatch.setattr(psycopg, "connect", Mock(side_effect=answers))
    monkeypatch.setattr(fronts_module, "RECOVERY_INTERVAL", 0)
    monkeypatch.setattr(os, "kill", killed)
    Fleet([{LOG_FILE: ""}], cast(ForkServer, None), "", random.Random(0), iter(()))._crash_server()
    killed.assert_called_once_with(4242, signal.SIGKILL)
