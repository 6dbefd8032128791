"""Opens what a bot keeps, where the settings say: in files of KINDRED_HOME, or in PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.settings import Settings
from bot.storage.database import StoreError
from bot.storage.inbox import Inbox
from bot.storage.store import SQLiteStore, SQLStore
from engine.database import NO_PSYCOPG
from engine.gallery import cache_dir

if TYPE_CHECKING:
    from bot.storage.postgres.send_log import SendLog


@dataclass(frozen=True, slots=True)
class Storage:
    """What a bot keeps.

    Attributes:
        send_log: The log of what all processes of the bot send; None if there is one process.
    """

    store: SQLStore
    inbox: Inbox
    send_log: SendLog | None = None


@asynccontextmanager
async def opened_storage(settings: Settings, token: str) -> AsyncIterator[Storage]:
    """Open what the bot with this token keeps.

    Raises:
        SettingsError: The settings name no usable address.
        StoreError: A file or the database cannot be used.
        CacheDirError: The files' folder cannot be created.
    """
    url = settings.read_database_url()
    if url is None:
        async with opened_files(settings, token) as files:
            yield files
        return
    try:
        from bot.storage.postgres.opening import opened_postgres
    except ImportError as error:
        raise StoreError(NO_PSYCOPG) from error
    async with opened_postgres(url, bot_id(token)) as shared:
        yield Storage(shared.store, shared.inbox, shared.send_log)


@asynccontextmanager
async def opened_files(settings: Settings, token: str) -> AsyncIterator[Storage]:
    """Open both files of the bot with this token.

    Raises:
        StoreError: One of them cannot be used.
        CacheDirError: Their folder cannot be created.
    """
    async with (
        opened_store(settings, token) as store,
        Inbox.open(database_file(settings, token, "inbox")) as inbox,
    ):
        yield Storage(store, inbox)


@asynccontextmanager
async def opened_store(settings: Settings, token: str) -> AsyncIterator[SQLiteStore]:
    """Open the store of the bot with this token; each bot has a file of its own, as file ids are its own.

    Raises:
        StoreError: The file cannot be used.
        CacheDirError: Its folder cannot be created.
    """
    with cache_dir.reporting_write_errors(settings.home):
        await asyncio.to_thread(partial(settings.home.mkdir, parents=True, exist_ok=True))
    async with SQLiteStore.open(database_file(settings, token, "bot")) as store:
        yield store


def database_file(settings: Settings, token: str, kind: str) -> Path:
    """Return the file of a bot's database."""
    return settings.home / f"{kind}-{bot_id(token)}.sqlite3"


def bot_id(token: str) -> str:
    """Return the bot's id, with which its token begins."""
    return token.partition(":")[0]
