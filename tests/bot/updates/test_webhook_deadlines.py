"""How long the webhook waits: for a body, for what a refused client still sends, and at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from pydantic import SecretStr
from telegram.ext import ExtBot

from bot.settings import Settings
from bot.storage.inbox import Json
from bot.updates.receiver import Receiver
from bot.updates.webhook import HEADER, webhook_server
from tests.bot.updates.test_webhook_server import SECRET, Store, Telegram
from tests.frozen_loop import FrozenLoop, run_frozen, settle
from tests.ports import free_port

UPDATE = b'{"update_id": 5}'


class SlowStore(Store):
    """Stores an update when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def receive(self, updates: Any) -> None:
        """See `Store.receive`."""
        self.updates += cast(list[Json], updates)
        await self.go.wait()


@asynccontextmanager
async def webhook(store: Store) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a webhook that listens, and that ends with the block."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/from-telegram"
    settings = Settings(webhook_url=url, webhook_port=port, webhook_secret=SecretStr(SECRET))
    async with webhook_server(cast(Receiver, store), cast(ExtBot[Any], Telegram()), settings):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        yield reader, writer


async def close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await settle()


def head(secret: str = SECRET) -> bytes:
    return (
        f"POST /from-telegram HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"{HEADER}: {secret}\r\nContent-Length: {len(UPDATE)}\r\n\r\n"
    ).encode()


async def status(reader: asyncio.StreamReader) -> int:
    """Read a response's header, and return its status."""
    return int((await reader.readuntil(b"\r\n\r\n")).split()[1])


def test_a_body_has_ten_seconds() -> None:
    async def test(loop: FrozenLoop) -> None:
        async with webhook(Store()) as (reader, writer):
            writer.write(head() + UPDATE[:4])
            await settle()
            await loop.advance(9.9)
            writer.write(UPDATE[4:])
            assert await status(reader) == 200
            writer.write(head() + UPDATE[:4])
            await settle()
            await loop.advance(10.1)
            assert await status(reader) == 408
            await close(writer)

    run_frozen(test)


def test_who_is_refused_may_send_for_a_second_and_read_why() -> None:
    async def test(loop: FrozenLoop) -> None:
        for seconds, is_closed in ((0.9, False), (1.1, True)):
            async with webhook(Store()) as (reader, writer):
                writer.write(head("wrong") + UPDATE[:4])
                assert await status(reader) == 403
                await loop.advance(seconds)
                assert b"Forbidden" in await reader.read(99)
                assert reader.at_eof() is is_closed
                await close(writer)

    run_frozen(test)


def test_an_update_that_is_being_stored_at_the_end_is_confirmed_for_five_seconds() -> None:
    async def later(loop: FrozenLoop, seconds: float, go: asyncio.Event) -> None:
        await loop.advance(seconds - 2.5)
        await loop.advance(2.5)
        go.set()

    async def test(loop: FrozenLoop) -> None:
        for seconds, is_confirmed in ((4.9, True), (5.1, False)):
            store = SlowStore()
            async with webhook(store) as (reader, writer):
                writer.write(head() + UPDATE)
                while not store.updates:  # noqa: ASYNC110 - there is no event for it
                    await asyncio.sleep(0)
                storing = asyncio.create_task(later(loop, seconds, store.go))
            assert (b" 200 " in await reader.read()) is is_confirmed
            await storing
            await close(writer)

    run_frozen(test)
