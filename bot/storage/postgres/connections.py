"""Connections to PostgreSQL, lent one by one; of an outage the log says one line a minute."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Final, TypeVar

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.pq import TransactionStatus

from engine.database import CONNECT_OPTIONS, describe
from handlers.store import StoreUnavailableError

logger = logging.getLogger(__name__)
logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of what is reported here

MAX_CONNECTIONS: Final = 8  # of one process, besides the one that listens
QUERY_TIMEOUT = 10.0  # seconds: every statement of ours is short
RETRY_INTERVAL = 0.5  # seconds between two attempts while the server is away
REPORT_INTERVAL = 60.0  # seconds between two lines of the log
SEARCH_PATH: Final = sql.SQL("SET search_path TO {}")
AWAY: Final = (psycopg.OperationalError, psycopg.InternalError, psycopg.InterfaceError, TimeoutError, OSError)

Row = Sequence[Any]
Result = TypeVar("Result")


class ServerAwayError(StoreUnavailableError):
    """The server cannot be reached or does not work."""

    is_logged = True


class Connections:
    """Connections to one schema of a database. Safe to use from one event loop."""

    def __init__(self, url: str, schema: str) -> None:
        """Connect to nothing yet."""
        self._url, self.schema = url, schema
        self._idle: list[AsyncConnection[Row]] = []
        self._closings = 0  # a connection of before the last one is not used again
        self._slots = asyncio.Semaphore(MAX_CONNECTIONS)
        self._away = False
        self._reported_at = -math.inf

    async def connect(self) -> AsyncConnection[Row]:
        """Make a connection that commits each statement and finds the schema's tables.

        Raises:
            psycopg.Error: There is no server, or it refuses.
        """
        async with AsyncExitStack() as unless_whole:
            connection = await AsyncConnection.connect(self._url, autocommit=True, **CONNECT_OPTIONS)
            unless_whole.push_async_callback(connection.close)
            await connection.execute(SEARCH_PATH.format(sql.Identifier(self.schema)))
            unless_whole.pop_all()
        return connection

    async def close(self) -> None:
        """Close the connections that nobody uses, and the others when they come back."""
        self._closings += 1
        idle, self._idle = self._idle, []
        for connection in idle:
            with suppress(psycopg.Error, OSError):
                await connection.close()

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[AsyncConnection[Row]]:
        """Lend a connection; it is used again if it is idle and whole afterwards."""
        async with self._slots:
            closings = self._closings
            connection = self._idle.pop() if self._idle else await self.connect()
            try:
                yield connection
            finally:
                is_whole = connection.info.transaction_status == TransactionStatus.IDLE
                if is_whole and closings == self._closings:
                    self._idle.append(connection)
                else:
                    await connection.close()

    async def fetch(
        self, statement: str, parameters: Iterable[Any] = (), patience: float = math.inf
    ) -> list[Row]:
        """Execute one statement, and return its rows; see `attempt`."""
        values = [*parameters]
        return await self.attempt(lambda connection: run(connection, statement, values), patience)

    async def attempt(
        self, work: Callable[[AsyncConnection[Row]], Awaitable[Result]], patience: float = math.inf
    ) -> Result:
        """Do some work on a connection; while the server is away, try again.

        Args:
            work: It may be done twice: a connection may end when it has done its work and not said so.
            patience: Seconds after which to give up.

        Raises:
            ServerAwayError: The server is still away.
            StoreUnavailableError: It refuses the statement.
        """
        started_at, failures = time.monotonic(), 0
        while True:
            try:
                async with asyncio.timeout(QUERY_TIMEOUT), self.lent() as connection:
                    result = await work(connection)
            except AWAY as error:
                failures += 1
                await self.close()  # the server may have ended them all
                if failures > 1:  # a new connection cannot be used either
                    self.report(error)
                    if time.monotonic() - started_at >= patience:
                        raise ServerAwayError(describe(error)) from error
                    await asyncio.sleep(RETRY_INTERVAL)
            except psycopg.Error as error:
                raise StoreUnavailableError(describe(error)) from error
            else:
                self.report_back()
                return result

    def report(self, error: Exception) -> None:
        """Log that the server is away, once a minute."""
        if time.monotonic() - self._reported_at >= REPORT_INTERVAL:
            self._reported_at, self._away = time.monotonic(), True
            logger.error(
                "PostgreSQL cannot be used, and all questions wait until it can: %s", describe(error)
            )

    def report_back(self) -> None:
        """Log that the server is back, if the log says that it was away."""
        if self._away:
            self._away = False
            logger.info("PostgreSQL can be used again")


async def run(connection: AsyncConnection[Row], statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """Execute one statement on a connection, and return its rows."""
    cursor = await connection.execute(statement.encode(), parameters)
    return await cursor.fetchall() if cursor.description else []
