"""The address of the shared database, and what is told of a server that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from engine.database import CONNECT_OPTIONS, address_of_index, complaint_about, describe, refusal
from engine.errors import DatabaseError
from engine.settings import EngineSettings

psycopg = pytest.importorskip("psycopg")


@pytest.mark.parametrize(("version", "is_too_old"), [(139_999, True), (140_000, False), (180_001, False)])
def test_postgresql_is_used_from_version_14_on(version: int, is_too_old: bool) -> None:
    complaint = complaint_about(version, is_read_only=False)
    assert (complaint is not None) is is_too_old
    assert not complaint or "PostgreSQL 13 is too old. Kindred needs 14" in complaint


def test_a_standby_that_only_reads_is_no_database_of_a_bot() -> None:
    assert "Name the primary one" in str(complaint_about(160_000, is_read_only=True))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            psycopg.errors.InsufficientPrivilege("permission denied\nfor schema"),
            "(permission denied for schema)",
        ),
        (psycopg.OperationalError("no route"), "cannot be reached (no route)"),
        (ConnectionResetError("reset"), "cannot be reached (reset)"),
        (psycopg.errors.UndefinedTable(), "cannot be used: UndefinedTable."),
    ],
)
def test_an_error_of_the_server_is_one_line_that_names_the_variable(error: Exception, sentence: str) -> None:
    line = refusal(error)
    assert line.startswith("KINDRED_DATABASE_URL: ")
    assert sentence in line
    assert "\n" not in line


def test_an_error_without_a_message_is_named() -> None:
    assert describe(TimeoutError()) == "TimeoutError"


def test_a_connection_that_leads_nowhere_is_noticed_within_eleven_seconds() -> None:
    """libpq takes seconds, and milliseconds in one place: https://www.postgresql.org/docs/current/libpq-connect.html."""
    idle, interval, count = (CONNECT_OPTIONS[f"keepalives_{name}"] for name in ("idle", "interval", "count"))
    assert idle + interval * count == 11
    assert CONNECT_OPTIONS["tcp_user_timeout"] / 1_000 == 10
    assert CONNECT_OPTIONS["connect_timeout"] == 5


def test_the_address_of_the_index_comes_from_the_settings_or_their_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://db/kindred\n")
    for settings in (
        EngineSettings(database_url=SecretStr("postgresql://db/kindred")),
        EngineSettings(database_url_file=tmp_path / "url"),
    ):
        assert address_of_index(settings) == "postgresql://db/kindred"


@pytest.mark.parametrize(
    ("url", "complaint"),
    [(None, "postgresql needs a database"), ("mysql://db/kindred", "no address of a PostgreSQL database")],
)
def test_an_index_without_an_address_is_one_line(url: str | None, complaint: str) -> None:
    with pytest.raises(DatabaseError, match=complaint):
        address_of_index(EngineSettings(database_url=SecretStr(url) if url else None))
