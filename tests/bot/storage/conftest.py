"""Both databases: the tests of store and inbox run on each, with the same expectations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import pytest
import pytest_asyncio

from bot.storage.inbox import Inbox
from bot.storage.store import SQLiteStore, SQLStore
from tests.postgres import SharedDatabase


class Database(Protocol):
    """Where a bot keeps what it keeps; what is opened twice is the same."""

    def store(self) -> AbstractAsyncContextManager[SQLStore]: ...

    def inbox(self) -> AbstractAsyncContextManager[Inbox]: ...


class Files:
    """The two files of SQLite."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def store(self) -> AbstractAsyncContextManager[SQLStore]:
        return SQLiteStore.open(self._folder / "bot.sqlite3")

    def inbox(self) -> AbstractAsyncContextManager[Inbox]:
        return Inbox.open(self._folder / "inbox.sqlite3")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == "sqlite":
        return Files(tmp_path)
    return SharedDatabase(request.getfixturevalue("postgres_url"))


@pytest_asyncio.fixture(loop_scope="session")
async def store(database: Database) -> AsyncIterator[SQLStore]:
    async with database.store() as store:
        yield store


@pytest_asyncio.fixture(loop_scope="session")
async def inbox(database: Database) -> AsyncIterator[Inbox]:
    async with database.inbox() as inbox:
        yield inbox
