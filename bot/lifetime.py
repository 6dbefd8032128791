"""From start to orderly stop: the engine, the application, the signals."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from telegram.error import TelegramError

from bot.app import ALLOWED_UPDATES, KindredApplication, finish_albums, set_menu
from bot.metrics import Metrics
from bot.settings import Settings, SettingsError
from bot.web import Web
from engine import home
from engine.verbs import Verbs
from engine.worker import open_engine
from handlers.store import Store

logger = logging.getLogger(__name__)

HEARTBEAT = "alive"  # the name of the file
HEARTBEAT_SECONDS = 20  # the health check allows a minute
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@asynccontextmanager
async def opened_engine(settings: Settings) -> AsyncIterator[Verbs]:
    """Open the engine, and close it at the end.

    Raises:
        BrokenInstallation: the host has something to mend.
    """
    engine = await open_engine(settings)
    try:
        yield engine
    finally:
        await engine.close()


@asynccontextmanager
async def opened_store(settings: Settings, token: str) -> AsyncIterator[Store]:
    """Open what the bot of this token remembers; each bot has a file of its own, as file ids are its own.

    Raises:
        StoreError: the file cannot be used.
        HomeError: there is no folder to put it in.
    """
    bot = token.partition(":")[0]
    with home.writing_to(settings.home):
        await asyncio.to_thread(partial(settings.home.mkdir, parents=True, exist_ok=True))
    async with Store.open(settings.home / f"bot-{bot}.sqlite3") as store:
        yield store


@asynccontextmanager
async def opened_web(
    settings: Settings, engine: Verbs, metrics: Metrics, key: str | None
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


def waiting(application: KindredApplication) -> int:
    """Count the updates that were received and are not answered yet."""
    return application.update_queue.qsize() + application.update_processor.current_concurrent_updates


@asynccontextmanager
async def running(application: KindredApplication, grace: float) -> AsyncIterator[None]:
    """Receive and answer updates while the block runs; then let running answers finish, within `grace`."""
    async with application:
        await set_menu(application)
        await application.start()
        try:
            await _poll(application)
            yield
        finally:
            await _stop(application, grace)


async def serve(
    application: KindredApplication, settings: Settings, ready: Callable[[], None] | None = None
) -> None:
    """Run until SIGINT or SIGTERM; call `ready` once updates are being answered."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):  # Windows: there asyncio.run cancels us on Ctrl-C
        for number in SIGNALS:
            loop.add_signal_handler(number, stop.set)
    async with running(application, settings.grace), _heartbeat(settings.home / HEARTBEAT):
        if ready:
            ready()
        await stop.wait()
        for number in SIGNALS:
            loop.remove_signal_handler(number)  # a second Ctrl-C ends us at once
        logger.info("Stopping; running answers get %.0f seconds", settings.grace)


@asynccontextmanager
async def _heartbeat(file: Path) -> AsyncIterator[None]:
    """Touch a file while the loop turns: a container's health check looks at its age."""

    async def beat() -> None:
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


async def _poll(application: KindredApplication) -> None:
    if application.updater is None:
        raise TypeError("an application without an updater cannot poll")
    await application.updater.start_polling(
        allowed_updates=list(ALLOWED_UPDATES),
        error_callback=_log_polling_error,
    )


def _log_polling_error(error: TelegramError) -> None:
    logger.warning("Telegram does not hand out updates, trying again: %s: %s", type(error).__name__, error)


async def _stop(application: KindredApplication, grace: float) -> None:
    if application.updater and application.updater.running:
        await application.updater.stop()
    try:
        async with asyncio.timeout(grace):
            await application.stop()
            await finish_albums(application)
    except TimeoutError:
        logger.warning("Some answers were not finished within %.0f seconds and are dropped", grace)
