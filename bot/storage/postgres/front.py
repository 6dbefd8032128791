"""A front: one of the processes that answer for one bot, and what it does so that others can rely on it.

It says once a second that it is alive. One that has not for `LEASE` seconds is removed by the others, which
then answer what it held. It may live on, and finds out: every statement that matters names its number.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, NoReturn

import psycopg
from psycopg import AsyncConnection, sql

from bot.storage.postgres.connections import AWAY, RETRY_INTERVAL, Connections, Row, run
from handlers.store import StoreUnavailableError

BEAT_INTERVAL = 1.0  # seconds
LEASE = 5.0  # seconds without a sign of life after which a front's chats are free
LINGER = 10.0  # seconds a quiet chat stays with its front, which knows its last answers
GOODBYE_TIMEOUT: Final = 2.0  # seconds for each statement of a front that ends
LONGEST_LIMIT: Final = 60.0  # seconds: no rate limit looks further back
LONGEST_REQUEST: Final = 300.0  # seconds: more than all timeouts of one request together
NOBODY: Final = 0  # the number of a process that answers nothing

BEAT: Final = "UPDATE fronts SET alive_at = clock_timestamp() WHERE id = %s RETURNING id"
# What a dead front was sending has arrived by now, or never will.
REMOVE: Final = """
    WITH removed AS (
        DELETE FROM fronts WHERE id = %s OR alive_at < clock_timestamp() - %s * interval '1 s' RETURNING id
    )
    UPDATE sends SET arrived_at = clock_timestamp()
    WHERE arrived_at IS NULL AND front IN (SELECT id FROM removed)
"""
TIDY_CHATS: Final = """
    DELETE FROM chats WHERE (front = %s OR front IS NULL)
        AND active_at < clock_timestamp() - %s * interval '1 s'
        AND NOT EXISTS (SELECT FROM updates WHERE updates.chat = chats.chat AND said IS NOT NULL)
"""
TIDY_SENDS: Final = """
    DELETE FROM sends WHERE arrived_at < clock_timestamp() - %s * interval '1 s'
        OR entered_at < clock_timestamp() - %s * interval '1 s'
"""
OLDEST: Final = "SELECT min(id) FROM fronts WHERE NOT retired"
RETIRE: Final = "UPDATE fronts SET retired = true WHERE id = %s"
LISTEN: Final = sql.SQL("LISTEN {}")
NOTIFY: Final = "SELECT pg_notify(%s, '')"


class Front:
    """This process among the fronts.

    Attributes:
        id: Its number; `NOBODY` before it joins, and once the others have removed it.
        is_oldest: Whether it has been there longest: that one asks Telegram for updates.
        work: Set when there may be something new to answer, or the front is removed.
    """

    def __init__(self, connections: Connections) -> None:
        """Begin as none; see `join`."""
        self._connections = connections
        self.id = NOBODY
        self.is_oldest = False
        self.work = asyncio.Event()
        self._is_retired = False
        self._regular_since = -math.inf

    async def join(self) -> None:
        """Become a front, if this process is none."""
        if self.id != NOBODY:
            return
        ((number,),) = await self._connections.fetch("INSERT INTO fronts DEFAULT VALUES RETURNING id")
        ((oldest,),) = await self._connections.fetch(OLDEST)
        self.id, self.is_oldest = number, oldest == number
        self._regular_since = time.monotonic()

    async def retire(self) -> None:
        """Let another front ask Telegram, and have the chats that are quiet: this one is about to end."""
        self._is_retired, self.is_oldest = True, False
        await self._try(RETIRE, self.id)
        await self._try(TIDY_CHATS, self.id, 0.0)

    async def _leave(self) -> None:
        """Free what this front holds, for the others to answer at once."""
        if self.id != NOBODY:
            await self._try(REMOVE, self.id, LEASE)
            await self._try(TIDY_CHATS, self.id, 0.0)
            await self._try(NOTIFY, self._connections.schema)

    async def _try(self, statement: str, *parameters: object) -> None:
        with suppress(StoreUnavailableError, TimeoutError):  # the others remove it when its lease is over
            async with asyncio.timeout(GOODBYE_TIMEOUT):
                await self._connections.fetch(statement, parameters, patience=0.0)

    @staticmethod
    async def wait_for_end() -> NoReturn:
        """Wait for ever, in an answer of a front that is removed: it is about to be cancelled."""
        await asyncio.Event().wait()
        raise AssertionError

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Keep this front alive, once it has joined, while the block runs; then leave."""
        beating = asyncio.create_task(self._keep_beating())
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.wait([beating])
            await self._leave()

    async def _keep_beating(self) -> None:
        while True:
            try:
                async with await self._connections.connect() as connection:
                    await connection.execute(LISTEN.format(sql.Identifier(self._connections.schema)))
                    self._connections.report_back()
                    while True:
                        await self._beat(connection)
                        async for _ in connection.notifies(timeout=BEAT_INTERVAL):
                            self.work.set()
                        self.work.set()
            except (*AWAY, psycopg.Error) as error:
                self._connections.report(error)
                self._regular_since = math.inf
                await asyncio.sleep(RETRY_INTERVAL)

    async def _beat(self, connection: AsyncConnection[Row]) -> None:
        """Say that this front is alive, and remove those that do not."""
        if self.id == NOBODY:
            return
        async with asyncio.timeout(LEASE):
            if not await run(connection, BEAT, (self.id,)):
                self.id, self.is_oldest = NOBODY, False
                self.work.set()
                return
            await run(connection, TIDY_CHATS, (self.id, LINGER))
            await run(connection, TIDY_SENDS, (LONGEST_LIMIT, LONGEST_REQUEST))
            # After an outage of the server, the others need a moment to say that they are alive.
            now = time.monotonic()
            self._regular_since = min(self._regular_since, now)  # infinite during an outage
            if now - self._regular_since > LEASE:
                await run(connection, REMOVE, (NOBODY, LEASE))
            ((oldest,),) = await run(connection, OLDEST)
            self.is_oldest = oldest == self.id and not self._is_retired
