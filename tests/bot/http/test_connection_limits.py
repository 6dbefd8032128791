"""The limits on connections, to the second, the connection and the byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.http.connections import LimitedSite, limited_runner
from tests.frozen_loop import FrozenLoop, run_frozen, settle

HEADER_SECONDS = 75  # as SECURITY.md says, as the next
CONNECTIONS = 512
LINE_BYTES = 8190  # aiohttp's default
REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@asynccontextmanager
async def site(app: web.Application | None = None, shutdown_timeout: float = 0) -> AsyncIterator[LimitedSite]:
    runner = limited_runner(app or web.Application(), lingering_time=0, shutdown_timeout=shutdown_timeout)
    await runner.setup()
    try:
        site = LimitedSite(runner, "127.0.0.1", 0)
        await site.start()
        yield site
    finally:
        await runner.cleanup()


@asynccontextmanager
async def client(site: LimitedSite) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that the server has noticed."""
    server = site._runner.server
    assert server is not None
    before = {*server.connections}
    reader, writer = await asyncio.open_connection(*site._runner.addresses[0])
    try:
        while not {*server.connections} - before:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0)
        yield reader, writer
    finally:
        writer.close()
        await settle()


class Connection(asyncio.Transport):
    """Takes the place of a connection, of which a process may have too few."""

    is_closed = False

    def close(self) -> None:
        """See `asyncio.Transport.close`."""
        self.is_closed = True


def test_a_header_has_75_seconds() -> None:
    async def test(loop: FrozenLoop) -> None:
        async with site() as limited, client(limited) as (reader, writer):
            writer.write(REQUEST[:9])
            await loop.advance(HEADER_SECONDS - 0.1)
            writer.write(REQUEST[9:])
            assert b" 404 " in await reader.readuntil(b"\r\n\r\n")
            await loop.advance(HEADER_SECONDS - 0.1)  # since the response
            writer.write(REQUEST)
            assert (await reader.readuntil(b"\r\n\r\n")).count(b" 404 ") == 1
            await loop.advance(HEADER_SECONDS + 0.1)
            assert await reader.read() == b"404: Not Found"

    run_frozen(test)


def test_the_513th_connection_takes_the_place_of_the_one_that_is_idle_longest() -> None:
    async def test(loop: FrozenLoop) -> None:
        async with site() as limited:
            connections = list[Connection]()
            for _ in range(CONNECTIONS + 1):
                assert not any(one.is_closed for one in connections)
                connections.append(Connection())
                limited._accept().connection_made(connections[-1])
                loop.now += 0.1
                await asyncio.sleep(0)
            assert [one.is_closed for one in connections] == [True] + [False] * CONNECTIONS

    run_frozen(test)


@pytest.mark.parametrize(("length", "status"), [(LINE_BYTES, 404), (LINE_BYTES + 1, 400)])
def test_a_header_may_be_as_long_as_a_common_proxy_lets_through(length: int, status: int) -> None:
    async def test(_: FrozenLoop) -> None:
        async with site() as limited, client(limited) as (reader, writer):
            writer.write(REQUEST[:-2] + b"X-Long: " + b"x" * length + b"\r\n\r\n")
            assert (await reader.readline()).split()[1] == str(status).encode()

    run_frozen(test)


@pytest.mark.parametrize(("seconds", "is_answered"), [(5.9, True), (6.1, False)])
def test_at_the_end_requests_are_answered_for_as_long_as_was_meant(seconds: float, is_answered: bool) -> None:
    async def test(loop: FrozenLoop) -> None:
        begun, go = asyncio.Event(), asyncio.Event()

        async def handle(_: web.Request) -> web.Response:
            begun.set()
            await go.wait()
            return web.Response()

        async def later() -> None:
            await loop.advance(seconds - 3)
            await loop.advance(3)
            go.set()

        app = web.Application()
        app.router.add_get("/", handle)
        async with site(app, shutdown_timeout=6) as limited:
            reader, writer = await asyncio.open_connection(*limited._runner.addresses[0])
            writer.write(REQUEST)
            await begun.wait()
            answering = asyncio.create_task(later())
        assert (b" 200 " in await reader.read()) is is_answered
        await answering
        writer.close()
        await settle()

    run_frozen(test)
