"""Moves what a bot keeps from SQLite to PostgreSQL, or back (`python -m bot move`).

All of it arrives, or nothing. Only then it is deleted where it was: what a person deletes must be gone, and
nobody would look for it in two places.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing
from typing import Any, Final, Protocol

import psycopg
from psycopg import sql

from bot.home_lock import locked_home
from bot.settings import Settings
from bot.storage.database import EMPTY_THE_WAL, StoreError
from bot.storage.inbox import parse_stored
from bot.storage.opening import bot_id, database_file, opened_files
from bot.storage.postgres.connections import run
from bot.storage.postgres.front import LEASE
from bot.storage.postgres.opening import checked_connection, connected, prepare, schema_of
from bot.storage.postgres.report import FRONTS
from bot.storage.postgres.shared_inbox import chat_of
from engine.database import VARIABLE, describe

Rows = list[Sequence[Any]]
STORE: Final[Mapping[str, str]] = {
    "files": "picture, file_id",
    "drawings": "name, file_id",
    "people": "id, language, album, quiet, month, numbers",
    "votes": "kind, up, count",
    "clock": "month, day",
}
INBOX: Final[Mapping[str, str]] = {"updates": "id, said, tries, came", "effects": "id, method, reply"}
COLUMNS: Final = {**STORE, **INBOX}
TITLES: Final = {"people": "people's settings", "files": "file ids", "votes": "votes", "updates": "updates"}


class Side(Protocol):
    """One of the two databases."""

    name: str

    def rows(self, table: str) -> Rows:
        """Return all rows of a table."""

    def insert(self, table: str, rows: Rows) -> None:
        """Insert rows into a table."""

    def delete(self, table: str) -> None:
        """Delete all rows of a table."""

    def transaction(self) -> AbstractContextManager[object]:
        """Commit what the block changes, or nothing of it."""


class SQLiteSide:
    """The two files, in one connection."""

    name = "KINDRED_HOME"

    def __init__(self, settings: Settings, token: str) -> None:
        self._connection = sqlite3.connect(database_file(settings, token, "bot"))
        self._connection.execute("ATTACH ? AS inbox", (str(database_file(settings, token, "inbox")),))
        self._connection.execute("PRAGMA secure_delete = ON")  # of both

    def rows(self, table: str) -> Rows:
        """Return all rows of a table."""
        return self._connection.execute(_select(table)).fetchall()

    def insert(self, table: str, rows: Rows) -> None:
        """Insert rows into a table."""
        self._connection.executemany(_insert(table, COLUMNS[table], "?"), rows)

    def delete(self, table: str) -> None:
        """Delete all rows of a table."""
        self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of ours

    def transaction(self) -> AbstractContextManager[object]:
        """Commit what the block changes, or nothing of it."""
        return self._connection

    def close(self) -> None:
        """Close the files, and empty the logs beside them."""
        self._connection.execute(EMPTY_THE_WAL).fetchall()
        self._connection.close()


class PostgresSide:
    """The server."""

    name = VARIABLE

    def __init__(self, url: str, token: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        schema = sql.Identifier(schema_of(bot_id(token)))
        self._connection.execute(sql.SQL("SET search_path TO {}").format(schema))

    def rows(self, table: str) -> Rows:
        """Return all rows of a table."""
        return [*self._connection.execute(_select(table).encode())]

    def insert(self, table: str, rows: Rows) -> None:
        """Insert rows into a table; updates belong to a chat."""
        columns = COLUMNS[table]
        if table == "updates":
            columns, rows = f"{columns}, chat", [(*row, _chat(row[1])) for row in rows]
            waiting = {row[-1] for row in rows if row[-1] is not None}
            self._insert_all("chats", "chat", [(chat,) for chat in sorted(waiting)])
        self._insert_all(table, columns, rows)

    def _insert_all(self, table: str, columns: str, rows: Rows) -> None:
        self._connection.cursor().executemany(_insert(table, columns, "%s").encode(), rows)

    def delete(self, table: str) -> None:
        """Delete all rows of a table."""
        self._connection.execute(f"DELETE FROM {table}".encode())  # noqa: S608 - a name of ours

    def transaction(self) -> AbstractContextManager[object]:
        """Commit what the block changes, or nothing of it."""
        return self._connection.transaction()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


async def move(settings: Settings, url: str, token: str, *, to_postgres: bool) -> str:
    """Move everything, and return a line that says what was moved.

    Raises:
        StoreError: A bot is running, or the target holds something already, or one of them cannot be used.
    """
    async with locked_home(settings.home):
        async with opened_files(settings, token):
            pass  # both files exist, and have the current schema
        async with connected(url, bot_id(token)) as connections:
            await prepare(connections)
            async with checked_connection(connections) as connection:
                ((fronts,),) = await run(connection, FRONTS, (LEASE,))
        if fronts:
            raise StoreError(f"{VARIABLE}: {fronts} of the bot's processes use it. Stop them first.")
        try:
            return await asyncio.to_thread(_move, settings, url, token, to_postgres=to_postgres)
        except (sqlite3.Error, psycopg.Error) as error:
            raise StoreError(f"Nothing was lost, and not all was moved: {describe(error)}.") from error


def _move(settings: Settings, url: str, token: str, *, to_postgres: bool) -> str:
    with closing(SQLiteSide(settings, token)) as files, closing(PostgresSide(url, token)) as server:
        sides: tuple[Side, Side] = (files, server) if to_postgres else (server, files)
        source, target = sides
        tables = {table: source.rows(table) for table in COLUMNS}
        if any(target.rows(table) for table in COLUMNS if table != "clock"):
            raise StoreError(
                f"{target.name}: there is something of this bot already. Empty it first, or start with it."
            )
        with target.transaction():
            target.delete("clock")
            for table, rows in tables.items():
                target.insert(table, rows)
        with source.transaction():
            for table in tables:
                source.delete(table)
    moved = ", ".join(f"{len(tables[table])} {title}" for table, title in TITLES.items())
    with_or_without = "with" if to_postgres else "without"
    return f"Moved to {target.name}: {moved}. Start the bot {with_or_without} {VARIABLE}."


def _select(table: str) -> str:
    order = " ORDER BY number" if table == "effects" else ""  # they are numbered anew
    return f"SELECT {COLUMNS[table]} FROM {table}{order}"  # noqa: S608 - names of ours


def _insert(table: str, columns: str, placeholder: str) -> str:
    values = ", ".join([placeholder] * len(columns.split(",")))
    return f"INSERT INTO {table} ({columns}) VALUES ({values})"  # noqa: S608 - names of ours


def _chat(stored: str | None) -> int | None:
    update = parse_stored(stored) if stored else None
    return chat_of(update) if update else None
