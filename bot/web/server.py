"""Web server of one process: pages, HTTP API, health check and metrics."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web
from pydantic import TypeAdapter

from bot.http.assets import asset_routes, serve_file
from bot.http.connections import LimitedSite, limited_runner
from bot.http.guard import Handler, add_security_headers
from bot.metrics import API_PREFIX, Metrics
from bot.web.addresses import Network
from bot.web.auth import REQUEST_BURST, REQUESTS_PER_SECOND, Authenticator
from bot.web.errors import error_middleware
from bot.web.forms import MAX_PHOTO_BYTES
from bot.web.health import HealthCheck
from bot.web.openapi import openapi_document
from bot.web.operations import JPEG, OPERATIONS, Operation
from bot.web.parsing import parse_request
from bot.web.schemas import MAX_NAME_LENGTH
from engine.api import EngineAPI
from handlers.usage.token_bucket import TokenBucket

PAGE_DIR: Final = Path(__file__).parent / "page"
PICTURE_CACHING: Final = "private, max-age=600"  # a gallery may change while it is served
ETAG_ANY: Final = "*"  # in If-None-Match: whatever the client has
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
LOOPBACK: Final = "127.0.0.1"
MAX_URL_BYTES: Final = 3 * MAX_NAME_LENGTH + 1024  # each character of a name percent-coded, and the rest
SHUTDOWN_TIMEOUT: Final = 5.0  # seconds in which requests are still answered at the end
LINGERING_TIMEOUT: Final = 2.0  # seconds in which a refused client may still send, and read why


class WebServer:
    """A running web front; port 0 takes any free one. Without a key it must be bound to loopback."""

    def __init__(
        self,
        engine: EngineAPI,
        metrics: Metrics,
        port: int = 0,
        host: str = LOOPBACK,
        *,
        key: str | None = None,
        proxies: Sequence[Network] = (),
        token_bucket: TokenBucket | None = None,
        guess_bucket: TokenBucket | None = None,
    ) -> None:
        self._engine, self._metrics = engine, metrics
        self._host, self._port = host, port
        self._authenticator = Authenticator(
            key,
            token_bucket or TokenBucket(REQUEST_BURST, REQUESTS_PER_SECOND),
            guess_bucket or TokenBucket(REQUEST_BURST, REQUESTS_PER_SECOND),
            proxies,
        )
        self._health = HealthCheck(engine)
        self._openapi = openapi_document(with_key=key is not None)
        app = web.Application(
            middlewares=[error_middleware, self._check_origin], client_max_size=MAX_PHOTO_BYTES
        )
        app.add_routes(self._routes())
        app.on_response_prepare.append(add_security_headers)
        self._runner = limited_runner(
            app,
            handler_cancellation=True,
            lingering_time=LINGERING_TIMEOUT,
            shutdown_timeout=SHUTDOWN_TIMEOUT,
            max_line_size=MAX_URL_BYTES,
        )

    @property
    def address(self) -> str:
        """Return the URL of the explorer."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}/"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await LimitedSite(self._runner, self._host, self._port).start()
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
            # For programs.
            web.get("/healthz", self._healthz),
            web.get("/metrics", self._show_metrics),
            web.get("/openapi.json", self._show_openapi),
            *(
                web.route(
                    operation.method,
                    operation.path.replace("{image}", "{image:.+}"),  # names may hold folders
                    partial(self._answer, operation),
                )
                for operation in OPERATIONS
            ),
            # For people.
            web.get("/", partial(serve_file, PAGE_DIR / "explorer.html")),
            web.get("/api", partial(serve_file, PAGE_DIR / "api.html")),
            *asset_routes(),
            web.static("/page", PAGE_DIR),
        ]

    @web.middleware
    async def _check_origin(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._authenticator.check_origin(request)
        return await handler(request)

    async def _answer(self, operation: Operation, request: web.Request) -> web.Response:
        self._authenticator.authorize(request, operation.cost)
        with self._measure(f"{API_PREFIX}{operation.metric_kind}"):
            result = await operation.handler(await parse_request(request, operation, self._engine))
        if operation.response == JPEG:
            return _picture_response(request, result)
        if isinstance(operation.response, str):
            return web.Response(body=result, content_type=operation.response)
        body = _adapter(operation.response).dump_json(result)
        return web.Response(body=body, content_type="application/json")

    @contextmanager
    def _measure(self, kind: str) -> Iterator[None]:
        """Count the block as an answered request, or as a failed one if it raises."""
        started_at, answered = time.perf_counter(), False
        try:
            yield
            answered = True
        finally:
            if answered:
                self._metrics.answered(kind, time.perf_counter() - started_at)
            else:
                self._metrics.failed(kind)

    async def _healthz(self, _: web.Request) -> web.Response:
        if await self._health.is_healthy():
            return web.json_response({"status": "ok"})
        return web.json_response({"status": "stuck", "error": "The engine does not answer."}, status=503)

    async def _show_metrics(self, request: web.Request) -> web.Response:
        self._authenticator.authorize(request, 1)
        return web.Response(body=self._metrics.exposition(), headers={"Content-Type": METRICS_TYPE})

    async def _show_openapi(self, _: web.Request) -> web.Response:
        return web.json_response(self._openapi)


def _picture_response(request: web.Request, picture: bytes) -> web.Response:
    """Return a picture of the gallery, or status 304 if the client has it already."""
    tag = sha256(picture).hexdigest()[:32]
    known = {one.value for one in request.if_none_match or ()} & {tag, ETAG_ANY}
    response = web.Response(status=304) if known else web.Response(body=picture, content_type=JPEG)
    response.headers["Cache-Control"] = PICTURE_CACHING
    response.etag = tag
    return response


@cache
def _adapter(response: type) -> TypeAdapter[Any]:
    return TypeAdapter(response)
