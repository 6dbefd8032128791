"""Connections that send nothing, or never finish their header, take no room from others."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import web as aiohttp_web
from yarl import URL

from bot.http import connections
from bot.http.connections import LimitedSite, limited_runner
from bot.http.guard import Handler
from bot.metrics import Metrics
from bot.web import WebServer
from tests.bot.harness import TIMEOUT, ScriptedEngine, delayed, http_client

pytestmark = pytest.mark.asyncio(loop_scope="session")

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connection(web: WebServer, sent: bytes = b"") -> AsyncIterator[Streams]:
    """Connect, and send some bytes."""
    address = URL(web.address)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        writer.write(sent)
        await writer.drain()
        yield reader, writer
    finally:
        writer.close()


async def is_closed(reader: asyncio.StreamReader) -> bool:
    """Return whether the server closes a connection without a word."""
    async with asyncio.timeout(TIMEOUT):
        return await reader.read() == b""


@pytest.mark.parametrize(
    "sent", [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "]
)
async def test_a_header_that_never_ends_ends_its_connection(
    scripted: ScriptedEngine, metrics: Metrics, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "HEADER_TIMEOUT", 0.1)
    async with WebServer(scripted, metrics) as web, connection(web, sent) as (reader, _):
        assert await is_closed(reader)


async def test_a_second_header_on_a_connection_has_to_end_too(
    scripted: ScriptedEngine, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEADER_TIMEOUT", 0.5)
    request = b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    async with WebServer(scripted, metrics) as web, connection(web, request + b"\r\n" + request) as streams:
        async with asyncio.timeout(TIMEOUT):
            assert (await streams[0].read()).count(b"HTTP/1.1 200 OK") == 1


async def test_beyond_the_limit_the_longest_idle_connection_makes_room(
    scripted: ScriptedEngine, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 3)
    async with WebServer(scripted, metrics) as web, AsyncExitStack() as stack:
        silent = [await stack.enter_async_context(connection(web, b"GET")) for _ in range(3)]
        async with http_client(base_url=web.address) as client:
            assert (await client.get("/v1/gallery")).status_code == 200
        assert await is_closed(silent[0][0])
        assert not any(reader.at_eof() for reader, _ in silent[1:])


async def test_a_connection_that_was_used_lately_outlives_a_newer_silent_one(
    scripted: ScriptedEngine, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 2)
    async with WebServer(scripted, metrics) as web, AsyncExitStack() as stack:
        client = http_client(base_url=web.address)
        used = await stack.enter_async_context(client)
        assert (await used.get("/v1/gallery")).status_code == 200
        silent, _ = await stack.enter_async_context(connection(web, b"GET"))
        assert (await used.get("/v1/gallery")).status_code == 200
        await stack.enter_async_context(connection(web, b"GET"))
        assert await is_closed(silent)
        assert len(web._runner.server.connections) == 2


async def test_a_connection_whose_request_is_being_answered_is_not_closed_for_another(
    scripted: ScriptedEngine, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 1)
    go = asyncio.Event()
    monkeypatch.setattr(scripted, "similar", delayed(scripted.similar, go))
    async with (
        WebServer(scripted, metrics) as web,
        http_client(base_url=web.address, timeout=TIMEOUT) as client,
    ):
        asked = asyncio.create_task(client.post("/v1/words/similar", json={"word": "boy"}))
        async with asyncio.timeout(TIMEOUT):
            while math.inf not in web._runner.app[connections.IDLE_SINCE].values():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        async with connection(web, b"GET") as (reader, _):
            assert await is_closed(reader)
        go.set()
        assert (await asked).status_code == 200


async def test_any_site_of_a_limited_runner_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADER_TIMEOUT", 0.1)
    runner = limited_runner(aiohttp_web.Application(), lingering_time=0.1, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = LimitedSite(runner, "127.0.0.1", 0)
        assert site.name == "http://127.0.0.1:0"
        await site.start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0])
        assert await is_closed(reader)
        writer.close()
    finally:
        await runner.cleanup()


async def test_a_connection_is_busy_in_every_middleware_and_forgotten_when_it_is_closed() -> None:
    busy: list[bool] = []

    @aiohttp_web.middleware
    async def look(request: aiohttp_web.Request, handler: Handler) -> aiohttp_web.StreamResponse:
        busy.append(math.isinf(request.app[connections.IDLE_SINCE][request.protocol]))
        return await handler(request)

    app = aiohttp_web.Application(middlewares=[look, look])
    runner = limited_runner(app, lingering_time=0.1, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await LimitedSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        for _ in range(3):
            async with http_client() as client:
                assert (await client.get(f"http://{host}:{port}/")).status_code == 404
            async with asyncio.timeout(TIMEOUT):
                while runner.server.connections:  # noqa: ASYNC110 - there is no event for it
                    await asyncio.sleep(0.001)
        assert busy == [True] * 6  # twice in each of three requests
        assert len(app[connections.IDLE_SINCE]) == 1  # the last one, until another comes
    finally:
        await runner.cleanup()


async def test_a_request_whose_client_has_left_is_handled_to_its_end() -> None:
    begun, go, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handle(_: aiohttp_web.Request) -> aiohttp_web.Response:
        begun.set()
        await go.wait()
        ended.set()
        return aiohttp_web.Response()

    app = aiohttp_web.Application()
    app.router.add_get("/", handle)
    runner = limited_runner(app, lingering_time=0.1, shutdown_timeout=TIMEOUT)
    await runner.setup()
    try:
        await LimitedSite(runner, "127.0.0.1", 0).start()
        _, writer = await asyncio.open_connection(*runner.addresses[0])
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        async with asyncio.timeout(TIMEOUT):
            await begun.wait()
            writer.close()
            while any(one.transport is not None for one in runner.server.connections):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            go.set()
            await ended.wait()
    finally:
        await runner.cleanup()
