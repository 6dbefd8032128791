"""From start to orderly stop: the engine, the application, the signals."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from bot.app import set_menu
from bot.metrics import Metrics
from bot.settings import Settings, SettingsError
from bot.storage.inbox import Inbox
from bot.storage.store import SQLiteStore
from bot.updates.dispatcher import Dispatcher
from bot.updates.receiver import Receiver, long_polling
from bot.updates.webhook import webhook_server
from bot.web import Web
from engine import api
from engine.api import EngineAPI
from engine.async_engine import open_engine
from engine.errors import EngineHungError
from engine.search import cache_dir

logger = logging.getLogger(__name__)

HEARTBEAT = "alive"  # the name of the file
HEARTBEAT_SECONDS = 20  # the health check allows a minute
CLOSING_SECONDS = 5.0  # for the engine, when the bot stops; a container is killed after 30 in all
LOOKED_AFTER = 1.0  # seconds between two looks at the engine
PRUNED_EVERY = 3600  # seconds
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@asynccontextmanager
async def opened_engine(settings: Settings) -> AsyncIterator[EngineAPI]:
    """Open the engine, and close it at the end.

    Raises:
        BrokenInstallation: the host has something to mend.
    """
    engine = await open_engine(settings)
    # What was loaded stays, and is much. Python looks for rubbish among old objects only when they have
    # become a quarter more, and after each drawing (`engine.explain.figures`): set the loaded ones apart.
    gc.collect()
    gc.freeze()
    try:
        yield engine
    finally:
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await engine.close()
        except TimeoutError:  # a thread that hangs cannot be ended, and Python would wait for it
            logger.warning("The engine does not end: the process ends without it")
            os._exit(engine.stalled_for > api.HANG_TIMEOUT)


@asynccontextmanager
async def opened_store(settings: Settings, token: str) -> AsyncIterator[SQLiteStore]:
    """Open what the bot of this token remembers; each bot has a file of its own, as file ids are its own.

    Raises:
        StoreError: the file cannot be used.
        HomeError: there is no folder to put it in.
    """
    bot = token.partition(":")[0]
    with cache_dir.writing_to(settings.home):
        await asyncio.to_thread(partial(settings.home.mkdir, parents=True, exist_ok=True))
    async with SQLiteStore.open(settings.home / f"bot-{bot}.sqlite3") as store:
        yield store


@asynccontextmanager
async def opened_inbox(settings: Settings, token: str) -> AsyncIterator[Inbox]:
    """Open what is asked of the bot of this token, and not answered yet.

    Raises:
        StoreError: the file cannot be used.
        HomeError: there is no folder to put it in.
    """
    bot = token.partition(":")[0]
    with cache_dir.writing_to(settings.home):
        await asyncio.to_thread(partial(settings.home.mkdir, parents=True, exist_ok=True))
    async with Inbox.open(settings.home / f"inbox-{bot}.sqlite3") as inbox:
        yield inbox


@asynccontextmanager
async def opened_web(
    settings: Settings, engine: EngineAPI, metrics: Metrics, key: str | None
) -> AsyncIterator[None]:
    """Open the web front while the block runs, if the host wants one.

    Raises:
        SettingsError: the host has named an address that cannot be used.
    """
    if not settings.web_port:
        yield
        return
    async with AsyncExitStack() as stack:
        try:
            web = Web(engine, metrics, settings.web_port, settings.web_host, key=key)
            await stack.enter_async_context(web)
        except OSError as error:
            where = f"{settings.web_host}, port {settings.web_port}"
            raise SettingsError(f"KINDRED_WEB_PORT: {where} cannot be used: {error.strerror}.") from error
        logger.info("The web front is at %s", web.address)
        yield


@asynccontextmanager
async def running(order: Dispatcher, settings: Settings) -> AsyncIterator[asyncio.Future[None]]:
    """Receive and answer updates while the block runs; then let running answers finish, within the grace.

    Gives what fails if updates cannot be received any more.
    """
    application, intake = order.application, Receiver(order)
    async with application:
        await set_menu(application)
        await application.start()
        try:
            await intake.resume()
            receiving = webhook_server if settings.webhook_url else long_polling
            async with receiving(intake, application.bot, settings) as failure:
                yield failure
        finally:
            await order.close(settings.grace)
            with suppress(TimeoutError):  # pictures on their way to the storage chat
                async with asyncio.timeout(settings.grace):
                    await application.stop()


async def serve(order: Dispatcher, settings: Settings, ready: Callable[[], None] | None = None) -> None:
    """Run until SIGINT or SIGTERM; call `ready` once updates are being answered.

    Raises:
        EngineHung: it does not answer any more. Who started the process can start it again, and what was
            not answered stands in the inbox.
    """
    engine: EngineAPI = order.application.context_types.context.engine
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):  # Windows: there asyncio.run cancels us on Ctrl-C
        for number in SIGNALS:
            loop.add_signal_handler(number, stop.set)
    async with running(order, settings) as failure, _heartbeat(settings.home / HEARTBEAT, engine):
        hanging = asyncio.create_task(_hang(engine))
        pruning = asyncio.create_task(_prune(order.inbox))
        if ready:
            ready()
        stopped = asyncio.create_task(stop.wait())
        ends: list[asyncio.Future[Any]] = [stopped, failure, hanging]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in (pruning, stopped, hanging):
            task.cancel()
        for number in SIGNALS:  # a second one ends us at once: what is not answered stands in the inbox
            loop.add_signal_handler(number, os._exit, 128 + number)
        for end in (failure, hanging):
            if end.done():
                end.result()
        logger.info("Stopping; running answers get %.0f seconds", settings.grace)


async def _hang(engine: EngineAPI) -> None:
    """Wait until the engine hangs.

    Raises:
        EngineHung: it does.
    """
    while engine.stalled_for <= api.HANG_TIMEOUT:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(LOOKED_AFTER)
    logger.critical(
        "The engine has been silent for %.0f seconds: the process ends, to be started again",
        engine.stalled_for,
    )
    raise EngineHungError(
        "The engine does not answer any more. Start me again: what waits will be answered then."
    )


async def _prune(inbox: Inbox) -> None:
    while True:
        await inbox.prune()
        await asyncio.sleep(PRUNED_EVERY)


@asynccontextmanager
async def _heartbeat(file: Path, engine: EngineAPI) -> AsyncIterator[None]:
    """Touch a file while loop and engine are well: a container's health check looks at its age."""

    async def beat() -> None:
        if engine.stalled_for > api.HANG_TIMEOUT / 2:
            return
        with suppress(OSError):  # a full or read-only disk must not stop the bot
            await asyncio.to_thread(file.touch)

    async def keep_beating() -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await beat()

    await beat()
    beating = asyncio.create_task(keep_beating())
    try:
        yield
    finally:
        beating.cancel()
