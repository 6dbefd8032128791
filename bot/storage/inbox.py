"""What was asked and is not answered yet, on disk: neither a crash nor a cut of the power loses any of it.

An update is confirmed to Telegram only when it stands here. What it says is deleted as soon as it is
answered; its number stays for two days, so that an update delivered twice is answered once.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Self

import aiosqlite

from bot.storage.database import EMPTY_THE_LOG, connect

logger = logging.getLogger(__name__)

VERSION = 1
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
# Came later than the file's version: an older Kindred does not miss it.
SENT = "CREATE TABLE IF NOT EXISTS sent (chat INTEGER NOT NULL, messages INTEGER NOT NULL, at REAL NOT NULL)"
MINUTE = 60  # seconds: of what was sent longer ago, no limit knows
REMEMBERED = 48 * 3600  # seconds: Telegram delivers an update again for 24 hours at most

Json = dict[str, Any]
Reply = bool | Json | list[Json]


class Inbox:
    """Updates that wait for an answer, and what was sent already in answering them."""

    def __init__(self, database: aiosqlite.Connection) -> None:
        """Take an open database; see `open`."""
        self._database = database

    @classmethod
    @asynccontextmanager
    async def open(cls, file: Path) -> AsyncIterator[Self]:
        """Open the file, making it if there is none.

        Raises:
            StoreError: it is of a newer Kindred, or cannot be written.
        """
        database = await connect(file, SCHEMA, VERSION)
        # A killed process loses nothing that was committed. A cut of the power does, unless it was
        # flushed to the disk as well, and what was confirmed to Telegram comes from there no more.
        await database.execute("PRAGMA synchronous = FULL")
        try:
            await database.execute(SENT)
            yield cls(database)
        finally:
            await database.close()

    async def add(self, updates: Sequence[Json]) -> list[Json]:
        """Store updates, all in one go; give those that were not known yet.

        Raises:
            sqlite3.Error: they could not be stored, and must not be confirmed.
        """
        rows = [(update["update_id"], json.dumps(update), int(time.time())) for update in updates]
        values = ", ".join(["(?, ?, ?)"] * len(rows))
        added = await self._database.execute_fetchall(
            f"INSERT OR IGNORE INTO updates (id, said, came) VALUES {values} RETURNING id",  # noqa: S608 - marks
            [value for row in rows for value in row],
        )
        new = {row[0] for row in added}
        return [update for update in updates if update["update_id"] in new]

    async def waiting(self) -> list[Json]:
        """Give what is not answered yet, oldest first."""
        rows = await self._database.execute_fetchall(
            "SELECT said FROM updates WHERE said IS NOT NULL ORDER BY id"
        )
        return [update for row in rows if (update := _update(row[0]))]

    async def begin(self, update: int) -> int:
        """Note that an update is taken up; tell how often it was before."""
        with _tolerant():
            rows = await self._database.execute_fetchall(
                "UPDATE updates SET tries = tries + 1 WHERE id = ? RETURNING tries - 1", (update,)
            )
            return next((int(row[0]) for row in rows), 0)
        return 0

    async def vouch(self, update: int) -> None:
        """Note that an update has come as far as an answer: it is not what brings the process down."""
        with _tolerant():
            await self._database.execute("UPDATE updates SET tries = 1 WHERE id = ?", (update,))

    async def suspects(self) -> frozenset[int]:
        """Tell which updates were taken up so often, and brought no answer, that they may bring it down."""
        with _tolerant():
            rows = await self._database.execute_fetchall(
                "SELECT id FROM updates WHERE said IS NOT NULL AND tries > 1"
            )
            return frozenset(row[0] for row in rows)
        return frozenset()

    async def sending(self, chat: int | str, messages: int) -> None:
        """Note that messages are about to be sent to a chat whose limit outlasts a restart."""
        now = time.time()
        with _tolerant():
            await self._database.execute("DELETE FROM sent WHERE at < ?", (now - MINUTE,))
            await self._database.execute("INSERT INTO sent VALUES (?, ?, ?)", (chat, messages, now))

    async def sent(self) -> list[tuple[int | str, int, float]]:
        """Tell what was noted in the last minute: the chat, how many messages, seconds ago."""
        now = time.time()
        with _tolerant():
            rows = await self._database.execute_fetchall(
                "SELECT chat, messages, ? - at FROM sent WHERE at > ?", (now, now - MINUTE)
            )
            return [(row[0], row[1], max(row[2], 0.0)) for row in rows]
        return []

    async def stirred(self) -> bool:
        """Tell whether something waits or came in the last minute: an answer may just have been sent."""
        with _tolerant():
            rows = await self._database.execute_fetchall(
                "SELECT 1 FROM updates WHERE said IS NOT NULL OR came > ? LIMIT 1", (time.time() - MINUTE,)
            )
            return bool([*rows])
        return True

    async def note(self, update: int, method: str, reply: Reply) -> None:
        """Note what Telegram replied to something that was sent in answering an update."""
        with _tolerant():
            await self._database.execute(
                "INSERT INTO effects (id, method, reply) SELECT id, ?, ? FROM updates"
                " WHERE id = ? AND said IS NOT NULL",
                (method, json.dumps(reply), update),
            )

    async def noted(self, update: int) -> list[tuple[str, Reply]]:
        """Tell what was sent already in answering an update, by method, in its order."""
        with _tolerant():
            rows = await self._database.execute_fetchall(
                "SELECT method, reply FROM effects WHERE id = ? ORDER BY number", (update,)
            )
            return [(row[0], json.loads(row[1])) for row in rows]
        return []

    async def done(self, updates: Sequence[int]) -> None:
        """Note that updates are answered, all or none of them, and delete what they said."""
        marks = ", ".join("?" * len(updates))
        with _tolerant():
            await self._database.execute(
                f"UPDATE updates SET said = NULL WHERE id IN ({marks})",  # noqa: S608 - marks only
                updates,
            )
            left = "SELECT 1 FROM updates WHERE said IS NOT NULL LIMIT 1"
            if not list(await self._database.execute_fetchall(left)):
                await self._empty_the_log()

    async def prune(self) -> None:
        """Drop the numbers of updates that Telegram delivers no more."""
        with _tolerant():
            horizon = int(time.time()) - REMEMBERED
            await self._database.execute("DELETE FROM updates WHERE said IS NULL AND came < ?", (horizon,))
            await self._empty_the_log()

    async def _empty_the_log(self) -> None:
        """Let what was deleted be gone from the log beside the file, too."""
        await self._database.execute_fetchall(EMPTY_THE_LOG)


def _update(said: str) -> Json | None:
    """Read what was stored; a file that was damaged may hold what is none."""
    try:
        update = json.loads(said)
    except ValueError:
        update = None
    if isinstance(update, dict) and type(update.get("update_id")) is int:
        return update
    logger.error("A stored update cannot be read and is given up")
    return None


@contextmanager
def _tolerant() -> Iterator[None]:
    """Go on where something cannot be noted: then it may be done twice, which is better than never."""
    try:
        yield
    except sqlite3.Error as error:
        logger.error("The inbox cannot be written, and answers may be repeated after a restart: %s", error)
