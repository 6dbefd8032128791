"""Updates posted by Telegram are stored, then confirmed; other requests are refused."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot.credentials import SettingsError
from bot.http import connections
from bot.playground import Person, Playground
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from bot.updates import receiver
from bot.updates.webhook import HEADER, MAX_BODY_BYTES
from tests.bot.harness import TIMEOUT, ScriptedEngine, build_bot, running_bot, wait_until_inbox_empty
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET = "only-Telegram_knows"
JSON = {"Content-Type": "application/json", HEADER: SECRET}


@pytest.fixture
def webhook_settings() -> dict[str, Any]:
    """Settings of a webhook on a free port."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/from-telegram"
    return {
        "webhook_url": url,
        "webhook_port": port,
        "webhook_secret": SecretStr(SECRET),
    }


async def test_an_update_that_telegram_posts_twice_is_answered_once(
    settings: Settings,
    playground: Playground,
    scripted: ScriptedEngine,
    store: SQLiteStore,
    ada: Person,
    webhook_settings: dict[str, Any],
) -> None:
    async with running_bot(
        build_bot(settings, playground, scripted, store), **webhook_settings
    ) as dispatcher:
        await ada.say("boy")
        assert "girl" in (await ada.replies(1, TIMEOUT))[0].text
        message = {"message_id": 9, "date": 1, "chat": {"id": ada.id, "type": "private"}, "text": "boy"}
        async with aiohttp.ClientSession(headers=JSON) as telegram:
            for _ in range(2):
                posted = await telegram.post(
                    webhook_settings["webhook_url"], json={"update_id": 5, "message": message}
                )
                assert posted.status == 200
        await ada.replies(2, TIMEOUT)
        await asyncio.sleep(0.2)
        await wait_until_inbox_empty(dispatcher)
    assert len(scripted.calls) == 2


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("POST", "", JSON | {HEADER: SECRET + "?"}, b"{}", 403),
        ("POST", "", {"Content-Type": "application/json"}, b"{}", 403),
        ("POST", "", JSON | {HEADER: "é"}, b"{}", 403),
        ("GET", "", JSON, b"", 405),
        ("POST", "", JSON | {"Content-Type": "text/plain"}, b"{}", 415),
        ("POST", "", JSON, b"{" + b" " * MAX_BODY_BYTES, 413),
        ("POST", "", JSON, b"{", 400),
        ("POST", "", JSON, b"[" * 50_000, 400),
        ("POST", "", JSON, b'{"update_id": "1"}', 400),
        ("POST", "", JSON, b'{"update_id": 99999999999999999999}', 400),
        ("POST", "/elsewhere", JSON, b"{}", 404),
    ],
)
async def test_any_other_request_is_refused(
    settings: Settings,
    playground: Playground,
    scripted: ScriptedEngine,
    store: SQLiteStore,
    webhook_settings: dict[str, Any],
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    status: int,
) -> None:
    async with running_bot(
        build_bot(settings, playground, scripted, store), **webhook_settings
    ) as dispatcher:
        async with aiohttp.ClientSession() as client:
            url = webhook_settings["webhook_url"] + path
            answer = await client.request(method, url, data=io.BytesIO(body), headers=headers)
        assert answer.status == status
        assert await dispatcher.inbox.waiting() == []


async def test_a_proxy_that_strips_the_path_is_told_in_the_log_once(
    settings: Settings,
    playground: Playground,
    scripted: ScriptedEngine,
    store: SQLiteStore,
    webhook_settings: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    base = f"http://127.0.0.1:{webhook_settings['webhook_port']}"
    async with (
        running_bot(build_bot(settings, playground, scripted, store), **webhook_settings),
        aiohttp.ClientSession() as client,
    ):
        stranger = await client.post(f"{base}/", json={}, headers={HEADER: "guess"})
        assert stranger.status == 404
        assert "a proxy changes the path" not in caplog.text
        for path in ("/", "/", "/webhook/from-telegram"):
            assert (await client.post(f"{base}{path}", json={}, headers=JSON)).status == 404
    assert caplog.text.count("a proxy changes the path") == 1
    assert "from-telegram" not in caplog.text  # the path may be a secret
    assert SECRET not in caplog.text


async def test_a_header_that_never_ends_ends_its_connection(
    settings: Settings,
    playground: Playground,
    scripted: ScriptedEngine,
    store: SQLiteStore,
    webhook_settings: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "HEADER_TIMEOUT", 0.1)
    async with running_bot(build_bot(settings, playground, scripted, store), **webhook_settings):
        reader, writer = await asyncio.open_connection("127.0.0.1", webhook_settings["webhook_port"])
        writer.write(b"POST /from-telegram HTTP/1.1\r\n")
        async with asyncio.timeout(TIMEOUT):
            assert await reader.read() == b""
        writer.close()


async def test_while_too_many_updates_wait_telegram_is_told_to_retry(
    settings: Settings,
    playground: Playground,
    scripted: ScriptedEngine,
    store: SQLiteStore,
    ada: Person,
    webhook_settings: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running_bot(build_bot(settings, playground, scripted, store), **webhook_settings):
        monkeypatch.setattr(receiver, "MAX_WAITING", 0)
        await ada.say("boy")
        async with aiohttp.ClientSession(headers=JSON) as telegram:
            answer = await telegram.post(webhook_settings["webhook_url"], json={"update_id": 5})
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        monkeypatch.setattr(receiver, "MAX_WAITING", 10)
        assert "girl" in (await ada.replies(1, TIMEOUT))[0].text


async def test_a_webhook_url_that_telegram_refuses_is_one_line(
    settings: Settings,
    playground: Playground,
    scripted: ScriptedEngine,
    store: SQLiteStore,
    webhook_settings: dict[str, Any],
) -> None:
    webhook_settings["webhook_url"] = "http://kindred.example.org/hook"
    with pytest.raises(SettingsError, match=r"KINDRED_WEBHOOK_URL: .*https"):
        async with running_bot(build_bot(settings, playground, scripted, store), **webhook_settings):
            pass


async def test_a_bot_that_had_a_webhook_can_go_back_to_long_polling(
    settings: Settings,
    playground: Playground,
    scripted: ScriptedEngine,
    store: SQLiteStore,
    ada: Person,
    webhook_settings: dict[str, Any],
) -> None:
    async with running_bot(build_bot(settings, playground, scripted, store), **webhook_settings):
        pass
    await ada.say("boy")
    async with running_bot(build_bot(settings, playground, scripted, store)):
        assert "girl" in (await ada.replies(1, TIMEOUT))[0].text
