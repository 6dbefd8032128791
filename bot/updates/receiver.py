"""How updates come in: stored first, then confirmed to Telegram, then answered."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from telegram import Update
from telegram.error import Conflict, EndPointNotFound, InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.settings import Settings
from bot.storage.inbox import Json
from bot.types import ALLOWED_UPDATES
from bot.updates.dispatcher import Dispatcher

logger = logging.getLogger(__name__)

MOST = 10_000  # updates that wait in memory, a few kilobytes each; more stay with Telegram
# In lower case, PTB does not know the method as its own and gives the plain reply: one strange update,
# of a kind to come, must not keep a batch of a hundred from being read.
POLL: Final = "getupdates"
POLL_SECONDS = 10  # Telegram holds a question for so long where there is nothing new
PATIENCE = 10.0  # seconds after that in which its answer may be on its way
# How PTB fails on an update that is not as Telegram's are.
MALFORMED = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError, RecursionError)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds after a poll that failed


class Receiver:
    """Takes updates in, each once."""

    def __init__(self, order: Dispatcher) -> None:
        """Take who answers updates."""
        self._order = order
        self._inbox = order.inbox

    @property
    def full(self) -> bool:
        """Whether no more can be taken in now."""
        return self._order.waiting >= MOST

    async def resume(self) -> None:
        """Take up again what was not answered before the last end of the process."""
        await self._order.recall()
        waiting = await self._inbox.waiting()
        if waiting:
            logger.info("%d updates of the last time are still to be answered", len(waiting))
        await self._put(waiting, known=True)

    async def take(self, updates: Sequence[Json]) -> None:
        """Store updates and have them answered.

        Raises:
            sqlite3.Error: they could not be stored, and must not be confirmed.
        """
        if updates:
            await self._put(await self._inbox.add(updates), known=False)

    async def _put(self, updates: Sequence[Json], *, known: bool) -> None:
        for given in updates:
            if update := self._read(given):
                self._order.put(update, known=known)
            else:
                await self._inbox.done([given["update_id"]])

    def _read(self, given: Json) -> Update | None:
        try:
            return Update.de_json(given, self._order.application.bot)
        except MALFORMED as error:
            logger.warning("Update %d cannot be read: %s", given["update_id"], type(error).__name__)
            return None


def numbered(given: object) -> bool:
    """Tell whether something is an update as far as it can be stored: it has a number, within SQLite's."""
    number = given.get("update_id") if isinstance(given, dict) else None
    return type(number) is int and 0 <= number < 2**63


@asynccontextmanager
async def long_polling(
    intake: Receiver,
    bot: ExtBot[Any],
    _: Settings,
) -> AsyncIterator[asyncio.Future[None]]:
    """Ask for updates while the block runs.

    Gives what fails with InvalidToken if Telegram does not know the bot any more.
    """
    await bot.delete_webhook()
    polling = asyncio.create_task(_poll(intake, bot))
    try:
        yield polling
    finally:
        polling.cancel()
        await asyncio.wait([polling])


async def _poll(intake: Receiver, bot: ExtBot[Any]) -> None:
    offset, pause, told = 0, 0.0, ""
    while True:
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))
        trouble = ""
        try:
            if intake.full:
                trouble = "Too many updates wait: Telegram keeps the others meanwhile"
            else:
                updates = [update for update in await _ask(bot, offset) if numbered(update)]
                await intake.take(updates)
                offset = max([offset, *(update["update_id"] + 1 for update in updates)])
        except InvalidToken:
            raise
        except (TelegramError, sqlite3.Error) as error:
            trouble = _said(error)
        if trouble and trouble != told:
            logger.warning("%s", trouble)
        elif told and not trouble:
            logger.info("Telegram hands out updates again")
        told = trouble
        pause = min(LONGEST_PAUSE, 2 * pause or FIRST_PAUSE) if trouble else 0.0


async def _ask(bot: ExtBot[Any], offset: int) -> list[Json]:
    question = {"offset": offset, "timeout": POLL_SECONDS, "allowed_updates": list(ALLOWED_UPDATES)}
    try:
        return await bot.do_api_request(POLL, question, read_timeout=POLL_SECONDS + PATIENCE)
    except EndPointNotFound as error:  # so PTB takes Telegram's answer to a token it knows no more
        raise InvalidToken from error


def _said(error: TelegramError | sqlite3.Error) -> str:
    """Say in one line what keeps updates away."""
    if isinstance(error, Conflict):
        return f"Another program uses this bot's token; only one may ask for updates. Telegram says: {error}"
    if isinstance(error, sqlite3.Error):
        return f"Updates cannot be stored, and stay with Telegram meanwhile: {error}"
    return f"Telegram does not hand out updates: {type(error).__name__}"
