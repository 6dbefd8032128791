"""The webhook: Telegram posts updates here. The one door to the bot that others may knock at."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import web
from telegram.error import BadRequest
from telegram.ext import ExtBot
from yarl import URL

from bot.settings import Settings, SettingsError
from bot.types import ALLOWED_UPDATES
from bot.updates.receiver import Receiver, numbered

logger = logging.getLogger(__name__)

HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
BODY_BYTES: Final = 1 << 20  # an update is a few kilobytes
BODY_SECONDS: Final = 10.0  # nobody holds a connection for longer
RETRY_AFTER: Final = {"Retry-After": "5"}  # seconds
CONNECTIONS: Final = 40  # at once; Telegram sends each chat's updates one by one
LINGERING_SECONDS: Final = 1.0  # for what somebody still writes who was turned away
SHUTDOWN_SECONDS: Final = 5.0  # an update that is being stored is acknowledged


class Webhook:
    """Takes in what Telegram posts, and nothing of anybody else."""

    def __init__(self, intake: Receiver, secret: str) -> None:
        """Take where updates go, and what Telegram proves itself by."""
        self._intake = intake
        self._secret = secret.encode()

    async def take(self, request: web.Request) -> web.Response:
        """Store one update, and only then say so."""
        self._check(request)
        update = await _read(request)
        try:
            await self._intake.take([update])
        except sqlite3.Error as error:
            logger.error("An update cannot be stored, and stays with Telegram meanwhile: %s", error)
            raise web.HTTPServiceUnavailable(headers=RETRY_AFTER) from error
        return web.Response()

    def _check(self, request: web.Request) -> None:
        """Turn away, before a byte of the body is read, who is not Telegram and what cannot be taken."""
        given = request.headers.get(HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            raise web.HTTPForbidden
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        if (request.content_length or 0) > BODY_BYTES:
            raise web.HTTPRequestEntityTooLarge(BODY_BYTES, request.content_length or 0)
        if self._intake.full:
            raise web.HTTPServiceUnavailable(headers=RETRY_AFTER)


async def _read(request: web.Request) -> dict[str, Any]:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            update = json.loads(await request.read())  # within client_max_size
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    except (ValueError, RecursionError) as error:
        raise web.HTTPBadRequest from error
    if not numbered(update):
        raise web.HTTPBadRequest
    return update


@asynccontextmanager
async def webhook_server(
    intake: Receiver, bot: ExtBot[Any], settings: Settings
) -> AsyncIterator[asyncio.Future[None]]:
    """Listen, and have Telegram post updates here while the block runs; afterwards they wait with it.

    Raises:
        SettingsError: the address cannot be used, by us or by Telegram.
    """
    secret, address = settings.read_webhook_secret(), URL(settings.webhook_url or "")
    app = web.Application(client_max_size=BODY_BYTES)
    app.router.add_post(address.path, Webhook(intake, secret).take)
    runner = web.AppRunner(
        app, access_log=None, lingering_time=LINGERING_SECONDS, shutdown_timeout=SHUTDOWN_SECONDS
    )
    await runner.setup()
    try:
        await _listen(runner, settings)
        try:
            await bot.set_webhook(
                str(address),
                secret_token=secret,
                allowed_updates=list(ALLOWED_UPDATES),
                max_connections=CONNECTIONS,
            )
        except BadRequest as error:
            raise SettingsError(f"KINDRED_WEBHOOK_URL: Telegram does not take it: {error}") from error
        logger.info("Telegram posts updates to %s", address.host)
        yield asyncio.get_running_loop().create_future()  # only a poll can fail later
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    try:
        await web.TCPSite(runner, settings.webhook_host, settings.webhook_port).start()
    except OSError as error:
        where = f"{settings.webhook_host}, port {settings.webhook_port}"
        raise SettingsError(f"KINDRED_WEBHOOK_PORT: {where} cannot be used: {error.strerror}.") from error
