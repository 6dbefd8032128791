"""A Telegram of one's own: a local Bot API server and a chat page, with no token and no account.

The real bot talks to it over HTTP and cannot tell the difference:

    async with Playground() as playground:
        builder.token(playground.token).base_url(playground.base_url).base_file_url(playground.base_file_url)
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.playground.cloud import BOT_ID, Clock, Cloud
from bot.playground.front import Front
from bot.playground.guard import dress, guard
from bot.playground.limits import REQUEST_BYTES
from bot.playground.methods import call
from bot.playground.people import Person
from bot.playground.refusals import REQUEST_TOO_LARGE, UNAUTHORIZED, UNKNOWN_METHOD, Refused
from bot.playground.traffic import KEPT, Exchange
from bot.playground.wire import Json, Parameters, read

HOST = "127.0.0.1"  # and nothing else: what is said here concerns this machine only
SHUTDOWN_SECONDS = 1.0  # pollers and pages were sent home already


class Playground:
    """A running playground; port 0 takes any free one."""

    def __init__(self, port: int = 0, clock: Clock = time.time) -> None:
        self.token = f"{BOT_ID}:{secrets.token_urlsafe(27)[:35]}"
        self.traffic: list[Exchange] = []
        self._cloud = Cloud(clock)
        self._people: dict[str, Person] = {}
        self._port = port
        app = web.Application(middlewares=[guard], client_max_size=REQUEST_BYTES)
        app.add_routes([
            web.route("*", "/bot{token:[^/]+}/{method}", self._call),
            web.get("/file/bot{token:[^/]+}/{path:.+}", self._download),
            *Front(self._cloud).routes,
        ])  # fmt: skip
        app.on_response_prepare.append(dress)
        app.on_shutdown.append(self._close)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS
        )

    @property
    def address(self) -> str:
        """Where the chat page is."""
        return f"http://{HOST}:{self._port}/"

    @property
    def base_url(self) -> str:
        """What a bot puts before its token to call methods."""
        return f"{self.address}bot"

    @property
    def base_file_url(self) -> str:
        """What a bot puts before its token to fetch files."""
        return f"{self.address}file/bot"

    def person(self, name: str) -> Person:
        """Find a person by name, or meet a new one."""
        return self._people.setdefault(name, Person(self._cloud, self._cloud.chat_with(name)))

    def file(self, file_id: str) -> bytes:
        """Read a file of any chat."""
        file = self._cloud.shelf.find(file_id)
        if file is None:
            raise LookupError(f"no file {file_id!r}")
        return file.content

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _close(self, _: web.Application) -> None:
        self._cloud.close()

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        given = Parameters()
        try:
            self._check_token(request)
            given = await read(request)
            work = asyncio.ensure_future(call(self._cloud, method, given))
            # A bot that hangs up ends its poll; anything else it asked for is done all the same.
            result = await (work if method.lower() == "getupdates" else asyncio.shield(work))
            reply: Json = {"ok": True, "result": result}
        except Refused as refusal:
            reply = _refusal(refusal.description, refusal.code)
        except web.HTTPRequestEntityTooLarge:
            reply = _refusal(*REQUEST_TOO_LARGE)
        sizes = {name: len(upload.content) for name, upload in given.uploads.items()}
        self.traffic.append(Exchange(method, given.values, reply, sizes))
        del self.traffic[:-KEPT]
        return web.json_response(reply, status=reply.get("error_code", 200))

    async def _download(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request)
        except Refused as refusal:
            return web.json_response(_refusal(refusal.description, refusal.code), status=refusal.code)
        file = self._cloud.shelf.at(request.match_info["path"])
        if file is None:
            return web.json_response(_refusal(*UNKNOWN_METHOD), status=404)
        return web.Response(body=file.content, content_type="application/octet-stream")

    def _check_token(self, request: web.Request) -> None:
        if not hmac.compare_digest(request.match_info["token"].encode(), self.token.encode()):
            raise Refused(*UNAUTHORIZED)


def _refusal(description: str, code: int) -> Json:
    return {"ok": False, "error_code": code, "description": description}
