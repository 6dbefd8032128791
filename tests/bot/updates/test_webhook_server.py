"""The webhook's server byte for byte: what Telegram is told, what is taken, and what is refused.

The receiver is a stand-in, which stores or fails when a test says so; the server is real.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import aiohttp
import pytest
import pytest_asyncio
from pydantic import SecretStr
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.credentials import SettingsError
from bot.settings import Settings
from bot.storage.inbox import Json
from bot.types import ALLOWED_UPDATES
from bot.updates import webhook
from bot.updates.receiver import Receiver
from bot.updates.webhook import HEADER, webhook_server
from handlers.store import StoreUnavailableError
from tests.bot.harness import TIMEOUT
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET = "only-Telegram_knows"
JSON = {"Content-Type": "application/json", HEADER: SECRET}
MEBIBYTE = 1_048_576  # bytes


class Store:
    """Takes the place of the receiver.

    Attributes:
        updates: What was stored.
        full: Whether no more updates fit.
        is_broken: Whether nothing can be stored.
    """

    def __init__(self) -> None:
        self.updates: list[Json] = []
        self.full = self.is_broken = False

    async def receive(self, updates: Sequence[Json]) -> None:
        if self.is_broken:
            raise StoreUnavailableError("database or disk is full")
        self.updates += updates


class Telegram:
    """Takes the place of the bot: what Telegram was asked for, and what it refuses."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: dict[str, Any] = {}
        self._error = error

    async def set_webhook(self, url: str, **options: Any) -> None:
        self.asked = {"url": url, **options}
        if self._error:
            raise self._error


@pytest.fixture
def webhook_settings() -> Settings:
    port = free_port()
    url = f"http://127.0.0.1:{port}/from-telegram"
    return Settings(webhook_url=url, webhook_port=port, webhook_secret=SecretStr(SECRET))


@pytest.fixture
def stored() -> Store:
    return Store()


@pytest.fixture
def telegram() -> Telegram:
    return Telegram()


@pytest_asyncio.fixture(loop_scope="session")
async def client(
    webhook_settings: Settings, stored: Store, telegram: Telegram
) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of a webhook that listens."""
    async with (
        webhook_server(cast(Receiver, stored), cast(ExtBot[Any], telegram), webhook_settings),
        aiohttp.ClientSession(f"{webhook_settings.webhook_url}/", headers=JSON) as client,
    ):
        yield client


async def post(client: aiohttp.ClientSession, body: Any, **headers: str) -> aiohttp.ClientResponse:
    return await client.post(str(client._base_url).rstrip("/"), data=body, headers=headers)


@pytest.mark.usefixtures("client")
async def test_telegram_is_told_the_address_the_secret_and_what_to_post(
    webhook_settings: Settings, telegram: Telegram
) -> None:
    assert telegram.asked == {
        "url": webhook_settings.webhook_url,
        "secret_token": SECRET,
        "allowed_updates": [*ALLOWED_UPDATES],
        "max_connections": 40,
    }


async def test_an_update_is_stored_before_it_is_confirmed(
    client: aiohttp.ClientSession, stored: Store
) -> None:
    assert (await post(client, b'{"update_id": 0}')).status == 200
    assert stored.updates == [{"update_id": 0}]


async def test_what_cannot_be_stored_stays_with_telegram(
    client: aiohttp.ClientSession, stored: Store, caplog: pytest.LogCaptureFixture
) -> None:
    stored.is_broken = True
    answer = await post(client, b'{"update_id": 5}')
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "disk is full" in caplog.text


async def test_while_too_many_updates_wait_none_is_read(client: aiohttp.ClientSession, stored: Store) -> None:
    stored.full = True
    answer = await post(client, b"no JSON")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("known_size", [True, False])
async def test_a_body_of_a_mebibyte_is_read_and_a_longer_one_is_not(
    client: aiohttp.ClientSession, stored: Store, known_size: bool
) -> None:
    async def in_parts(body: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1 << 16):
            yield body[start : start + (1 << 16)]

    for size, status in ((MEBIBYTE, 200), (MEBIBYTE + 1, 413)):
        body = b'{"update_id": 5}'.ljust(size)
        assert (await post(client, io.BytesIO(body) if known_size else in_parts(body))).status == status
    assert stored.updates == [{"update_id": 5}]


async def test_a_body_that_does_not_arrive_is_refused(
    client: aiohttp.ClientSession, webhook_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "BODY_TIMEOUT", 0.05)
    head = "".join(f"{name}: {value}\r\n" for name, value in JSON.items())
    reader, writer = await asyncio.open_connection("127.0.0.1", webhook_settings.webhook_port)
    writer.write(f"POST /from-telegram HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 9\r\n\r\n[".encode())
    async with asyncio.timeout(TIMEOUT):
        assert b" 408 " in await reader.readline()
    writer.close()


@pytest.mark.parametrize("body", [b"null", b"[]", b'{"update_id": -1}', b'{"update_id": true}', b"\xff"])
async def test_what_is_no_update_is_refused(
    client: aiohttp.ClientSession, stored: Store, body: bytes
) -> None:
    assert (await post(client, body)).status == 400
    assert stored.updates == []


@pytest.mark.parametrize("secret", ["", SECRET[:-1], SECRET + "x", SECRET.upper()])
async def test_without_the_secret_nothing_is_read(
    client: aiohttp.ClientSession, stored: Store, secret: str
) -> None:
    assert (await post(client, b'{"update_id": 5}', **{HEADER: secret})).status == 403
    assert stored.updates == []


async def test_a_port_that_is_taken_is_one_line(
    webhook_settings: Settings, stored: Store, telegram: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with webhook_server(cast(Receiver, stored), cast(ExtBot[Any], telegram), webhook_settings):
        with pytest.raises(SettingsError, match=r"^KINDRED_WEBHOOK_PORT: 127\.0\.0\.1, port") as caught:
            async with webhook_server(cast(Receiver, stored), cast(ExtBot[Any], telegram), webhook_settings):
                pass
    assert "\n" not in str(caught.value)
    assert caplog.messages == ["Telegram posts updates to 127.0.0.1"]  # from the first, and only from it


async def test_a_webhook_that_telegram_refuses_does_not_go_on_listening(
    webhook_settings: Settings, stored: Store
) -> None:
    refusing = Telegram(BadRequest("bad webhook: HTTPS url must be provided"))
    with pytest.raises(SettingsError, match=r"^KINDRED_WEBHOOK_URL: .*HTTPS"):
        async with webhook_server(cast(Receiver, stored), cast(ExtBot[Any], refusing), webhook_settings):
            pass
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", webhook_settings.webhook_port)
