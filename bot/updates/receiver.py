"""Receiver of updates: each is stored first, then confirmed to Telegram, then dispatched."""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from telegram.error import Conflict, EndPointNotFound, InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.settings import Settings
from bot.storage.inbox import Json, LeaseLostError
from bot.types import ALLOWED_UPDATES
from bot.updates.dispatcher import Dispatcher
from bot.updates.parsing import parse_update
from handlers.store import StoreUnavailableError

logger = logging.getLogger(__name__)

MAX_WAITING = 10_000  # updates held in memory, a few kilobytes each; further ones stay with Telegram
# In lower case, PTB does not recognise its own method and returns the raw reply: one malformed update, or
# one of a future kind, must not make a batch of a hundred unreadable.
GET_UPDATES: Final = "getupdates"
POLL_TIMEOUT = 10  # seconds for which Telegram holds a request while there is no update
READ_MARGIN = 10.0  # seconds beyond that for the reply to arrive
FIRST_BACKOFF, MAX_BACKOFF = 0.5, 30.0  # seconds after a poll that failed
CROWDED_DELAY = 1.0  # seconds that a chat waits for a process with free slots, if this one has none
TURN_INTERVAL = 0.5  # seconds between two looks whether another process still polls


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

    @property
    def may_poll(self) -> bool:
        """Return whether this process is to ask Telegram for updates."""
        return self._inbox.may_poll

    async def resume(self) -> None:
        """Dispatch the updates that the previous process left unanswered."""
        await self._dispatcher.restore()
        waiting = await self._inbox.held()
        if waiting:
            logger.info("%d updates of the last time are still to be answered", len(waiting))
        await self._dispatch(waiting, restored=True)

    async def take(self) -> None:
        """Answer what an inbox that is shared assigns to this process, for as long as it does."""
        while True:
            try:
                async for updates, is_retry in self._inbox.assigned(self._delay):
                    if is_retry:
                        await self._dispatcher.note_crash_suspects()
                    await self._dispatch(updates, restored=is_retry)
                return
            except LeaseLostError:
                logger.warning(
                    "This process was silent for too long: others answer what it held, and it begins again"
                )
                await self._dispatcher.abandon()

    def _delay(self) -> float:
        """Return the seconds for which a chat waits for another process before this one takes it."""
        if self.full:
            return math.inf
        return 0.0 if self._dispatcher.has_free_slots else CROWDED_DELAY

    async def receive(self, updates: Sequence[Json]) -> None:
        """Store updates and dispatch them.

        Raises:
            StoreUnavailableError: They could not be stored, and must not be confirmed.
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
    """Return whether an object is an update that can be stored: its id has to fit the inbox's integers."""
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
        problem, is_logged = "", False
        try:
            if not receiver.may_poll:
                await asyncio.sleep(TURN_INTERVAL)
            elif receiver.full:
                problem = "Too many updates wait: Telegram keeps the others meanwhile"
            else:
                updates = [update for update in await _get_updates(bot, offset) if has_valid_id(update)]
                await receiver.receive(updates)
                offset = max([offset, *(update["update_id"] + 1 for update in updates)])
        except InvalidToken:
            raise
        except (TelegramError, StoreUnavailableError) as error:
            problem = _describe(error)
            is_logged = isinstance(error, StoreUnavailableError) and error.is_logged
        if problem and problem != last_problem and not is_logged:
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


def _describe(error: TelegramError | StoreUnavailableError) -> str:
    """Return one line that says why no updates come."""
    if isinstance(error, Conflict):
        return f"Another program uses this bot's token; only one may ask for updates. Telegram says: {error}"
    if isinstance(error, StoreUnavailableError):
        return f"Updates cannot be stored, and stay with Telegram meanwhile: {error}"
    return f"Telegram does not hand out updates: {type(error).__name__}"
