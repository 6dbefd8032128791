"""Lifecycle of the process: opening its parts, serving, signals, and an orderly shutdown."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from bot.app import set_menu
from bot.credentials import SettingsError
from bot.metrics import Metrics
from bot.settings import Settings
from bot.updates.dispatcher import Dispatcher
from bot.updates.receiver import Receiver, long_polling
from bot.updates.webhook import webhook_server
from bot.web import WebServer
from engine import api
from engine.api import EngineAPI
from engine.errors import EngineHungError
from handlers.store import Store

logger = logging.getLogger(__name__)

HEARTBEAT_FILE = "alive"
HEARTBEAT_INTERVAL = 20  # seconds; the health check allows a minute
ENGINE_CLOSE_TIMEOUT = 5.0  # seconds
STOP_MARGIN = 8.0  # seconds after the grace; a container is killed 30 seconds after the signal
APPLICATION_STOP_TIMEOUT = 1.0  # seconds after the grace
HANG_CHECK_INTERVAL = 1.0  # seconds
PRUNE_INTERVAL = 3600  # seconds
WRITE_INTERVAL = 5  # seconds until what a full disk did not let be recorded or deleted is tried again
EXIT_OK, EXIT_HUNG = 0, 1  # exit statuses of a process whose engine does not close
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def open_engine(settings: Settings) -> EngineAPI:
    """Open the engine; OpenVINO or Ray is imported only now, after the settings were checked."""
    if settings.engine == "ray":
        from engine.cluster.ray_engine import open_ray_engine

        return await open_ray_engine(settings)
    from engine.async_engine import open_engine

    return await open_engine(settings)


@asynccontextmanager
async def opened_engine(settings: Settings) -> AsyncIterator[EngineAPI]:
    """Open the engine, and close it at the end.

    Raises:
        BrokenInstallationError: The operator has something to mend.
    """
    engine = await open_engine(settings)
    # Many objects were loaded and stay. Freeze them: the garbage collector would scan them all whenever old
    # objects have grown by a quarter, and after each figure (`engine.explain.figures`).
    gc.collect()
    gc.freeze()
    try:
        yield engine
    finally:
        try:
            async with asyncio.timeout(ENGINE_CLOSE_TIMEOUT):
                await engine.close()
        except TimeoutError:  # a hanging thread cannot be stopped, and Python would wait for it
            logger.warning("The engine does not end: the process ends without it")
            _end_at_once(engine)


def _end_at_once(engine: EngineAPI) -> None:
    """End the process without waiting for anything; the inbox holds what is not answered."""
    os._exit(EXIT_HUNG if engine.stalled_for > api.HANG_TIMEOUT else EXIT_OK)


@asynccontextmanager
async def opened_web(
    settings: Settings, engine: EngineAPI, metrics: Metrics, key: str | None
) -> AsyncIterator[None]:
    """Serve the web front while the block runs, if the settings name a port for it.

    Raises:
        SettingsError: The address in the settings cannot be used.
    """
    if not settings.web_port:
        yield
        return
    async with AsyncExitStack() as stack:
        try:
            web = WebServer(
                engine, metrics, settings.web_port, settings.web_host, key=key, proxies=settings.web_proxies
            )
            await stack.enter_async_context(web)
        except OSError as error:
            address = f"{settings.web_host}, port {settings.web_port}"
            raise SettingsError(f"KINDRED_WEB_PORT: {address} cannot be used: {error.strerror}.") from error
        logger.info("The web front is at %s", web.address)
        yield


@asynccontextmanager
async def running(dispatcher: Dispatcher, settings: Settings) -> AsyncIterator[asyncio.Future[None]]:
    """Receive and answer updates while the block runs; then wait for answers and uploads, up to the grace.

    Yields:
        A future that fails once updates can no longer be received.
    """
    application, receiver = dispatcher.application, Receiver(dispatcher)
    async with application:
        await set_menu(application)
        await application.start()
        taking = asyncio.create_task(receiver.take())
        try:
            await receiver.resume()
            receive = webhook_server if settings.webhook_url else long_polling
            async with receive(receiver, application.bot, settings) as failure:
                failures = asyncio.create_task(_watch_for_failure(failure, taking))
                try:
                    yield failures
                finally:
                    failures.cancel()
        finally:
            taking.cancel()
            deadline = asyncio.get_running_loop().time() + settings.grace
            await dispatcher.inbox.retire()
            await dispatcher.close(settings.grace)
            await _write_the_rest(dispatcher)
            with suppress(TimeoutError):  # uploads to the storage chat may still run, and had the same grace
                async with asyncio.timeout_at(deadline + APPLICATION_STOP_TIMEOUT):
                    await application.stop()


async def _watch_for_failure(*receiving: asyncio.Future[None]) -> None:
    done, _ = await asyncio.wait(receiving, return_when=asyncio.FIRST_EXCEPTION)
    for one in done:
        one.result()


async def serve(dispatcher: Dispatcher, settings: Settings, ready: Callable[[], None] | None = None) -> None:
    """Run until SIGINT or SIGTERM; call `ready` once updates are being answered.

    Raises:
        EngineHungError: The engine no longer answers. A supervisor can start the process again; the inbox
            holds the updates that are not answered.
    """
    engine: EngineAPI = dispatcher.application.context_types.context.engine
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):  # Windows: there asyncio.run cancels us on Ctrl-C
        for stop_signal in STOP_SIGNALS:
            loop.add_signal_handler(stop_signal, stop.set)
    async with running(dispatcher, settings) as failure, _heartbeat(settings.home / HEARTBEAT_FILE, engine):
        hang = asyncio.create_task(_watch_for_hang(engine))
        pruning = asyncio.create_task(_repeat(dispatcher.inbox.prune, PRUNE_INTERVAL))
        writing = asyncio.create_task(_repeat(partial(_write_the_rest, dispatcher), WRITE_INTERVAL))
        if ready:
            ready()
        stopped = asyncio.create_task(stop.wait())
        ends: list[asyncio.Future[Any]] = [stopped, failure, hang]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in (pruning, writing, stopped, hang):
            task.cancel()
        for stop_signal in STOP_SIGNALS:  # a second signal ends the process at once; the inbox loses nothing
            loop.add_signal_handler(stop_signal, os._exit, 128 + stop_signal)
        loop.call_later(settings.grace + STOP_MARGIN, _give_up, engine)
        for end in (failure, hang):
            if end.done():
                end.result()
        logger.info("Stopping; running answers get %.0f seconds", settings.grace)


async def _write_the_rest(dispatcher: Dispatcher) -> None:
    """Record the answers, and delete what people wanted deleted, that a full disk did not let us."""
    store: Store = dispatcher.application.context_types.context.store
    await dispatcher.inbox.record_the_rest()
    await store.forget_the_rest()


def _give_up(engine: EngineAPI) -> None:
    logger.warning("Not all has ended in time: the process ends without it")
    _end_at_once(engine)


async def _watch_for_hang(engine: EngineAPI) -> None:
    """Wait until the engine hangs.

    Raises:
        EngineHungError: It hangs.
    """
    while engine.stalled_for <= api.HANG_TIMEOUT:  # noqa: ASYNC110 - there is no event for it
        await asyncio.sleep(HANG_CHECK_INTERVAL)
    logger.critical(
        "The engine has been silent for %.0f seconds: the process ends, to be started again",
        engine.stalled_for,
    )
    raise EngineHungError(
        "The engine does not answer any more. Start me again: what waits will be answered then."
    )


async def _repeat(work: Callable[[], Awaitable[None]], interval: float) -> None:
    while True:
        await work()
        await asyncio.sleep(interval)


@asynccontextmanager
async def _heartbeat(file: Path, engine: EngineAPI) -> AsyncIterator[None]:
    """Touch a file while event loop and engine work: a container's health check reads its age."""

    async def beat() -> None:
        if engine.stalled_for > api.HANG_TIMEOUT / 2:
            return
        with suppress(OSError):  # a full or read-only disk must not stop the bot
            await asyncio.to_thread(file.touch)

    async def keep_beating() -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_INTERVAL)
            await beat()

    await beat()
    beating = asyncio.create_task(keep_beating())
    try:
        yield
    finally:
        beating.cancel()
