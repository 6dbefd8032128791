"""Inbox: updates that are not answered yet, on disk, so that neither a crash nor a power cut loses one.

An update is confirmed to Telegram only once it is stored here. Its content is deleted as soon as it is
answered; its id is kept for two days, so that an update delivered twice is answered once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Self

from bot.storage.database import EMPTY_THE_WAL, Database, connect
from handlers.store import StoreUnavailableError

logger = logging.getLogger(__name__)

VERSION = 1
# updates.said: the update as JSON, NULL once answered; updates.came: when it was stored; effects: Telegram's
# replies to messages sent for updates that are not answered yet.
SCHEMA = """
    CREATE TABLE updates (
        id INTEGER PRIMARY KEY, said TEXT, tries INTEGER NOT NULL DEFAULT 0, came INTEGER NOT NULL
    );
    CREATE INDEX waiting ON updates (id) WHERE said IS NOT NULL;
    CREATE TABLE effects (
        number INTEGER PRIMARY KEY, id INTEGER NOT NULL, method TEXT NOT NULL, reply TEXT NOT NULL
    );
    CREATE INDEX effects_of ON effects (id);
    CREATE TRIGGER answered AFTER UPDATE OF said ON updates WHEN new.said IS NULL
        BEGIN DELETE FROM effects WHERE id = new.id; END;
"""
# Added without a new version: an older Kindred ignores the table.
SENT_TABLE = (
    "CREATE TABLE IF NOT EXISTS sent (chat INTEGER NOT NULL, messages INTEGER NOT NULL, at REAL NOT NULL)"
)
LONGEST_LIMIT = 60  # seconds: no rate limit looks further back
ID_RETENTION = 48 * 3600  # seconds: Telegram delivers an update again for 24 hours at most
MAX_REPLIES = 1_000  # in one statement, of which SQLite bounds the values

Json = dict[str, Any]
Reply = bool | Json | list[Json]
Delay = Callable[[], float]


class LeaseLostError(Exception):
    """This process was silent for so long that others have taken over what it was to answer."""


class Inbox:
    """Updates that are not answered yet, and the messages already sent for them.

    This one belongs to one process, which answers all that it holds.
    `bot.storage.postgres.shared_inbox.SharedInbox` is shared by several.
    """

    def __init__(self, database: Database) -> None:
        """Take an open database; see `open`."""
        self._database = database
        self._unmarked: set[int] = set()  # answered, and still in the file: it could not be written
        self._unrecorded: list[tuple[int, str, str]] = []  # replies that could not be written, oldest first
        self._recording = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls, file: Path) -> AsyncIterator[Self]:
        """Open the file, creating it if it does not exist.

        Raises:
            StoreError: The file belongs to a newer Kindred, or cannot be written.
        """
        database = await connect(file, {VERSION: SCHEMA})
        # What is committed survives a killed process anyway. It survives a power cut only if it is flushed
        # to the disk, too, and Telegram does not deliver again what was confirmed.
        await database.execute("PRAGMA synchronous = FULL")
        try:
            await database.execute(SENT_TABLE)
            yield cls(database)
        finally:
            await database.close()

    @property
    def may_poll(self) -> bool:
        """Return whether it is this process that asks Telegram for updates."""
        return True

    async def add(self, updates: Sequence[Json]) -> list[Json]:
        """Store updates in one transaction, and return those that are new and this process's to answer.

        Raises:
            StoreUnavailableError: They could not be stored, and must not be confirmed.
        """
        rows = [(update["update_id"], json.dumps(update), int(time.time())) for update in updates]
        placeholders = ", ".join(["(?, ?, ?)"] * len(rows))
        try:
            added = await self._database.execute_fetchall(
                f"INSERT INTO updates (id, said, came) VALUES {placeholders}"  # noqa: S608
                " ON CONFLICT (id) DO NOTHING RETURNING id",
                [value for row in rows for value in row],
            )
        except sqlite3.Error as error:
            raise StoreUnavailableError(str(error)) from error
        new = {update_id for (update_id,) in added}
        return [update for update in updates if update["update_id"] in new]

    async def held(self) -> list[Json]:
        """Return the updates that an earlier process left to this one, oldest first."""
        return await self.waiting()

    async def assigned(self, delay: Delay) -> AsyncIterator[tuple[list[Json], bool]]:
        """Yield what this process is to answer besides: of a database of its own, nothing.

        Args:
            delay: Returns the seconds for which a chat waits for another process before this one takes it.

        Yields:
            Updates in order, and whether another process may have begun with some of them.

        Raises:
            LeaseLostError: Other processes have taken over what this one holds.
        """
        return
        yield

    async def retire(self) -> None:
        """Let other processes have what this one does not answer; it is about to end."""

    async def waiting(self) -> list[Json]:
        """Return the updates that are not answered yet, oldest first."""
        rows = await self._database.execute_fetchall(
            "SELECT said FROM updates WHERE said IS NOT NULL ORDER BY id"
        )
        return [update for (stored,) in rows if (update := parse_stored(stored))]

    async def start_attempt(self, update_id: int) -> int:
        """Record an attempt at an update, and return how many were made before."""
        with logging_errors():
            return next((int(before) for (before,) in await self._count_attempt(update_id)), 0)
        return 0

    async def _count_attempt(self, update_id: int) -> Iterable[Any]:
        is_mine, values = self._mine()
        return await self._database.execute_fetchall(
            f"UPDATE updates SET tries = tries + 1 WHERE id = ? AND {is_mine} RETURNING tries - 1",  # noqa: S608
            (update_id, *values),
        )

    def _mine(self) -> tuple[str, Sequence[int]]:
        """Return a condition that this process answers a row of `updates`, and the condition's parameters."""
        return "true", ()

    async def clear_suspicion(self, update_id: int) -> None:
        """Record that an update got as far as an answer: it does not crash the process."""
        with logging_errors():
            await self._database.execute_fetchall("UPDATE updates SET tries = 1 WHERE id = ?", (update_id,))

    async def crash_suspects(self) -> frozenset[int]:
        """Return the ids of updates with several attempts and no answer: they may crash the process."""
        with logging_errors():
            rows = await self._database.execute_fetchall(
                "SELECT id FROM updates WHERE said IS NOT NULL AND tries > 1"
            )
            return frozenset(update_id for (update_id,) in rows)
        return frozenset()

    async def record_sending(self, chat: int | str, messages: int) -> None:
        """Record messages that are about to be sent to a chat whose rate limit outlasts a restart."""
        now = time.time()
        with logging_errors():
            await self._database.execute_fetchall("DELETE FROM sent WHERE at < ?", (now - LONGEST_LIMIT,))
            await self._database.execute_fetchall("INSERT INTO sent VALUES (?, ?, ?)", (chat, messages, now))

    async def recent_sends(self) -> list[tuple[int | str, int, float]]:
        """Return what was recorded in the last minute: chat, number of messages, age in seconds."""
        now = time.time()
        with logging_errors():
            rows = await self._database.execute_fetchall(
                "SELECT chat, messages, ? - at FROM sent WHERE at > ?", (now, now - LONGEST_LIMIT)
            )
            return [(row[0], row[1], max(row[2], 0.0)) for row in rows]
        return []

    async def recently_active(self) -> bool:
        """Return whether an update waits or came in the last minute: an answer may just have been sent."""
        with logging_errors():
            rows = await self._database.execute_fetchall(
                "SELECT 1 FROM updates WHERE said IS NOT NULL OR came > ? LIMIT 1",
                (time.time() - LONGEST_LIMIT,),
            )
            return bool([*rows])
        return True

    async def record_reply(self, update_id: int, method: str, reply: Reply) -> None:
        """Record Telegram's reply to a message that was sent for an update.

        Replies are recorded in their order, which tells them apart. One that cannot be written is written
        before the next one, or by `record_the_rest`.
        """
        self._unrecorded.append((update_id, method, json.dumps(reply)))
        await self._record_replies()

    async def _record_replies(self) -> None:
        # An answer that is cancelled meanwhile leaves no doubt whether its reply is recorded.
        await asyncio.shield(self._record_oldest_replies())

    async def _record_oldest_replies(self) -> None:
        async with self._recording:
            replies = self._unrecorded[:MAX_REPLIES]
            if not replies:
                return
            placeholders = ", ".join(["(?, ?, ?, ?)"] * len(replies))
            is_mine, values = self._mine()
            with logging_errors():
                await self._database.execute_fetchall(
                    f"WITH told (number, id, method, reply) AS (VALUES {placeholders})"  # noqa: S608
                    " INSERT INTO effects (id, method, reply)"
                    " SELECT told.id, told.method, told.reply FROM told JOIN updates ON updates.id = told.id"
                    f" WHERE updates.said IS NOT NULL AND {is_mine} ORDER BY told.number"
                    " ON CONFLICT DO NOTHING",
                    [*(value for number, reply in enumerate(replies) for value in (number, *reply)), *values],
                )
                del self._unrecorded[: len(replies)]

    async def recorded_replies(self, update_id: int) -> list[tuple[str, Reply]]:
        """Return the method and the reply of each message sent for an update, in order."""
        with logging_errors():
            rows = await self._database.execute_fetchall(
                "SELECT method, reply FROM effects WHERE id = ? ORDER BY number", (update_id,)
            )
            return [(row[0], json.loads(row[1])) for row in rows]
        return []

    async def mark_answered(self, update_ids: Sequence[int]) -> None:
        """Record that updates are answered, all or none of them, and delete their content.

        Those that an earlier call could not record are recorded, too.
        """
        self._unmarked.update(update_ids)
        answered = [*self._unmarked]
        placeholders = ", ".join("?" * len(answered))
        with logging_errors():
            await self._database.execute_fetchall(
                f"UPDATE updates SET said = NULL WHERE id IN ({placeholders})",  # noqa: S608
                answered,
            )
            self._unmarked.difference_update(answered)
            unanswered = "SELECT 1 FROM updates WHERE said IS NOT NULL LIMIT 1"
            if not list(await self._database.execute_fetchall(unanswered)):
                await self._empty_the_wal()

    async def record_the_rest(self) -> None:
        """Record what `record_reply` and `mark_answered` could not record, if there is anything."""
        await self._record_replies()
        if self._unmarked:
            await self.mark_answered([])

    async def prune(self) -> None:
        """Drop the ids of updates that Telegram no longer delivers."""
        with logging_errors():
            horizon = int(time.time()) - ID_RETENTION
            await self._database.execute_fetchall(
                "DELETE FROM updates WHERE said IS NULL AND came < ?", (horizon,)
            )
            await self._empty_the_wal()

    async def _empty_the_wal(self) -> None:
        """Remove deleted content from the write-ahead log, too."""
        await self._database.execute_fetchall(EMPTY_THE_WAL)


def parse_stored(stored: str) -> Json | None:
    """Return a stored update, or None if a damaged file holds something else."""
    try:
        update = json.loads(stored)
    except ValueError:
        update = None
    if isinstance(update, dict) and type(update.get("update_id")) is int:
        return update
    logger.error("A stored update cannot be read and is given up")
    return None


@contextmanager
def logging_errors() -> Iterator[None]:
    """Log a failed write and go on: an answer may then be repeated, which is better than none."""
    try:
        yield
    except (sqlite3.Error, StoreUnavailableError) as error:
        logger.error("The inbox cannot be written, and answers may be repeated after a restart: %s", error)
