"""Checks of the database that several processes share: what the bot keeps, and the index."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.credentials import SettingsError
from bot.finding import Finding, Mark
from bot.settings import Settings
from bot.storage.database import StoreError
from bot.storage.opening import bot_id
from engine.database import NO_PSYCOPG

if TYPE_CHECKING:
    from data.gallery import Gallery
    from engine.model.checkpoint import Checkpoint


def check_database(settings: Settings) -> Iterator[Finding]:
    """Check the shared database, if the settings name one."""
    try:
        url = settings.read_database_url()
        bot = bot_id(settings.read_token())
    except SettingsError as error:
        if settings.names_database:
            yield Finding(Mark.WRONG, "database", str(error))
        return
    if url is None:
        return
    try:
        from bot.storage.postgres.report import report
    except ImportError:
        yield Finding(Mark.WRONG, "database", NO_PSYCOPG)
        return
    try:
        yield Finding(Mark.RIGHT, "database", asyncio.run(report(url, bot)))
    except StoreError as error:
        yield Finding(Mark.WRONG, "database", str(error))


def check_shared_index(gallery: Gallery, loaded: Checkpoint, settings: Settings, images: int) -> Finding:
    """Report the index in PostgreSQL.

    Raises:
        DatabaseError: the database cannot be used.
    """
    from engine.search.indexes import vector_table

    table = vector_table(gallery, loaded, settings)
    try:
        from engine.search.postgres.report import report

        is_whole, sentence = report(table, images)
    finally:
        table.close()
    return Finding(Mark.RIGHT if is_whole else Mark.ADVICE, "index", sentence)
