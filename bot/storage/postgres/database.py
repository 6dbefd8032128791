"""PostgreSQL as a `Database`: the one place where its dialect differs from SQLite's."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from typing import Any

from bot.storage.postgres.connections import Connections, Row


class PostgresDatabase:
    """A `Database` that waits for its server while that is away."""

    def __init__(self, connections: Connections, patience: float = math.inf) -> None:
        """Take the connections, and the seconds that a statement waits for the server."""
        self._connections = connections
        self._patience = patience

    async def execute_fetchall(self, sql: str, parameters: Iterable[Any] | None = None) -> list[Row]:
        """Execute a statement, and return its rows."""
        if not (statement := translate(sql)):
            return []
        return await self._connections.fetch(statement, adapt(parameters or ()), self._patience)

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> None:
        """Execute a statement once for each sequence of parameters."""
        for one in parameters:
            await self.execute_fetchall(sql, one)


@cache
def translate(sql: str) -> str:
    """Return a statement in PostgreSQL's dialect; nothing for SQLite's housekeeping."""
    return "" if sql.startswith("PRAGMA") else sql.replace("?", "%s")


def adapt(parameters: Iterable[Any]) -> list[Any]:
    """Return parameters as SQLite stores them: true is 1."""
    return [int(value) if isinstance(value, bool) else value for value in parameters]
