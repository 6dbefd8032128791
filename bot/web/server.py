"""The web front of one process: pages, the HTTP API, health and figures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web
from pydantic import TypeAdapter

from bot.http.assets import asset_routes, serve_file
from bot.http.guard import Handler, dress
from bot.metrics import API, Metrics
from bot.web.auth import BURST, RATE, Authenticator
from bot.web.errors import explain
from bot.web.health import Health
from bot.web.openapi import document
from bot.web.operations import JPEG, OPERATIONS, Operation
from bot.web.parsing import PHOTO_BYTES, read
from engine.api import EngineAPI
from handlers.usage.token_bucket import TokenBucket

PAGE: Final = Path(__file__).parent / "page"
KEPT: Final = "private, max-age=86400"  # an image of the gallery does not change
FIGURES: Final = "text/plain; version=0.0.4; charset=utf-8"
LOOPBACK: Final = "127.0.0.1"
SHUTDOWN_SECONDS: Final = 5.0
LINGERING_SECONDS: Final = 2.0  # a client still sending what was refused gets the chance to read why


class Web:
    """A running web front; port 0 takes any free one. Without a key it must be bound to loopback."""

    def __init__(
        self,
        engine: EngineAPI,
        metrics: Metrics,
        port: int = 0,
        host: str = LOOPBACK,
        *,
        key: str | None = None,
        allowance: TokenBucket | None = None,
    ) -> None:
        self._engine, self._metrics = engine, metrics
        self._host, self._port = host, port
        self._gate = Authenticator(key, allowance or TokenBucket(BURST, RATE))
        self._health = Health(engine)
        self._document = document(with_key=key is not None)
        app = web.Application(middlewares=[explain, self._guard], client_max_size=PHOTO_BYTES)
        app.add_routes(self._routes())
        app.on_response_prepare.append(dress)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handler_cancellation=True,
            lingering_time=LINGERING_SECONDS,
            shutdown_timeout=SHUTDOWN_SECONDS,
        )

    @property
    def address(self) -> str:
        """Where the explorer is."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}/"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def _routes(self) -> list[web.AbstractRouteDef]:
        return [
            # For machines.
            web.get("/healthz", self._healthz),
            web.get("/metrics", self._figures),
            web.get("/openapi.json", self._openapi),
            *(
                web.route(
                    operation.method,
                    operation.path.replace("{image}", "{image:.+}"),  # names may hold folders
                    partial(self._answer, operation),
                )
                for operation in OPERATIONS
            ),
            # For people.
            web.get("/", partial(serve_file, PAGE / "explorer.html")),
            web.get("/api", partial(serve_file, PAGE / "api.html")),
            *asset_routes(),
            web.static("/page", PAGE),
        ]

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._gate.check_site(request)
        return await handler(request)

    async def _answer(self, operation: Operation, request: web.Request) -> web.Response:
        self._gate.check(request, operation.cost)
        with self._counted(f"{API}{operation.kind}"):
            answer = await operation.answer(await read(request, operation, self._engine))
        if isinstance(operation.answers, str):
            caching = {"Cache-Control": KEPT} if operation.answers == JPEG else {}
            return web.Response(body=answer, content_type=operation.answers, headers=caching)
        body = _writer(operation.answers).dump_json(answer)
        return web.Response(body=body, content_type="application/json")

    @contextmanager
    def _counted(self, kind: str) -> Iterator[None]:
        began, answered = time.perf_counter(), False
        try:
            yield
            answered = True
        finally:
            if answered:
                self._metrics.answered(kind, time.perf_counter() - began)
            else:
                self._metrics.failed(kind)

    async def _healthz(self, _: web.Request) -> web.Response:
        if await self._health.is_well():
            return web.json_response({"status": "ok"})
        return web.json_response({"status": "stuck", "error": "The engine does not answer."}, status=503)

    async def _figures(self, request: web.Request) -> web.Response:
        self._gate.check(request, 1)
        return web.Response(body=self._metrics.text(), headers={"Content-Type": FIGURES})

    async def _openapi(self, _: web.Request) -> web.Response:
        return web.json_response(self._document)


@cache
def _writer(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
