"""An inbox that several processes share: each update is answered by one of them, and a chat's in order.

A chat belongs to one front while something of it waits, and a little longer. Whichever front has room takes
the chats that belong to none, and then gets every update of theirs, whichever process received it.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from bot.storage.inbox import Delay, Inbox, Json, LeaseLostError, logging_errors, parse_stored
from bot.storage.postgres.connections import Connections, ServerAwayError
from bot.storage.postgres.database import PostgresDatabase
from bot.storage.postgres.front import Front
from handlers.store import StoreUnavailableError

MINE: Final = "EXISTS (SELECT FROM chats WHERE chats.chat = updates.chat AND front = ?)"
ADD: Final = """
    WITH added AS (
        INSERT INTO updates (id, chat, said, came)
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[])
        ON CONFLICT (id) DO NOTHING RETURNING id, chat
    ), active AS (
        INSERT INTO chats (chat) SELECT DISTINCT chat FROM added ORDER BY chat
        ON CONFLICT (chat) DO UPDATE SET active_at = clock_timestamp()
    )
    SELECT pg_notify(%s, '') FROM added
"""
TAKE_CHAT: Final = """
    UPDATE chats SET front = %s WHERE chat = (
        SELECT chat FROM chats WHERE front IS NULL AND active_at <= clock_timestamp() - %s * interval '1 s'
            AND EXISTS (SELECT FROM updates WHERE updates.chat = chats.chat AND said IS NOT NULL)
        ORDER BY active_at LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING chat
"""
ASSIGNED: Final = """
    SELECT updates.id, said, tries FROM updates JOIN chats USING (chat)
    WHERE front = %s AND said IS NOT NULL AND id <> ALL (%s::bigint[]) ORDER BY id
"""
MARK_ANSWERED: Final = """
    WITH mine AS (
        UPDATE chats SET active_at = clock_timestamp()
        WHERE front = %s AND chat IN (SELECT chat FROM updates WHERE id = ANY (%s)) RETURNING chat
    ), answered AS (
        UPDATE updates SET said = NULL, chat = NULL
        WHERE id = ANY (%s) AND chat IN (SELECT chat FROM mine) RETURNING id
    )
    DELETE FROM effects WHERE id IN (SELECT id FROM answered)
"""


class SharedInbox(Inbox):
    """The inbox of one front among several."""

    def __init__(self, connections: Connections, front: Front) -> None:
        """Take the connections, and the front that this process is."""
        super().__init__(PostgresDatabase(connections))
        self._connections = connections
        self._front = front
        self._held: set[int] = set()  # updates that this process is answering

    @property
    def may_poll(self) -> bool:
        """Return whether this front asks Telegram for updates: one of them does."""
        return self._front.is_oldest

    async def add(self, updates: Sequence[Json]) -> list[Json]:
        """Store updates; the front that takes their chat gets them from `assigned`."""
        now = int(time.time())
        rows = [(update["update_id"], chat_of(update), json.dumps(update), now) for update in updates]
        columns = [list(column) for column in zip(*sorted(rows), strict=True)]
        await self._connections.fetch(ADD, (*columns, self._connections.schema), patience=0.0)
        return []

    async def held(self) -> list[Json]:
        """Return nothing: what an earlier process left comes from `assigned`, to whichever front takes it."""
        return []

    async def assigned(self, delay: Delay) -> AsyncIterator[tuple[list[Json], bool]]:
        """Yield the updates of the chats that this front takes, as they come."""
        self._held.clear()
        self._unrecorded.clear()  # others may have sent the same again
        await self._front.join()
        number = self._front.id
        while True:
            self._front.work.clear()
            has_taken = await self._take_chat(number, delay())
            rows = await self._connections.fetch(ASSIGNED, (number, [*self._held]))
            if number != self._front.id:
                raise LeaseLostError
            if rows:
                self._held.update(row[0] for row in rows)
                updates = [update for row in rows if (update := parse_stored(row[1]))]
                yield updates, any(row[2] for row in rows)
            if not has_taken:
                await self._front.work.wait()

    async def retire(self) -> None:
        """Let other processes have what this one does not answer; it is about to end."""
        await self._front.retire()

    async def _take_chat(self, number: int, delay: float) -> bool:
        if math.isinf(delay):
            return False
        try:
            return bool(await self._connections.fetch(TAKE_CHAT, (number, delay)))
        except ServerAwayError:
            raise
        except StoreUnavailableError:  # this front has just been removed
            return False

    async def start_attempt(self, update_id: int) -> int:
        """Record an attempt at an update, and return how many were made before."""
        rows = [*await self._count_attempt(update_id)]
        if not rows:
            await self._front.wait_for_end()
        return int(rows[0][0])

    def _mine(self) -> tuple[str, Sequence[int]]:
        return MINE, (self._front.id,)

    async def mark_answered(self, update_ids: Sequence[int]) -> None:
        """Record that updates are answered, unless others have taken them over, and delete their content."""
        with logging_errors():
            ids = [*update_ids]
            await self._connections.fetch(MARK_ANSWERED, (self._front.id, ids, ids))
        self._held.difference_update(update_ids)
        self._front.work.set()

    async def record_sending(self, chat: int | str, messages: int) -> None:
        """Do nothing: `SendLog` records every message."""

    async def recent_sends(self) -> list[tuple[int | str, int, float]]:
        """Return nothing: `SendLog` knows."""
        return []

    async def recently_active(self) -> bool:
        """Return False: `SendLog` knows what may just have been sent."""
        return False


def chat_of(update: Json) -> int:
    """Return the id of the chat that an update belongs to, or of the person; 0 if it names neither.

    A press belongs to the chat of its button, so that one front knows what the others of that chat did.
    """
    for part in update.values():
        if isinstance(part, Mapping):
            for source in (part.get("message"), part):
                if isinstance(source, Mapping) and (chat := _id(source.get("chat"))):
                    return chat
            return _id(part.get("from"))
    return 0


def _id(value: object) -> int:
    number = value.get("id") if isinstance(value, Mapping) else None
    return number if type(number) is int and abs(number) < 2**63 else 0
