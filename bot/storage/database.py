"""A SQLite file of the bot: opened, made of its schema where there is none, recovered where it is damaged."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path

import aiosqlite

from bot.storage.recovery import forget_damaged, is_damage, recover

logger = logging.getLogger(__name__)

# What is deleted is gone from the log beside the file, too. The row it answers with is to be fetched: as long
# as it waits, what others write is not committed, and the next such call fails.
EMPTY_THE_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
PATIENCE = 10.0  # seconds to wait for another process that writes


class StoreError(Exception):
    """The file cannot be used; `str(error)` is one line for the host."""


class DamagedDatabaseError(sqlite3.DatabaseError):
    """SQLite can open a file, and finds it damaged when it looks through it."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


async def connect(file: Path, schema: str, version: int) -> aiosqlite.Connection:
    """Open a file of ours, making it of its schema if there is none; a damaged one is mended.

    Raises:
        StoreError: it is of a newer Kindred, or cannot be written: it is held, or the disk is full.
    """
    await asyncio.to_thread(forget_damaged, file)
    try:
        return await _open(file, schema, version)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise StoreError(f"{file} cannot be used: {error}.") from error
    try:
        logger.error("%s", await asyncio.to_thread(recover, file, schema, version))
        return await _open(file, schema, version)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{file} is damaged, and cannot be replaced: {error}.") from error


async def _open(file: Path, schema: str, version: int) -> aiosqlite.Connection:
    try:
        await asyncio.to_thread(file.touch)  # aiosqlite's thread would outlive its failure, and complain
        # A cursor is thrown away here, while the thread of the database may be at work with the same
        # statement, if it is kept for the next call: SQLite then says that it is misused
        # (https://github.com/python/cpython/issues/118172).
        database = await aiosqlite.connect(file, timeout=PATIENCE, isolation_level=None, cached_statements=0)
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
    await database.execute("PRAGMA secure_delete = ON")  # what is deleted is gone from the file, too
    row = await (await database.execute("PRAGMA user_version")).fetchone()
    found = row[0] if row else 0
    if found > version:
        raise StoreError(f"{file} was written by a newer Kindred. Use that one, or move the file away.")
    if found == 0:
        await database.executescript(f"BEGIN; {schema} PRAGMA user_version = {version}; COMMIT;")
    for (said,) in await database.execute_fetchall("PRAGMA quick_check(1)"):
        if said != "ok":
            raise DamagedDatabaseError(said)
