"""The store in real databases: contents and retention; of SQLite's files, migration and recovery, too."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.storage import database as sqlite
from bot.storage import store as store_module
from bot.storage.database import StoreError
from bot.storage.store import SQLiteStore, SQLStore, this_month
from handlers.store import Preferences, StoreUnavailableError
from tests.bot.storage.conftest import Database

ADA = 5_000_000_001
PEOPLE = 100


ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def test_stored_values_survive_a_restart(database: Database) -> None:
    async with database.store() as store:
        await store.keep_file_ids([b"cat", b"dog"], ["one", "two"])
        await store.keep_preferences(ADA, Preferences("de", 4, quiet=True))
        await store.change_vote("caption", None, True)
    async with database.store() as store:
        assert await store.file_ids([b"dog", b"cow", b"cat"]) == ("two", None, "one")
        assert await store.preferences(ADA) == Preferences("de", 4, quiet=True)
        assert await store.votes() == {"caption": (1, 0)}


async def test_a_file_id_that_telegram_no_longer_knows_is_dropped(store: SQLStore) -> None:
    await store.keep_file_ids([b"cat", b"dog"], ["one", "two"])
    await store.forget_file_ids(["one"])
    assert await store.file_ids([b"cat", b"dog"]) == (None, "two")


async def test_a_new_file_id_replaces_the_old_one(store: SQLStore) -> None:
    await store.keep_file_ids([b"cat"], ["one"])
    await store.keep_file_ids([b"cat"], ["two"])
    assert await store.file_ids([b"cat"]) == ("two",)


async def test_default_preferences_are_not_stored(store: SQLStore) -> None:
    await store.keep_preferences(ADA, Preferences(album=5))
    await store.keep_preferences(ADA, Preferences())
    assert not await store.forget(ADA)


async def test_a_deleted_person_is_erased_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "bot.sqlite3"
    async with SQLiteStore.open(file) as store:
        await store.keep_preferences(ADA, Preferences("xx-secret"))
        assert await store.forget(ADA)
        assert await store.preferences(ADA) == Preferences()
    assert b"xx-secret" not in await asyncio.to_thread(file.read_bytes)
    assert await asyncio.to_thread(os.listdir, tmp_path) == [file.name]


async def test_what_could_not_be_deleted_is_deleted_when_the_file_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 0.01)
    file = tmp_path / "bot.sqlite3"
    async with SQLiteStore.open(file) as store:
        for person in (ADA, ADA + 1):
            await store.keep_preferences(person, Preferences("xx-secret"))
        with closing(sqlite3.connect(file, isolation_level=None)) as other_process:
            other_process.execute("BEGIN IMMEDIATE")
            for person in (ADA, ADA + 1):
                with pytest.raises(StoreUnavailableError):
                    await store.forget(person)
            assert await store.preferences(ADA) == Preferences("xx-secret")
        await store.keep_preferences(ADA + 1, Preferences("fr"))  # chosen after the deletion
        await store.forget_the_rest()
        assert await store.preferences(ADA) == Preferences()
        assert await store.preferences(ADA + 1) == Preferences("fr")
    assert b"xx-secret" not in await asyncio.to_thread(file.read_bytes)


Advance = Callable[..., None]


@pytest.fixture
def advance_clock(monkeypatch: pytest.MonkeyPatch) -> Advance:
    """Advance the clock by months and days; a new month counts from its second day on."""
    month, day = store_module.this_month(), store_module.this_day()

    def advance(months: int = 0, days: int = 0) -> None:
        nonlocal month, day
        month, day = month + months, day + 30 * months + days
        monkeypatch.setattr(store_module, "this_month", lambda: month)
        monkeypatch.setattr(store_module, "this_day", lambda: day)

    return advance


async def test_preferences_are_dropped_after_a_year_without_a_message(
    store: SQLStore, advance_clock: Advance
) -> None:
    await store.keep_preferences(ADA, Preferences("xx-secret"))
    await store.keep_preferences(77, Preferences(album=3))
    for _ in range(13):
        advance_clock(months=1)
        assert await store.preferences(77) == Preferences(album=3)
    advance_clock(days=1)
    assert await store.preferences(77) == Preferences(album=3)
    assert await store.preferences(ADA) == Preferences()


@ON_SQLITE
async def test_preferences_that_are_dropped_are_erased_from_the_file(
    store: SQLStore, tmp_path: Path, advance_clock: Advance
) -> None:
    await store.keep_preferences(ADA, Preferences("xx-secret"))
    for advanced in ({"months": 13}, {"days": 1}):
        advance_clock(**advanced)
        await store.preferences(77)
    await store.forget(1)  # empties the log beside the file
    assert b"xx-secret" not in await asyncio.to_thread((tmp_path / "bot.sqlite3").read_bytes)


async def test_a_file_unused_for_a_year_is_purged_a_day_after_it_is_opened(
    tmp_path: Path, advance_clock: Advance
) -> None:
    file = tmp_path / "bot.sqlite3"
    async with SQLiteStore.open(file) as store:
        await store.keep_preferences(ADA, Preferences("xx-secret"))
    advance_clock(months=13)
    for _ in range(2):
        async with SQLiteStore.open(file):
            pass
        advance_clock(days=1)
    assert b"xx-secret" not in await asyncio.to_thread(file.read_bytes)


async def test_a_clock_that_jumps_a_year_ahead_and_is_corrected_deletes_no_preferences(
    database: Database, advance_clock: Advance
) -> None:
    async with database.store() as store:
        await store.keep_preferences(ADA, Preferences(album=3))
    for months in (14, -14, 14, -14):
        advance_clock(months=months)
        async with database.store() as store:  # a restart does not correct the clock
            await store.preferences(77)
    advance_clock(days=1)
    async with database.store() as store:
        assert await store.preferences(ADA) == Preferences(album=3)


async def test_a_clock_that_goes_back_deletes_no_preferences(store: SQLStore, advance_clock: Advance) -> None:
    await store.keep_preferences(ADA, Preferences(album=3))
    for months in (-600, 600):
        advance_clock(months)
        assert await store.preferences(ADA) == Preferences(album=3)


async def test_a_file_of_an_older_version_is_migrated(tmp_path: Path, advance_clock: Advance) -> None:
    file = tmp_path / "bot.sqlite3"
    with sqlite3.connect(file) as database:
        database.executescript("""
            CREATE TABLE files (picture BLOB PRIMARY KEY, file_id TEXT NOT NULL) WITHOUT ROWID;
            CREATE TABLE drawings (name BLOB PRIMARY KEY, file_id TEXT NOT NULL) WITHOUT ROWID;
            CREATE TABLE people (
                id INTEGER PRIMARY KEY, language TEXT, album INTEGER NOT NULL, quiet INTEGER NOT NULL
            );
            CREATE TABLE votes (
                kind TEXT NOT NULL, up INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (kind, up)
            ) WITHOUT ROWID;
            INSERT INTO people VALUES (77, 'de', 4, 1);
            PRAGMA user_version = 1;
        """)
    database.close()
    for _ in range(2):
        async with SQLiteStore.open(file) as store:
            assert await store.preferences(77) == Preferences("de", 4, quiet=True)
        advance_clock(12)


async def test_votes_are_counted_by_kind(store: SQLStore) -> None:
    for kind, up in (("caption", True), ("caption", True), ("caption", False), ("find", False)):
        await store.change_vote(kind, None, up)
    assert await store.votes() == {"caption": (2, 1), "find": (0, 1)}


async def test_a_vote_is_changed_and_taken_back(store: SQLStore) -> None:
    for up in (True, True, False):
        await store.change_vote("caption", None, up)
    await store.change_vote("caption", True, False)
    assert await store.votes() == {"caption": (1, 2)}
    await store.change_vote("caption", False, True)
    for _ in range(2):
        await store.change_vote("caption", False, None)
    assert await store.votes() == {"caption": (2, 0)}
    await store.change_vote("find", True, None)  # of a file that was lost meanwhile
    assert await store.votes() == {"caption": (2, 0)}
    await store.change_vote("find", True, False)
    assert await store.votes() == {"caption": (2, 0), "find": (0, 1)}


async def test_a_vote_is_changed_as_a_whole_or_not_at_all(store: SQLStore) -> None:
    """Two statements could count a person twice, or not at all, where the disk is full after the first."""
    statements = list[str]()
    execute = store._database.execute_fetchall

    async def record(sql: str, *arguments: Any) -> Any:
        statements.append(sql)
        return await execute(sql, *arguments)

    store._database.execute_fetchall = record  # type: ignore[method-assign]
    await store.change_vote("caption", True, False)
    assert len(statements) == 1


async def fill(file: Path) -> None:
    """Store so much that the file has many pages."""
    async with SQLiteStore.open(file) as store:
        await store._database.execute("BEGIN")
        for number in range(PEOPLE):
            await store.keep_preferences(number + 1, Preferences("de", 4))
        await store.keep_file_ids([b"%d" % n for n in range(2_000)], [f"file {n}" for n in range(2_000)])
        await store._database.execute("COMMIT")


def damaged_files(folder: Path) -> list[Path]:
    return [*folder.glob("*.damaged-*")]


def only_message(caplog: pytest.LogCaptureFixture) -> str:
    """The only line that was logged."""
    (line,) = caplog.messages
    return line


@pytest.mark.parametrize("remaining", [0, 50, 4_096, 0.5, 0.9])
async def test_a_damaged_file_is_set_aside_its_readable_rows_recovered_and_the_loss_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, remaining: float
) -> None:
    file = tmp_path / "bot.sqlite3"
    await fill(file)
    content = file.read_bytes()
    cut = (
        content[: int(remaining * len(content) if remaining < 1 else remaining)]
        or b"no database at all" * 300
    )
    file.write_bytes(cut)
    async with SQLiteStore.open(file) as store:
        assert await store.file_ids([b"1"]) is not None
        await store.keep_preferences(ADA, Preferences(album=3))
        known = sum([(await store.preferences(n + 1)).album == 4 for n in range(PEOPLE)])
    line = only_message(caplog)
    assert f"{file} was damaged" in line
    assert f"people {known}," in line
    (aside,) = damaged_files(tmp_path)
    assert aside.read_bytes() == cut
    assert str(aside) in line
    caplog.clear()
    async with SQLiteStore.open(file) as store:
        assert await store.preferences(ADA) == Preferences(album=3)
    assert not caplog.messages
    if remaining == 0.9:
        assert known > 0


async def test_an_overwritten_page_loses_only_its_own_rows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "bot.sqlite3"
    await fill(file)
    content = bytearray(file.read_bytes())
    page = content.index(b"file 1000") // 4_096
    content[page * 4_096 : (page + 1) * 4_096] = b"\xff" * 4_096
    file.write_bytes(content)
    async with SQLiteStore.open(file) as store:
        assert (await store.preferences(PEOPLE)).album == 4
        known = await store.file_ids([b"%d" % n for n in range(2_000)])
    assert 1_500 < sum(name is not None for name in known) < 2_000
    assert f"people {PEOPLE}," in only_message(caplog)


def write_older_file(file: Path, version: int) -> None:
    """Write what an older Kindred left: two thousand people, and so many names of files that pages fill."""
    with sqlite3.connect(file) as older:
        older.executescript(f"{store_module.SCHEMAS[version]} PRAGMA user_version = {version};")
        columns = [row[1] for row in older.execute("PRAGMA table_info(people)")]
        values = {"language": "de", "album": 4, "quiet": 1, "month": this_month()}
        rows = [[person, *(values[name] for name in columns[1:])] for person in range(1, 2_001)]
        older.executemany(f"INSERT INTO people VALUES ({', '.join('?' * len(columns))})", rows)
        older.executemany(
            "INSERT INTO files VALUES (?, ?)", [(b"%d" % n, f"file {n}" * 9) for n in range(2_000)]
        )
    older.close()


@pytest.mark.parametrize("version", [1, 2, 3])
async def test_a_damaged_file_of_an_older_version_keeps_every_row_that_can_be_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, version: int
) -> None:
    file = tmp_path / "bot.sqlite3"
    write_older_file(file, version)
    content = bytearray(file.read_bytes())
    page = content.index(b"file 1000") // 4_096
    content[page * 4_096 : (page + 1) * 4_096] = b"\xff" * 4_096
    file.write_bytes(content)
    async with SQLiteStore.open(file) as store:
        assert await store.preferences(1) == Preferences("de", 4, quiet=True)
        assert await store.preferences(2_000) == Preferences("de", 4, quiet=True)
        await store.keep_preferences(ADA, Preferences("de", 4, numbers=True))
    assert "people 2000," in only_message(caplog)
    async with SQLiteStore.open(file) as store:
        assert await store.preferences(ADA) == Preferences("de", 4, numbers=True)


async def test_a_damaged_file_that_was_set_aside_is_deleted_after_a_week(tmp_path: Path) -> None:
    file = tmp_path / "bot.sqlite3"
    for days in (6, 8):
        old = tmp_path / f"bot.sqlite3.damaged-{days}"
        old.touch()
        os.utime(old, times=(time.time() - days * 86_400,) * 2)
    async with SQLiteStore.open(file):
        assert [file.name for file in damaged_files(tmp_path)] == ["bot.sqlite3.damaged-6"]


async def test_a_file_locked_by_another_process_is_waited_for_and_not_taken_as_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bot.sqlite3"
    async with SQLiteStore.open(file) as store:
        await store.keep_preferences(ADA, Preferences(album=3))
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 0.2)
    with pytest.raises(StoreError, match="cannot be used: database is locked"):
        async with SQLiteStore.open(file):
            pass
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 20.0)
    release = asyncio.get_running_loop().call_later(0.1, other.close)
    async with SQLiteStore.open(file) as store:
        assert await store.preferences(ADA) == Preferences(album=3)
    assert not damaged_files(tmp_path)
    release.cancel()


async def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "bot.sqlite3"
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(StoreError, match="newer Kindred"):
        async with SQLiteStore.open(file):
            pass


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        async with SQLiteStore.open(tmp_path / "nowhere" / "bot.sqlite3"):
            pass


async def test_random_file_ids_are_of_pictures_and_not_of_drawings(store: SQLStore) -> None:
    await store.keep_file_ids([b"cat", b"dog", b"cow"], ["one", "two", "three"])
    await store.keep_drawing(b"map", "four")
    assert await store.drawing(b"map") == "four"
    assert await store.drawing(b"other") is None
    assert set(await store.some_file_ids(10)) == {"one", "two", "three"}
    assert len(await store.some_file_ids(2)) == 2
