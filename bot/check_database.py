"""Checks of the database that several processes share."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from bot.credentials import SettingsError
from bot.finding import Finding, Mark
from bot.settings import Settings
from bot.storage.database import StoreError
from bot.storage.opening import bot_id
from engine.database import NO_PSYCOPG


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
