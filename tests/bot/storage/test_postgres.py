"""A server that is away, wrong or foreign is told in one line; what waits for it goes on by itself."""

from __future__ import annotations

import asyncio
import logging
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

pytest.importorskip("psycopg", reason="no PostgreSQL: ModuleNotFoundError")

import psycopg

from bot import __main__ as command_line
from bot import logs
from bot.check.database import check_database
from bot.credentials import SettingsError
from bot.finding import Mark
from bot.playground import Person, Playground
from bot.settings import Settings
from bot.storage.database import StoreError
from bot.storage.postgres import connections, opening, schema
from bot.storage.postgres.connections import ServerAwayError
from bot.updates import receiver
from engine import database as address
from handlers.store import Preferences, StoreUnavailableError
from tests import postgres
from tests.bot import harness
from tests.bot.harness import TIMEOUT, ScriptedEngine, build_bot, running_bot, wait_until_inbox_empty
from tests.postgres import SharedDatabase

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "123456:" + "A" * 35


@pytest.fixture
def database(postgres_url: str) -> SharedDatabase:
    return SharedDatabase(postgres_url)


@pytest.fixture(scope="module")
def stoppable_server() -> Iterator[Any]:
    with postgres.server_or_skip() as server:
        yield server


@pytest.fixture
def own_server(stoppable_server: Any) -> Iterator[Any]:
    """A server to stop and start, which runs at the start and at the end."""
    yield stoppable_server
    if stoppable_server.get_pid() is None:
        stoppable_server.start()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Set the address of the database, in an environment with a token and nothing else."""
    monkeypatch.setenv("KINDRED_TOKEN", TOKEN)
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path))
    monkeypatch.setattr(logs, "set_up", lambda level: None)
    return lambda url: monkeypatch.setenv("KINDRED_DATABASE_URL", url)


async def test_while_the_server_is_away_nothing_is_confirmed_and_later_all_is_answered(
    own_server: Any,
    playground: Playground,
    settings: Settings,
    scripted: ScriptedEngine,
    ada: Person,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(receiver, "MAX_BACKOFF", 0.1)
    caplog.set_level(logging.INFO, "bot.storage")
    async with opening.opened_postgres(own_server.get_uri(), "6") as storage:
        monkeypatch.setattr(harness, "open_inbox", lambda _: nullcontext(storage.inbox))
        application = build_bot(settings, playground, scripted, storage.store, send_log=storage.send_log)
        async with running_bot(application) as dispatcher:
            await ada.say("boy")
            await ada.replies(1, TIMEOUT)
            await wait_until_inbox_empty(dispatcher)
            await asyncio.to_thread(own_server.stop)
            questions = [await ada.say("boy") for _ in range(3)]
            with pytest.raises(ServerAwayError):
                await dispatcher.inbox.add([{"update_id": 10**9}])
            await asyncio.sleep(1.5)
            assert not [seen for seen in ada.messages if seen.from_bot and seen.id > questions[0].id]
            assert len([line for line in caplog.messages if "cannot be used" in line]) == 1
            await asyncio.to_thread(own_server.start)
            await ada.replies(3, TIMEOUT)
            await wait_until_inbox_empty(dispatcher)
    assert len([line for line in caplog.messages if "can be used again" in line]) == 1
    assert "Traceback" not in caplog.text
    assert not [record for record in caplog.records if record.levelno > logging.WARNING][1:]


async def test_an_outage_is_logged_once_a_minute(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 1_000.0
    monkeypatch.setattr(connections.time, "monotonic", lambda: now)
    away = connections.Connections("postgresql://127.0.0.1:1/nothing", "kindred_1")
    for _ in range(130):  # seconds
        away.report(psycopg.OperationalError("connection refused"))
        now += 1
    assert len(caplog.messages) == 3
    assert "all questions wait" in caplog.messages[0]
    assert "connection refused" in caplog.messages[0]


async def test_a_choice_is_not_waited_for_without_end(
    own_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "STORE_PATIENCE", 0.1)
    async with opening.opened_postgres(own_server.get_uri(), "7") as storage:
        await storage.store.keep_preferences(7, Preferences(album=3))
        await asyncio.to_thread(own_server.stop)
        try:
            with pytest.raises(StoreUnavailableError):
                await storage.store.keep_preferences(7, Preferences(album=4))
        finally:
            await asyncio.to_thread(own_server.start)
        assert await storage.store.preferences(7) == Preferences(album=3)


async def test_a_server_that_restarts_unnoticed_costs_no_statement(
    own_server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    lent = connections.Connections(own_server.get_uri(), "public")
    assert await lent.fetch("SELECT 1") == [(1,)]
    await asyncio.to_thread(own_server.stop)
    await asyncio.to_thread(own_server.start)
    assert await lent.fetch("SELECT 2", patience=0.0) == [(2,)]
    assert not caplog.messages
    await lent.close()


@asynccontextmanager
async def opened(database: SharedDatabase) -> AsyncIterator[None]:
    async with database.store(), database.inbox():
        yield


async def test_processes_that_start_side_by_side_create_the_schema_once(database: SharedDatabase) -> None:
    async def start() -> None:
        async with opened(database):
            pass

    await asyncio.gather(*(start() for _ in range(5)))


async def test_a_schema_of_an_older_version_is_migrated(
    database: SharedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.store() as store:
        await store.keep_preferences(7, Preferences(album=3))
    monkeypatch.setattr(schema, "VERSION", 3)
    monkeypatch.setattr(
        schema,
        "MIGRATIONS",
        {
            1: "ALTER TABLE people ADD COLUMN shoes INTEGER NOT NULL DEFAULT 2",
            2: "UPDATE people SET shoes = 4",
        },
    )
    for _ in range(2):
        async with database.store() as store:
            assert await store.preferences(7) == Preferences(album=3)
            rows = await store._database.execute_fetchall("SELECT shoes FROM people")
            assert [*rows] == [(4,)]


async def test_a_schema_of_a_newer_version_is_left_alone(
    database: SharedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(database):
        pass
    monkeypatch.setattr(schema, "VERSION", 0)
    with pytest.raises(StoreError, match="a newer Kindred wrote there"):
        async with opened(database):
            pass


async def test_a_user_who_may_create_nothing_is_told_what_to_grant(database: SharedDatabase) -> None:
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
        await connection.execute("DROP ROLE IF EXISTS guest")
        await connection.execute("CREATE ROLE guest LOGIN")
    database.url = database.url.replace("//postgres:", "//guest:")
    with pytest.raises(StoreError, match="GRANT CREATE ON DATABASE"):
        async with opened(database):
            pass


async def test_a_standby_and_an_old_server_are_refused(
    database: SharedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    writable, database.url = database.url, database.url + "&options=-cdefault_transaction_read_only%3Don"
    with pytest.raises(StoreError, match="only reads"):
        async with opened(database):
            pass
    database.url = writable
    monkeypatch.setattr(address, "MIN_SERVER_VERSION", 99)
    with pytest.raises(StoreError, match=r"PostgreSQL \d+ is too old"):
        async with opened(database):
            pass


@pytest.mark.parametrize(
    ("url", "status", "line"),
    [
        ("mysql://ada:secret-word@db/kindred", 2, "no address of a PostgreSQL database"),
        ("kindred.sqlite3", 2, "no address of a PostgreSQL database"),
        ("postgresql://ada:secret-word@127.0.0.1:1/kindred", 1, "cannot be reached"),
        ("postgresql://ada:secret-word@127.0.0.1:x/kindred", 1, "invalid integer value"),
        ("postgresql://127.0.0.1/kindred?color=red", 1, "color"),
    ],
)
@pytest.mark.parametrize("command", ["run", "move"])
def test_a_wrong_address_is_one_line_without_its_password(
    environment: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
    command: str,
    url: str,
    status: int,
    line: str,
) -> None:
    environment(url)
    assert command_line.main([command] if command == "run" else [command, "postgresql"]) == status
    (printed,) = capsys.readouterr().err.splitlines()
    assert printed.startswith("kindred: KINDRED_DATABASE_URL: ")
    assert line in printed
    assert "secret-word" not in printed


def test_without_psycopg_the_line_says_how_to_get_it(
    environment: Callable[[str], None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment("postgresql://127.0.0.1/kindred")
    for name in ("opening", "move", "report"):
        monkeypatch.setitem(sys.modules, f"bot.storage.postgres.{name}", None)
    monkeypatch.setitem(sys.modules, "bot.storage.move", None)
    for arguments in (["run"], ["move", "sqlite"]):
        assert command_line.main(arguments) == 1
        assert "pip install 'kindred[postgres]'" in capsys.readouterr().err
    (finding,) = check_database(Settings.from_environment())
    assert finding.mark is Mark.WRONG


def test_the_default_imports_no_postgresql(tmp_path: Path) -> None:
    script = """if True:
        import asyncio, sys
        from pathlib import Path
        import bot.__main__, bot.check, bot.demo, bot.run
        from bot.settings import Settings
        from bot.storage.opening import opened_storage

        async def main():
            async with opened_storage(Settings(home=Path(sys.argv[1])), "1:A") as storage:
                print(await storage.inbox.waiting(), await storage.store.votes())

        asyncio.run(main())
        print(sorted(name for name in sys.modules if name.startswith(("psycopg", "bot.storage.postgres"))))
    """
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["[] {}", "[]"]


def findings(url: str) -> list[tuple[Mark, str]]:
    settings = Settings.model_construct(
        token=SecretStr(TOKEN) if url else None, database_url=SecretStr(url) if url else None
    )
    return [(finding.mark, finding.message) for finding in check_database(settings)]


def test_check_says_whether_the_database_can_be_used(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert findings("") == []
    ((mark, message),) = findings("mysql://db")
    assert mark is Mark.WRONG
    ((mark, message),) = findings("postgresql://127.0.0.1:1/kindred")
    assert mark is Mark.WRONG
    assert "cannot be reached" in message
    ((mark, message),) = findings(postgres_url)
    assert mark is Mark.RIGHT
    assert re.fullmatch(
        r"PostgreSQL [\d.]+ is reached; the bot creates the schema kindred_123456 .*", message
    )

    async def open_and_check() -> list[tuple[Mark, str]]:
        async with opening.opened_postgres(postgres_url, "123456") as storage:
            await storage.inbox.add([{"update_id": 1}])
            return await asyncio.to_thread(findings, postgres_url)

    ((mark, message),) = asyncio.run(open_and_check())
    assert (mark, message.partition("; ")[2]) == (
        Mark.RIGHT,
        "0 of the bot's processes use it, and 1 updates wait.",
    )
    monkeypatch.setattr(schema, "VERSION", 0)
    ((mark, message),) = findings(postgres_url)
    assert mark is Mark.WRONG
    assert "newer Kindred" in message


def test_processes_that_share_a_webhook_need_one_secret(
    environment: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment("postgresql://127.0.0.1/kindred")
    monkeypatch.setenv("KINDRED_WEBHOOK_URL", "https://example.org/hook")
    with pytest.raises(SettingsError, match="KINDRED_WEBHOOK_SECRET: not set"):
        Settings.from_environment()
    monkeypatch.setenv("KINDRED_WEBHOOK_SECRET", "of-both")
    assert Settings.from_environment().read_database_url() == "postgresql://127.0.0.1/kindred"


def test_the_address_may_be_in_a_file(
    environment: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "url").write_text("postgresql://ada:secret-word@db/kindred\n")
    monkeypatch.setenv("KINDRED_DATABASE_URL_FILE", str(tmp_path / "url"))
    url = Settings.from_environment().read_database_url()
    assert url == "postgresql://ada:secret-word@db/kindred"
    assert "secret-word" not in logs.redact("failed: password secret-word")
