"""Webhook server: Telegram posts updates to it. Of a running bot, only this has to be public."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import web
from telegram.error import BadRequest
from telegram.ext import ExtBot
from yarl import URL

from bot.credentials import SettingsError
from bot.http.connections import LimitedSite, limited_runner
from bot.settings import Settings
from bot.types import ALLOWED_UPDATES
from bot.updates.receiver import Receiver, has_valid_id
from handlers.store import StoreUnavailableError

logger = logging.getLogger(__name__)

HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
MAX_BODY_BYTES: Final = 1 << 20  # an update is a few kilobytes
BODY_TIMEOUT: Final = 10.0  # seconds in which the body has to arrive
RETRY_AFTER: Final = {"Retry-After": "5"}  # seconds
MAX_CONNECTIONS: Final = 40  # at once; Telegram sends each chat's updates one by one
LINGERING_TIMEOUT: Final = 1.0  # seconds in which a refused client may still send
SHUTDOWN_TIMEOUT: Final = 5.0  # seconds in which an update that is being stored is still confirmed


class Webhook:
    """Accepts updates from Telegram, and no other request."""

    def __init__(self, receiver: Receiver, secret: str) -> None:
        """Take the receiver of updates, and the secret that authenticates Telegram."""
        self._receiver = receiver
        self._secret = secret.encode()
        self._told_of_path = False

    async def handle(self, request: web.Request) -> web.Response:
        """Store one update, and confirm it only then."""
        self._check(request)
        update = await _read(request)
        try:
            await self._receiver.receive([update])
        except StoreUnavailableError as error:
            if not error.is_logged:
                logger.error("An update cannot be stored, and stays with Telegram meanwhile: %s", error)
            raise web.HTTPServiceUnavailable(headers=RETRY_AFTER) from error
        return web.Response()

    async def refuse(self, request: web.Request) -> web.Response:
        """Refuse a request to another path; Telegram's own means that a proxy changes the path."""
        if self._is_from_telegram(request) and not self._told_of_path:
            self._told_of_path = True
            logger.error(
                "Telegram's updates do not arrive at the path of KINDRED_WEBHOOK_URL, and are refused: "
                "a proxy changes the path. Let it pass the whole path on, or give the address without it"
            )
        raise web.HTTPNotFound

    def _is_from_telegram(self, request: web.Request) -> bool:
        secret = request.headers.get(HEADER, "").encode(errors="surrogateescape")
        return hmac.compare_digest(secret, self._secret)

    def _check(self, request: web.Request) -> None:
        """Refuse, before a byte of the body is read, what is not from Telegram or cannot be taken."""
        if not self._is_from_telegram(request):
            raise web.HTTPForbidden
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        size = request.content_length
        if size and size > MAX_BODY_BYTES:
            raise web.HTTPRequestEntityTooLarge(MAX_BODY_BYTES, size)
        if self._receiver.full:
            raise web.HTTPServiceUnavailable(headers=RETRY_AFTER)


async def _read(request: web.Request) -> dict[str, Any]:
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            update = json.loads(await request.read())  # within client_max_size
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    except (ValueError, RecursionError) as error:
        raise web.HTTPBadRequest from error
    if not has_valid_id(update):
        raise web.HTTPBadRequest
    return update


@asynccontextmanager
async def webhook_server(
    receiver: Receiver, bot: ExtBot[Any], settings: Settings
) -> AsyncIterator[asyncio.Future[None]]:
    """Have Telegram post updates to this process while the block runs; afterwards it keeps them.

    Yields:
        A future that never ends: only long polling can fail after the start.

    Raises:
        SettingsError: The bot cannot listen at the address, or Telegram does not accept it.
    """
    secret, address = settings.read_webhook_secret(), URL(settings.webhook_url or "")
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    webhook = Webhook(receiver, secret)
    app.router.add_post(address.path, webhook.handle)
    app.router.add_post("/{path:.*}", webhook.refuse)
    runner = limited_runner(app, lingering_time=LINGERING_TIMEOUT, shutdown_timeout=SHUTDOWN_TIMEOUT)
    await runner.setup()
    try:
        await _listen(runner, settings)
        try:
            await bot.set_webhook(
                str(address),
                secret_token=secret,
                allowed_updates=list(ALLOWED_UPDATES),
                max_connections=MAX_CONNECTIONS,
            )
        except BadRequest as error:
            raise SettingsError(f"KINDRED_WEBHOOK_URL: Telegram does not take it: {error}") from error
        logger.info("Telegram posts updates to %s", address.host)
        yield asyncio.get_running_loop().create_future()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    try:
        await LimitedSite(runner, settings.webhook_host, settings.webhook_port).start()
    except OSError as error:
        address = f"{settings.webhook_host}, port {settings.webhook_port}"
        raise SettingsError(f"KINDRED_WEBHOOK_PORT: {address} cannot be used: {error.strerror}.") from error
