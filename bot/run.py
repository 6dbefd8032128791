"""The bot on Telegram."""

from __future__ import annotations

import logging

from bot.app import build_application
from bot.home_lock import locked_home
from bot.lifecycle import opened_engine, opened_web, serve
from bot.metrics import Metrics
from bot.settings import Settings
from bot.storage.opening import opened_storage
from bot.updates.dispatcher import Dispatcher

logger = logging.getLogger(__name__)


async def run(settings: Settings) -> None:
    """Serve Telegram until the process is signalled to stop."""
    # Read first: a missing setting is reported before the network is loaded.
    token, key = settings.read_token(), settings.read_web_key()
    metrics = Metrics()
    async with (
        locked_home(settings.home),
        opened_storage(settings, token) as storage,
        opened_engine(settings) as engine,
        opened_web(settings, engine, metrics, key),
    ):
        if engine.gallery.notice:
            logger.warning("%s", engine.gallery.notice)
        application = build_application(
            settings, engine, storage.store, token=token, usage=metrics, send_log=storage.send_log
        )
        dispatcher = Dispatcher(application, storage.inbox, settings.concurrency)
        metrics.observe_waiting(lambda: dispatcher.waiting)
        await serve(dispatcher, settings)
