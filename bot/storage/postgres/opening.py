"""Opens a bot's schema in PostgreSQL: checks the server, creates the tables, or migrates them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import AsyncConnection, sql

from bot.storage.database import StoreError
from bot.storage.postgres import schema
from bot.storage.postgres.connections import Connections, Row, run
from bot.storage.postgres.database import PostgresDatabase
from bot.storage.postgres.front import Front
from bot.storage.postgres.send_log import SendLog
from bot.storage.postgres.shared_inbox import SharedInbox
from bot.storage.store import SQLStore
from engine.database import IS_READ_ONLY, NEWER_SCHEMA, complaint_about, refusal

STORE_PATIENCE = 10.0  # seconds that a choice in /settings waits for the server, as for a locked SQLite file
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"  # processes start side by side
TABLES: Final = "SELECT count(*) FROM pg_tables WHERE schemaname = %s"


@dataclass(frozen=True, slots=True)
class SharedStorage:
    """What the processes of one bot share."""

    store: SQLStore
    inbox: SharedInbox
    send_log: SendLog


def schema_of(bot: str) -> str:
    """Return the name of the schema of a bot, by its id: a database may hold several."""
    return f"kindred_{bot}"


@asynccontextmanager
async def opened_postgres(url: str, bot: str) -> AsyncIterator[SharedStorage]:
    """Open the schema of a bot, creating it if it does not exist.

    Args:
        url: The database.
        bot: The bot's id.

    Raises:
        StoreError: It cannot be used.
    """
    async with connected(url, bot) as connections:
        await prepare(connections)
        front = Front(connections)
        store = SQLStore(PostgresDatabase(connections, STORE_PATIENCE))
        await store.purge()
        async with front.listening():
            yield SharedStorage(store, SharedInbox(connections, front), SendLog(connections, front))


@asynccontextmanager
async def connected(url: str, bot: str) -> AsyncIterator[Connections]:
    """Provide connections to the schema of a bot, and close them."""
    connections = Connections(url, schema_of(bot))
    try:
        yield connections
    finally:
        await connections.close()


async def prepare(connections: Connections) -> None:
    """Check the server, and create or migrate the schema.

    Raises:
        StoreError: The server cannot be used as it is.
    """
    async with checked_connection(connections) as connection, connection.transaction():
        await run(connection, LOCK, (connections.schema,))
        ((tables,),) = await run(connection, TABLES, (connections.schema,))
        if not tables:
            name = sql.Identifier(connections.schema)
            await connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(name))
            await connection.execute(schema.SCHEMA.encode())
        version = await schema_version(connection)
        for older in range(version, schema.VERSION):
            await connection.execute(schema.MIGRATIONS[older].encode())
            await connection.execute(b"UPDATE version SET number = %s", (older + 1,))


@asynccontextmanager
async def checked_connection(connections: Connections) -> AsyncIterator[AsyncConnection[Row]]:
    """Lend a connection to a server that can be used.

    Raises:
        StoreError: There is none, it is too old or a copy, or the user may not do what is needed.
    """
    try:
        async with connections.lent() as connection:
            await _check_server(connection)
            yield connection
    except (psycopg.Error, OSError) as error:
        raise StoreError(refusal(error)) from error


async def schema_version(connection: AsyncConnection[Row]) -> int:
    """Return the version of the schema.

    Raises:
        StoreError: It belongs to a newer Kindred.
    """
    ((version,),) = await run(connection, "SELECT number FROM version")
    if version > schema.VERSION:
        raise StoreError(NEWER_SCHEMA)
    return int(version)


async def _check_server(connection: AsyncConnection[Row]) -> None:
    ((is_read_only,),) = await run(connection, IS_READ_ONLY)
    if complaint := complaint_about(connection.info.server_version, is_read_only):
        raise StoreError(complaint)
