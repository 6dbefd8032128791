"""Webhook delivery: updates are posted with the secret token, in order, until they are accepted."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot, Update
from telegram.error import BadRequest, Conflict

from bot.playground import Person, Playground
from bot.playground.telegram.webhook import SECRET_TOKEN_HEADER
from tests.bot.playground.conftest import polling

pytestmark = pytest.mark.usefixtures("checked_against_schema")


class Server:
    """A bot's server that accepts or refuses updates as a test sets it."""

    def __init__(self) -> None:
        self.url = ""
        self.posts: list[tuple[str, dict[str, Any]]] = []  # secret, update
        self.refusals: list[int] = []  # statuses of the next answers
        self.open = asyncio.Event()  # while it is not set, nothing is answered
        self.open.set()

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for _, update in self.posts]

    async def take(self, request: web.Request) -> web.Response:
        self.posts.append((request.headers.get(SECRET_TOKEN_HEADER, ""), await request.json()))
        await self.open.wait()
        status = self.refusals.pop(0) if self.refusals else 200
        return web.Response(status=status, headers={"Location": "/elsewhere"})  # which would take it

    async def welcome(self, _: web.Request) -> web.Response:
        return web.Response()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.posts) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def served(server: Server) -> AsyncIterator[Server]:
    app = web.Application()
    app.router.add_post("/hook", server.take)
    app.router.add_get("/elsewhere", server.welcome)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield server
    server.open.set()
    await runner.cleanup()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with served(Server()) as server:
        yield server


async def settled(playground: Playground) -> None:
    async with asyncio.timeout(10):
        while playground._state.updates.pending:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_updates_are_posted_with_the_secret_and_then_forgotten(
    playground: Playground, bot: Bot, server: Server, ada: Person
) -> None:
    assert await bot.set_webhook(server.url, secret_token="s3cret_-")
    await ada.say("hello")
    await server.until(2)
    assert server.texts == ["/start", "hello"]  # what waited comes first
    assert {secret for secret, _ in server.posts} == {"s3cret_-"}
    assert [Update.de_json(update, bot).message.chat.id for _, update in server.posts] == [ada.id] * 2
    await settled(playground)


async def test_what_is_refused_is_posted_again_before_anything_newer(
    bot: Bot, server: Server, ada: Person
) -> None:
    server.refusals = [500, 302, 404]
    await bot.set_webhook(server.url, drop_pending_updates=True)
    await ada.say("one")
    await ada.say("two")
    await server.until(5)
    assert server.texts == ["one", "one", "one", "one", "two"]
    assert len({update["update_id"] for _, update in server.posts}) == 2


async def test_each_chat_has_one_update_on_its_way_and_waits_for_no_other(
    playground: Playground, bot: Bot, server: Server, ada: Person, grace: Person
) -> None:
    await bot.set_webhook(server.url, drop_pending_updates=True)
    server.open.clear()
    for number in range(3):
        await ada.say(f"ada {number}")
        await grace.say(f"grace {number}")
    await server.until(2)
    await asyncio.sleep(0.1)
    assert sorted(server.texts) == ["ada 0", "grace 0"]
    server.open.set()
    await settled(playground)
    for name in ("ada", "grace"):
        assert [text for text in server.texts if text.startswith(name)] == [f"{name} {n}" for n in range(3)]


async def test_no_more_connections_are_made_than_allowed(
    playground: Playground, bot: Bot, server: Server
) -> None:
    await bot.set_webhook(server.url, max_connections=2)
    server.open.clear()
    for number in range(4):
        await playground.person(f"Person {number}").say("hello")
    await server.until(2)
    await asyncio.sleep(0.1)
    assert len(server.posts) == 2
    server.open.set()
    await server.until(4)


async def test_asking_for_updates_and_a_webhook_exclude_each_other(
    playground: Playground, bot: Bot, server: Server, ada: Person
) -> None:
    poll = await polling(playground, bot, 2**31 - 1)
    await bot.set_webhook(server.url)
    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await poll
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    assert playground.call_log[-1].reply["error_code"] == 409
    await bot.delete_webhook()
    await ada.say("hello")
    assert (await bot.get_updates())[-1].message is not None
    assert server.posts == []


async def test_only_the_kinds_asked_for_are_posted(bot: Bot, server: Server, ada: Person) -> None:
    await bot.set_webhook(server.url, allowed_updates=["edited_message"], drop_pending_updates=True)
    message = await ada.say("hello")
    await ada.edit(message, "hello!")
    await server.until(1)
    assert "edited_message" in server.posts[0][1]


async def test_a_server_that_is_away_is_tried_until_it_is_back(
    playground: Playground, bot: Bot, server: Server, ada: Person
) -> None:
    away = Server()
    async with served(away):
        url = away.url
    await bot.set_webhook(url)
    async with asyncio.timeout(10):
        while playground._state.has_bot:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert len(playground._state.updates.pending) == 1
    await bot.set_webhook(server.url)
    await server.until(1)
    await bot.set_webhook("")
    assert await bot.get_updates(2**31 - 1) == ()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.org/hook", "An HTTPS URL must be provided for webhook"),
        ("https://example.org:8080/", "Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ("https://example.org/hook", "Failed to resolve host"),
        ("http://[", "invalid webhook URL specified"),
    ],
)
async def test_a_webhook_elsewhere_is_refused(bot: Bot, url: str, words: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){words}"):
        await bot.set_webhook(url)


async def test_a_secret_has_letters_and_digits_only(bot: Bot, server: Server) -> None:
    with pytest.raises(BadRequest, match="ecret token contains unallowed characters"):
        await bot.set_webhook(server.url, secret_token="no spaces")
