"""The bot's persistent store, without any message or photo of a person: a SQLite file, or PostgreSQL.

It holds three things: the `file_id` under which Telegram already has a picture or drawing, people's
preferences from /settings, and the votes on answers. A person's preferences are dropped after a year
without a message; for that, the month of their last message is stored.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import fields
from hashlib import blake2b
from pathlib import Path
from typing import Self

import aiosqlite

from bot.storage.database import EMPTY_THE_WAL, Database, connect
from bot.storage.store_errors import translate_sqlite_errors
from handlers.store import Preferences, StoreUnavailableError

VERSION = 4
SCHEMA = """
    CREATE TABLE files (picture BLOB PRIMARY KEY, file_id TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE drawings (name BLOB PRIMARY KEY, file_id TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE people (
        id INTEGER PRIMARY KEY, language TEXT, album INTEGER NOT NULL, quiet INTEGER NOT NULL,
        month INTEGER NOT NULL, numbers INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE votes (
        kind TEXT NOT NULL, up INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (kind, up)
    ) WITHOUT ROWID;
    CREATE TABLE clock (month INTEGER NOT NULL, day INTEGER NOT NULL);
"""
MIGRATIONS = {  # from each older version to the next
    1: "ALTER TABLE people ADD COLUMN month INTEGER NOT NULL DEFAULT 0; UPDATE people SET month = {month};",
    2: "CREATE TABLE clock (month INTEGER NOT NULL, day INTEGER NOT NULL);",
    3: "ALTER TABLE people ADD COLUMN numbers INTEGER NOT NULL DEFAULT 0;",
}
FIRST_SCHEMA = """
    CREATE TABLE files (picture BLOB PRIMARY KEY, file_id TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE drawings (name BLOB PRIMARY KEY, file_id TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE people (
        id INTEGER PRIMARY KEY, language TEXT, album INTEGER NOT NULL, quiet INTEGER NOT NULL
    );
    CREATE TABLE votes (
        kind TEXT NOT NULL, up INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (kind, up)
    ) WITHOUT ROWID;
"""
# Of each version, to recover a damaged file in its own.
SCHEMAS = {
    version: FIRST_SCHEMA + "".join(MIGRATIONS[older].format(month=0) for older in range(1, version))
    for version in range(1, VERSION)
} | {VERSION: SCHEMA}
RETENTION_MONTHS = 12  # after the month of a person's last message
UNAVAILABLE = (sqlite3.OperationalError, StoreUnavailableError)  # a full disk, a lock, a server that is away


@translate_sqlite_errors
class SQLStore:
    """A `handlers.store.Store` in an SQL database. Safe to use from one event loop."""

    def __init__(self, database: Database) -> None:
        """Take an open database with the current schema."""
        self._database = database
        self._purged_on = 0  # the day of the last purge, as `this_day` numbers it
        self._to_forget: set[int] = set()  # people whose data could not be deleted when it should have been

    async def file_ids(self, pictures: Sequence[bytes]) -> tuple[str | None, ...]:
        """Return for each picture the id of the file that Telegram has of it, if there is one."""
        placeholders = ", ".join("?" * len(pictures))
        digests = [digest(picture) for picture in pictures]
        rows = await self._database.execute_fetchall(
            f"SELECT picture, file_id FROM files WHERE picture IN ({placeholders})",  # noqa: S608
            digests,
        )
        known: Mapping[bytes, str] = dict(map(tuple, rows))
        return tuple(known.get(one) for one in digests)

    async def keep_file_ids(self, pictures: Sequence[bytes], file_ids: Sequence[str]) -> None:
        """Store the ids under which Telegram keeps pictures."""
        await self._database.executemany(
            "INSERT INTO files VALUES (?, ?) ON CONFLICT (picture) DO UPDATE SET file_id = excluded.file_id",
            [(digest(picture), file_id) for picture, file_id in zip(pictures, file_ids, strict=True)],
        )

    async def forget_file_ids(self, file_ids: Sequence[str]) -> None:
        """Drop ids that Telegram no longer knows."""
        await self._database.executemany(
            "DELETE FROM files WHERE file_id = ?", [(file_id,) for file_id in file_ids]
        )

    async def some_file_ids(self, count: int) -> tuple[str, ...]:
        """Return ids of pictures chosen at random."""
        rows = await self._database.execute_fetchall(
            "SELECT file_id FROM files ORDER BY random() LIMIT ?", (count,)
        )
        return tuple(row[0] for row in rows)

    async def drawing(self, name: bytes) -> str | None:
        """Return the id of the file that Telegram has of a drawing of ours, such as a map."""
        rows = await self._database.execute_fetchall(
            "SELECT file_id FROM drawings WHERE name = ?", (digest(name),)
        )
        return next((row[0] for row in rows), None)

    async def keep_drawing(self, name: bytes, file_id: str) -> None:
        """Store the id under which Telegram keeps a drawing."""
        await self._database.execute_fetchall(
            "INSERT INTO drawings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET file_id = excluded.file_id",
            (digest(name), file_id),
        )

    async def preferences(self, user_id: int) -> Preferences:
        """Return the preferences of a person who has just written, and record the month."""
        rows = await self._database.execute_fetchall(
            "SELECT language, album, quiet, numbers, month FROM people WHERE id = ?", (user_id,)
        )
        with suppress(*UNAVAILABLE):  # a full disk must not keep them from being read
            if any(row[4] < this_month() for row in rows):
                await self._database.execute_fetchall(
                    "UPDATE people SET month = ? WHERE id = ?", (this_month(), user_id)
                )
        await self.purge()
        stored = (Preferences(row[0], row[1], bool(row[2]), bool(row[3])) for row in rows)
        return next(stored, Preferences())

    async def keep_preferences(self, user_id: int, preferences: Preferences) -> None:
        """Store a person's preferences; of a person with the default ones nothing is stored."""
        if preferences == Preferences():
            await self._delete(user_id)
            self._to_forget.discard(user_id)
            return
        is_to_be_forgotten = user_id in self._to_forget
        self._to_forget.discard(user_id)
        values = [user_id, *(getattr(preferences, field.name) for field in fields(preferences)), this_month()]
        try:
            await self._database.execute_fetchall(
                "INSERT INTO people (id, language, album, quiet, numbers, month) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET language = excluded.language, album = excluded.album,"
                " quiet = excluded.quiet, numbers = excluded.numbers, month = excluded.month",
                values,
            )
        except (sqlite3.Error, StoreUnavailableError):
            if is_to_be_forgotten:
                self._to_forget.add(user_id)
            raise

    async def forget(self, user_id: int) -> bool:
        """Delete what is stored about a person, and return whether there was anything.

        What cannot be deleted now is deleted by `forget_the_rest`.
        """
        self._to_forget.add(user_id)
        had_data = await self._delete(user_id)
        self._to_forget.discard(user_id)
        return had_data

    async def _delete(self, user_id: int) -> bool:
        deleted = await self._database.execute_fetchall(
            "DELETE FROM people WHERE id = ? RETURNING id", (user_id,)
        )
        await self._database.execute_fetchall(EMPTY_THE_WAL)
        return bool([*deleted])

    async def forget_the_rest(self) -> None:
        """Delete what `forget` could not delete, if there is anything and the file can be written."""
        with suppress(StoreUnavailableError):  # the disk is still full
            while self._to_forget:  # a person may choose something meanwhile, and is then not forgotten
                await self.forget(next(iter(self._to_forget)))

    async def purge(self) -> None:
        """Once a day, drop the preferences of people who have not written for a year.

        The clock may jump ahead and be corrected: a month counts only once the clock has shown it on two
        days.
        """
        month, day = this_month(), this_day()
        if day == self._purged_on:
            return
        with suppress(*UNAVAILABLE):  # the disk is full: try again later
            rows = await self._database.execute_fetchall("SELECT day FROM clock WHERE month = ?", (month,))
            if any(row[0] < day for row in rows):
                await self._database.execute_fetchall(
                    "DELETE FROM people WHERE month < ?", (month - RETENTION_MONTHS,)
                )
            elif not rows:
                await self._database.execute_fetchall("DELETE FROM clock")
                await self._database.execute_fetchall("INSERT INTO clock VALUES (?, ?)", (month, day))
            self._purged_on = day

    async def change_vote(self, kind: str, before: bool | None, now: bool | None) -> None:
        """Count a thumb, no longer count the one before it, or both; without the person who gave it.

        Args:
            kind: The kind of answer.
            before: Whether the thumb was up; None if none was given.
            now: Whether the thumb is up; None if it was taken back.
        """
        thumbs = [up for up in (before, now) if up is not None]
        placeholders = ", ".join(["(?, ?, ?)"] * len(thumbs))
        await self._database.execute_fetchall(
            f"INSERT INTO votes (kind, up, count) VALUES {placeholders}"  # noqa: S608
            " ON CONFLICT (kind, up) DO UPDATE"
            " SET count = votes.count + CASE WHEN votes.up = ? THEN 1 ELSE -1 END"
            " WHERE votes.up = ? OR votes.count > 0",
            [*(value for up in thumbs for value in (kind, up, int(up is now))), now, now],
        )

    async def votes(self) -> Mapping[str, tuple[int, int]]:
        """Return for each kind of answer its thumbs up and down."""
        rows = await self._database.execute_fetchall(
            "SELECT kind, sum(count * up), sum(count * (1 - up)) FROM votes WHERE count > 0"
            " GROUP BY kind ORDER BY kind"
        )
        return {row[0]: (int(row[1]), int(row[2])) for row in rows}


class SQLiteStore(SQLStore):
    """The store of one process, in a SQLite file."""

    _database: aiosqlite.Connection

    @classmethod
    @asynccontextmanager
    async def open(cls, file: Path) -> AsyncIterator[Self]:
        """Open the file, creating it if it does not exist.

        Raises:
            StoreError: The file belongs to a newer Kindred, or cannot be written.
        """
        database = await connect(file, SCHEMAS)
        try:
            store = cls(database)
            await store._migrate()
            await store.purge()
            yield store
        finally:
            await database.close()

    async def _migrate(self) -> None:
        """Migrate a file of an older Kindred to the current schema."""
        ((file_version,),) = await self._database.execute_fetchall("PRAGMA user_version")
        for version in range(file_version, VERSION):
            script = MIGRATIONS[version].format(month=this_month())
            await self._database.executescript(
                f"BEGIN; {script} PRAGMA user_version = {version + 1}; COMMIT;"
            )


def this_month() -> int:
    """Return the number of the current month, counted from year 0, in UTC."""
    now = time.gmtime()
    return 12 * now.tm_year + now.tm_mon


def this_day() -> int:
    """Return the number of the current day, counted from 1970, in UTC."""
    return int(time.time() // (24 * 3600))


def digest(content: bytes) -> bytes:
    """Return the 16-byte key of a picture or name: a hash of its content."""
    return blake2b(content, digest_size=16).digest()
