"""The messages that all processes of a bot have just sent, or are about to send, for Telegram's limits."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg import AsyncConnection

from bot.storage.postgres.connections import Connections, Row, run
from bot.storage.postgres.front import LONGEST_LIMIT, Front

# One process at a time looks and enters, so that no two see the same room.
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema(), 0))"
SENT: Final = "SELECT messages, extract(epoch FROM clock_timestamp() - arrived_at)::float8 FROM sends"
TO_CHAT: Final = f"""
    {SENT} WHERE chat = %s
        AND (arrived_at IS NULL OR arrived_at > clock_timestamp() - interval '{LONGEST_LIMIT:.0f} s')
"""
ENTER: Final = """
    INSERT INTO sends (front, number, chat, messages) SELECT id, %s, %s, %s FROM fronts WHERE id = %s
    ON CONFLICT (front, number) DO UPDATE SET messages = excluded.messages RETURNING 1
"""
# One row at least, if the front has not been removed; and it is not, while what it asks for is sent.
AHEAD: Final = f"""
    WITH me AS (UPDATE fronts SET alive_at = clock_timestamp() WHERE id = %s RETURNING id)
    SELECT before.* FROM me LEFT JOIN (
        {SENT} WHERE place < (SELECT place FROM sends WHERE front = %s AND number = %s)
            AND (arrived_at IS NULL OR arrived_at > clock_timestamp() - interval '1 s')
    ) AS before ON true
"""  # noqa: S608
ARRIVED: Final = "UPDATE sends SET arrived_at = clock_timestamp() WHERE front = %s AND number = %s"


@dataclass(frozen=True, slots=True)
class Sent:
    """The messages of one request.

    Attributes:
        messages: How many they are.
        seconds_ago: When they arrived; None while they are in flight, or wait for the overall limit.
    """

    messages: int
    seconds_ago: float | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A request in the log."""

    front: int
    number: int


Delay = Callable[[Sequence[Sent]], float]  # seconds until more fits beside these


class SendLog:
    """The log, in PostgreSQL; a request's place in it is its place in the line for the overall limit."""

    def __init__(self, connections: Connections, front: Front) -> None:
        """Take the connections, and the front that this process is."""
        self._connections = connections
        self._front = front
        self._numbers = itertools.count(1)

    async def enter(self, chat: str, messages: int, delay: Delay) -> Entry | float:
        """Enter a request if the chat's limits allow.

        Args:
            chat: Where the messages go.
            messages: How many they are.
            delay: Returns the seconds until they fit beside what the chat got in the last minute.

        Returns:
            The entry, or the seconds to wait before another try.
        """
        entry = Entry(self._front.id, next(self._numbers))

        async def look_and_enter(connection: AsyncConnection[Row]) -> Entry | float | None:
            async with connection.transaction():
                await run(connection, LOCK)
                seconds = delay([Sent(*row) for row in await run(connection, TO_CHAT, (chat,))])
                if seconds > 0:
                    return seconds
                values = (entry.number, chat, messages, entry.front)
                return entry if await run(connection, ENTER, values) else None

        try:
            entered = await self._connections.attempt(look_and_enter)
        except asyncio.CancelledError:
            await self.arrived(entry)  # it may have been entered
            raise
        return await self._front.wait_for_end() if entered is None else entered

    async def ahead(self, entry: Entry) -> list[Sent]:
        """Return the requests to all chats that were entered before this one and still count."""
        rows = await self._connections.fetch(AHEAD, (entry.front, entry.front, entry.number))
        if not rows:
            await self._front.wait_for_end()
        return [Sent(*row) for row in rows if row[0] is not None]

    async def arrived(self, entry: Entry) -> None:
        """Record that a request is over."""
        await self._connections.fetch(ARRIVED, (entry.front, entry.number))
