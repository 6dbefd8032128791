"""What `python -m bot check` says about the database."""

from __future__ import annotations

from typing import Final

from bot.storage.postgres import schema
from bot.storage.postgres.connections import run
from bot.storage.postgres.front import LEASE
from bot.storage.postgres.opening import TABLES, checked_connection, connected, schema_version

FRONTS: Final = "SELECT count(*) FROM fronts WHERE alive_at > clock_timestamp() - %s * interval '1 s'"
WAITING: Final = "SELECT count(*) FROM updates WHERE said IS NOT NULL"


async def report(url: str, bot: str) -> str:
    """Return a sentence about a bot's schema; nothing is created or migrated.

    Raises:
        StoreError: The database cannot be used.
    """
    async with connected(url, bot) as connections, checked_connection(connections) as connection:
        ((server,),) = await run(connection, "SHOW server_version")
        reached = f"PostgreSQL {server.split()[0]} is reached"
        ((tables,),) = await run(connection, TABLES, (connections.schema,))
        if not tables:
            return f"{reached}; the bot creates the schema {connections.schema} when it starts."
        if await schema_version(connection) < schema.VERSION:
            return f"{reached}; the bot brings its schema up to date when it starts."
        ((fronts,),) = await run(connection, FRONTS, (LEASE,))
        ((waiting,),) = await run(connection, WAITING)
        return f"{reached}; {fronts} of the bot's processes use it, and {waiting} updates wait."
