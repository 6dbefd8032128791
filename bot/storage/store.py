"""What the bot remembers between two starts: one SQLite file a bot, nothing a person said or sent.

Three things are kept: under which `file_id` Telegram has a picture or drawing already, what people chose in
/settings, and how often an answer was liked. A person's choice is dropped when they have not written for a
year; for that the month is kept in which they last did.
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

from bot.storage.database import EMPTY_THE_LOG, connect
from bot.storage.store_errors import translate_sqlite_errors
from handlers.store import Preferences

VERSION = 3
SCHEMA = """
    CREATE TABLE files (picture BLOB PRIMARY KEY, file_id TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE drawings (name BLOB PRIMARY KEY, file_id TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE people (
        id INTEGER PRIMARY KEY, language TEXT, album INTEGER NOT NULL, quiet INTEGER NOT NULL,
        month INTEGER NOT NULL
    );
    CREATE TABLE votes (
        kind TEXT NOT NULL, up INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (kind, up)
    ) WITHOUT ROWID;
    CREATE TABLE clock (month INTEGER NOT NULL, day INTEGER NOT NULL);
"""
UPGRADES = {  # from each older version to the next
    1: "ALTER TABLE people ADD COLUMN month INTEGER NOT NULL DEFAULT 0; UPDATE people SET month = {month};",
    2: "CREATE TABLE clock (month INTEGER NOT NULL, day INTEGER NOT NULL);",
}
KEPT = 12  # months after the last one in which a person wrote


@translate_sqlite_errors
class SQLiteStore:
    """Remembers file ids, preferences and votes. Safe to use from one event loop."""

    def __init__(self, database: aiosqlite.Connection) -> None:
        """Take an open database; see `open`."""
        self._database = database
        self._looked = 0  # the day on which it was last looked who does not write any more

    @classmethod
    @asynccontextmanager
    async def open(cls, file: Path) -> AsyncIterator[Self]:
        """Open the file, making it if there is none.

        Raises:
            StoreError: it is of a newer Kindred, or cannot be written.
        """
        database = await connect(file, SCHEMA, VERSION)
        try:
            store = cls(database)
            await store._upgrade()
            await store._purge()
            yield store
        finally:
            await database.close()

    async def file_ids(self, pictures: Sequence[bytes]) -> tuple[str | None, ...]:
        """Tell for each picture the id of the file that Telegram has of it, if there is one."""
        marks = ", ".join("?" * len(pictures))
        names = [digest(picture) for picture in pictures]
        rows = await self._database.execute_fetchall(
            f"SELECT picture, file_id FROM files WHERE picture IN ({marks})",  # noqa: S608 - marks only
            names,
        )
        known: Mapping[bytes, str] = dict(map(tuple, rows))
        return tuple(known.get(name) for name in names)

    async def keep_file_ids(self, pictures: Sequence[bytes], file_ids: Sequence[str]) -> None:
        """Remember the ids under which Telegram keeps pictures."""
        await self._database.executemany(
            "INSERT OR REPLACE INTO files VALUES (?, ?)",
            [(digest(picture), file_id) for picture, file_id in zip(pictures, file_ids, strict=True)],
        )

    async def forget_file_ids(self, file_ids: Sequence[str]) -> None:
        """Drop ids that Telegram does not know any more."""
        await self._database.executemany("DELETE FROM files WHERE file_id = ?", [(one,) for one in file_ids])

    async def some_file_ids(self, count: int) -> tuple[str, ...]:
        """Pick ids of pictures at random."""
        rows = await self._database.execute_fetchall(
            "SELECT file_id FROM files ORDER BY random() LIMIT ?", (count,)
        )
        return tuple(row[0] for row in rows)

    async def drawing(self, name: bytes) -> str | None:
        """Tell the id of the file that Telegram has of a drawing of our own, such as a map."""
        rows = await self._database.execute_fetchall(
            "SELECT file_id FROM drawings WHERE name = ?", (digest(name),)
        )
        return next((row[0] for row in rows), None)

    async def keep_drawing(self, name: bytes, file_id: str) -> None:
        """Remember the id under which Telegram keeps a drawing."""
        await self._database.execute("INSERT OR REPLACE INTO drawings VALUES (?, ?)", (digest(name), file_id))

    async def preferences(self, person: int) -> Preferences:
        """Tell what a person chose, who has just written."""
        rows = await self._database.execute_fetchall(
            "SELECT language, album, quiet, month FROM people WHERE id = ?", (person,)
        )
        with suppress(sqlite3.OperationalError):  # a full disk must not cost what is known
            if any(row[3] < this_month() for row in rows):
                await self._database.execute(
                    "UPDATE people SET month = ? WHERE id = ?", (this_month(), person)
                )
        await self._purge()
        return next((Preferences(row[0], row[1], bool(row[2])) for row in rows), Preferences())

    async def keep_preferences(self, person: int, chosen: Preferences) -> None:
        """Remember what a person chose; who chose what everybody has is not remembered at all."""
        if chosen == Preferences():
            await self.forget(person)
            return
        values = [person, *(getattr(chosen, field.name) for field in fields(chosen)), this_month()]
        await self._database.execute("INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?, ?)", values)

    async def forget(self, person: int) -> bool:
        """Delete whatever is kept about a person; tell whether there was anything."""
        cursor = await self._database.execute("DELETE FROM people WHERE id = ?", (person,))
        await self._database.execute_fetchall(EMPTY_THE_LOG)
        return cursor.rowcount > 0

    async def _purge(self) -> None:
        """Once a day, drop what was chosen by people who do not write any more.

        A clock may jump, and be set right: only a month that it has named on an earlier day is believed.
        """
        month, day = this_month(), this_day()
        if day == self._looked:
            return
        with suppress(sqlite3.OperationalError):  # a full disk: later, then
            rows = await self._database.execute_fetchall("SELECT day FROM clock WHERE month = ?", (month,))
            if any(row[0] < day for row in rows):
                await self._database.execute("DELETE FROM people WHERE month < ?", (month - KEPT,))
            elif not rows:
                await self._database.execute("DELETE FROM clock")
                await self._database.execute("INSERT INTO clock VALUES (?, ?)", (month, day))
            self._looked = day

    async def _upgrade(self) -> None:
        """Bring a file of an older Kindred up to date."""
        ((found,),) = await self._database.execute_fetchall("PRAGMA user_version")
        for version in range(found, VERSION):
            script = UPGRADES[version].format(month=this_month())
            await self._database.executescript(
                f"BEGIN; {script} PRAGMA user_version = {version + 1}; COMMIT;"
            )

    async def vote(self, kind: str, *, up: bool) -> None:
        """Count a thumb up or down for a kind of answer; not whose it was."""
        await self._database.execute(
            "INSERT INTO votes VALUES (?, ?, 1) ON CONFLICT (kind, up) DO UPDATE SET count = count + 1",
            (kind, up),
        )

    async def votes(self) -> Mapping[str, tuple[int, int]]:
        """Tell for each kind of answer how many thumbs were up, and how many down."""
        rows = await self._database.execute_fetchall(
            "SELECT kind, sum(count * up), sum(count * (1 - up)) FROM votes GROUP BY kind ORDER BY kind"
        )
        return {row[0]: (row[1], row[2]) for row in rows}


def this_month() -> int:
    """Number the months, of UTC."""
    now = time.gmtime()
    return 12 * now.tm_year + now.tm_mon


def this_day() -> int:
    """Number the days, of UTC."""
    return int(time.time() // (24 * 3600))


def digest(picture: bytes) -> bytes:
    """Name a picture by its content: a changed file is another picture."""
    return blake2b(picture, digest_size=16).digest()
