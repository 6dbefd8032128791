"""Opens a SQLite file of the bot: creates it from its schema, recovers it if it is damaged.

`Database` is what store and inbox need of a database. aiosqlite's connection is one; `bot.storage.postgres`
has the other. Statements are written in what both understand, and `?` stands for a parameter.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import aiosqlite

from bot.storage.recovery import delete_old_damaged_files, is_damage, recover

logger = logging.getLogger(__name__)

# Removes deleted content from the write-ahead log, too. Fetch the row it returns: until then, nothing that
# others write is committed, and the next such call fails.
EMPTY_THE_WAL = "PRAGMA wal_checkpoint(TRUNCATE)"
BUSY_TIMEOUT = 10.0  # seconds to wait for another process that writes


class StoreError(Exception):
    """The database cannot be used; `str(error)` is one line for the operator."""


class Database(Protocol):
    """An open SQL database; each execution of a statement is a transaction."""

    async def execute_fetchall(self, sql: str, parameters: Iterable[Any] | None = None) -> Iterable[Any]:
        """Execute a statement, and return its rows."""

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> object:
        """Execute a statement once for each sequence of parameters."""


class DamagedDatabaseError(sqlite3.DatabaseError):
    """SQLite can open the file, and its check finds damage."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


async def connect(file: Path, schemas: Mapping[int, str]) -> aiosqlite.Connection:
    """Open a database, creating it if it does not exist and recovering it if damaged.

    Args:
        file: The database.
        schemas: The schema of each version. A new file gets the newest; an older one is left to the caller
            to migrate.

    Raises:
        StoreError: The file belongs to a newer Kindred, or cannot be written: it is locked, or the disk is
            full.
    """
    version = max(schemas)
    schema = schemas[version]
    await asyncio.to_thread(delete_old_damaged_files, file)
    try:
        return await _open(file, schema, version)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise StoreError(f"{file} cannot be used: {error}.") from error
    try:
        logger.error("%s", await asyncio.to_thread(recover, file, schemas))
        return await _open(file, schema, version)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{file} is damaged, and cannot be replaced: {error}.") from error


async def _open(file: Path, schema: str, version: int) -> aiosqlite.Connection:
    try:
        await asyncio.to_thread(file.touch)  # aiosqlite's thread would outlive its failure, and complain
        # No statement cache: a cursor may be freed here while the database's thread runs the same cached
        # statement, and SQLite then reports misuse (https://github.com/python/cpython/issues/118172).
        database = await aiosqlite.connect(
            file, timeout=BUSY_TIMEOUT, isolation_level=None, cached_statements=0
        )
    except (OSError, aiosqlite.OperationalError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise StoreError(f"{file} cannot be opened: {reason}.") from error
    try:
        await _prepare(database, file, schema, version)
    except (sqlite3.DatabaseError, StoreError):
        await database.close()
        raise
    return database


async def _prepare(database: aiosqlite.Connection, file: Path, schema: str, version: int) -> None:
    await database.execute("PRAGMA journal_mode = WAL")  # readers and a writer do not wait for each other
    await database.execute("PRAGMA secure_delete = ON")  # deleted content is overwritten in the file
    ((file_version,),) = await database.execute_fetchall("PRAGMA user_version")
    if file_version > version:
        raise StoreError(f"{file} was written by a newer Kindred. Use that one, or move the file away.")
    if file_version == 0:
        await database.executescript(f"BEGIN; {schema} PRAGMA user_version = {version}; COMMIT;")
    for (result,) in await database.execute_fetchall("PRAGMA quick_check(1)"):
        if result != "ok":
            raise DamagedDatabaseError(result)
