"""The bot on Telegram."""

from __future__ import annotations

import logging

from bot.app import build_application
from bot.lifetime import opened_engine, opened_store, serve
from bot.settings import Settings

logger = logging.getLogger(__name__)


async def run(settings: Settings) -> None:
    """Answer people on Telegram until the process is told to stop."""
    token = settings.read_token()  # before the network is loaded: a missing token is told at once
    async with opened_store(settings, token) as store, opened_engine(settings) as engine:
        if engine.gallery.notice:
            logger.warning("%s", engine.gallery.notice)
        await serve(build_application(settings, engine, store, token=token), settings)
