"""Receiver of updates: each is stored first, then confirmed to Telegram, then dispatched."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from telegram.error import Conflict, EndPointNotFound, InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.settings import Settings
from bot.storage.inbox import Json
from bot.types import ALLOWED_UPDATES
from bot.updates.dispatcher import Dispatcher
from bot.updates.parsing import parse_update

logger = logging.getLogger(__name__)

MAX_WAITING = 10_000  # updates held in memory, a few kilobytes each; further ones stay with Telegram
# In lower case, PTB does not recognise its own method and returns the raw reply: one malformed update, or
# one of a future kind, must not make a batch of a hundred unreadable.
GET_UPDATES: Final = "getupdates"
POLL_TIMEOUT = 10  # seconds for which Telegram holds a request while there is no update
READ_MARGIN = 10.0  # seconds beyond that for the reply to arrive
FIRST_BACKOFF, MAX_BACKOFF = 0.5, 30.0  # seconds after a poll that failed


class Receiver:
    """Stores updates and hands each to the dispatcher once."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        """Take the dispatcher; its inbox stores the updates."""
        self._dispatcher = dispatcher
        self._inbox = dispatcher.inbox

    @property
    def full(self) -> bool:
        """Return whether no more updates fit."""
        return self._dispatcher.waiting >= MAX_WAITING

    async def resume(self) -> None:
        """Dispatch the updates that the previous process left unanswered."""
        await self._dispatcher.restore()
        waiting = await self._inbox.waiting()
        if waiting:
            logger.info("%d updates of the last time are still to be answered", len(waiting))
        await self._dispatch(waiting, restored=True)

    async def receive(self, updates: Sequence[Json]) -> None:
        """Store updates and dispatch them.

        Raises:
            sqlite3.Error: They could not be stored, and must not be confirmed.
        """
        if updates:
            await self._dispatch(await self._inbox.add(updates), restored=False)

    async def _dispatch(self, updates: Sequence[Json], *, restored: bool) -> None:
        for raw in updates:
            if update := parse_update(raw, self._dispatcher.application.bot):
                self._dispatcher.put(update, restored=restored)
            else:
                await self._inbox.mark_answered([raw["update_id"]])


def has_valid_id(raw: object) -> bool:
    """Return whether an object is an update that can be stored: its id has to fit SQLite's integers."""
    update_id = raw.get("update_id") if isinstance(raw, dict) else None
    return type(update_id) is int and 0 <= update_id < 2**63


@asynccontextmanager
async def long_polling(
    receiver: Receiver,
    bot: ExtBot[Any],
    _: Settings,
) -> AsyncIterator[asyncio.Future[None]]:
    """Poll for updates while the block runs.

    Yields:
        A future that fails with InvalidToken once Telegram no longer knows the bot.
    """
    await bot.delete_webhook()
    polling = asyncio.create_task(_poll(receiver, bot))
    try:
        yield polling
    finally:
        polling.cancel()
        await asyncio.wait([polling])


async def _poll(receiver: Receiver, bot: ExtBot[Any]) -> None:
    offset, backoff, last_problem = 0, 0.0, ""
    while True:
        await asyncio.sleep(backoff * random.uniform(0.5, 1.0))
        problem = ""
        try:
            if receiver.full:
                problem = "Too many updates wait: Telegram keeps the others meanwhile"
            else:
                updates = [update for update in await _get_updates(bot, offset) if has_valid_id(update)]
                await receiver.receive(updates)
                offset = max([offset, *(update["update_id"] + 1 for update in updates)])
        except InvalidToken:
            raise
        except (TelegramError, sqlite3.Error) as error:
            problem = _describe(error)
        if problem and problem != last_problem:
            logger.warning("%s", problem)
        elif last_problem and not problem:
            logger.info("Telegram hands out updates again")
        last_problem = problem
        backoff = min(MAX_BACKOFF, 2 * backoff or FIRST_BACKOFF) if problem else 0.0


async def _get_updates(bot: ExtBot[Any], offset: int) -> list[Json]:
    parameters = {"offset": offset, "timeout": POLL_TIMEOUT, "allowed_updates": list(ALLOWED_UPDATES)}
    try:
        return await bot.do_api_request(GET_UPDATES, parameters, read_timeout=POLL_TIMEOUT + READ_MARGIN)
    except EndPointNotFound as error:  # PTB's reading of Telegram's reply to a revoked token
        raise InvalidToken from error


def _describe(error: TelegramError | sqlite3.Error) -> str:
    """Return one line that says why no updates come."""
    if isinstance(error, Conflict):
        return f"Another program uses this bot's token; only one may ask for updates. Telegram says: {error}"
    if isinstance(error, sqlite3.Error):
        return f"Updates cannot be stored, and stay with Telegram meanwhile: {error}"
    return f"Telegram does not hand out updates: {type(error).__name__}"
