"""The two ends of telemelya: a simulated user, and the bot's webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram import Update

from bot.app import set_menu
from bot.types import KindredApplication
from tests.bot.harness import TIMEOUT

Json = dict[str, Any]

ANSWER_METHODS = ("sendMessage", "sendPhoto")
BOT = {"id": 123456789, "is_bot": True, "first_name": "TestBot", "username": "telemelya_bot"}


@dataclass
class WebhookServer:
    """Receives the updates that telemelya posts, and adds what it leaves out.

    Attributes:
        messages: contents of the messages whose buttons are pressed, by message id: telemelya sends these
            messages without content, Telegram with it.
    """

    application: KindredApplication
    messages: dict[int, Json] = field(default_factory=dict)

    async def receive(self, request: web.Request) -> web.Response:
        """Queue an update and confirm it at once, as any webhook does."""
        update = await request.json()
        if query := update.get("callback_query"):
            query["message"] |= self.messages.get(query["message"]["message_id"], {})
        await self.application.update_queue.put(Update.de_json(update, self.application.bot))
        return web.Response()


@asynccontextmanager
async def webhook_server(application: KindredApplication) -> AsyncIterator[WebhookServer]:
    """Run the bot with its webhook while the block runs."""
    server, routes = WebhookServer(application), web.Application()
    routes.router.add_post("/", server.receive)
    async with application, TestServer(routes) as http:
        await set_menu(application)
        await application.bot.set_webhook(str(http.make_url("/")))
        await application.start()
        yield server
        await application.stop()


@dataclass
class SimulatedUser:
    """A user who writes to the bot, in a test session of telemelya.

    Attributes:
        control: client of telemelya's control API.
        sent: messages of the user, by message id.
    """

    control: httpx.AsyncClient
    webhook: WebhookServer
    id: int
    sent: dict[int, Json] = field(default_factory=dict)
    _calls_read: int = 0

    async def send_text(self, text: str) -> None:
        await self._send(text=text)

    async def send_photo(self, photo: bytes, caption: str | None = None) -> None:
        uploaded = await self.control.post("upload_media", files={"file": ("photo.jpg", photo)})
        await self.send_file_id(uploaded.raise_for_status().json()["file_id"], caption)

    async def send_file_id(self, file_id: str, caption: str | None = None) -> None:
        await self._send(photo_file_id=file_id, photo_caption=caption)

    async def press(self, answer: Json, label: str, *, with_message: bool = True) -> None:
        """Press a button; `with_message` adds the content of its message, as Telegram does."""
        buttons = [button for row in answer["reply_markup"]["inline_keyboard"] for button in row]
        (data,) = (button["callback_data"] for button in buttons if button["text"] == label)
        if with_message:
            self.webhook.messages[answer["message_id"]] = self._content(answer)
        await self._send(callback_data=data, callback_message_id=answer["message_id"])

    async def inline_query(self, text: str) -> Json:
        """Send an inline query, and return the bot's answer."""
        await self._post("send_inline_query", query=text, chat_id=self.id)
        return await self.next_call("answerInlineQuery")

    async def next_call(self, *methods: str) -> Json:
        """Wait for the bot's next call of one of these methods; earlier calls are skipped."""
        async with asyncio.timeout(TIMEOUT):
            while True:
                calls = await self.calls()
                for number, call in enumerate(calls[self._calls_read :], self._calls_read + 1):
                    if call["method"] in (methods or ANSWER_METHODS):
                        self._calls_read = number
                        return call
                await asyncio.sleep(0.05)

    async def calls(self) -> list[Json]:
        """Return all calls of the bot for this user."""
        return (await self.control.get("responses")).raise_for_status().json()["responses"]

    def _content(self, answer: Json) -> Json:
        content = {"from": BOT, "text": answer["text"], "reply_markup": answer["reply_markup"]}
        reply = answer["raw"].get("reply_parameters")
        return content | ({"reply_to_message": self.sent[reply["message_id"]]} if reply else {})

    async def _send(self, **content: Any) -> None:
        update = (await self._post("send_update", chat_id=self.id, **content))["update"]
        if message := update.get("message"):
            self.sent[message["message_id"]] = message

    async def _post(self, path: str, **parameters: Any) -> Json:
        token = {"bot_token": self.webhook.application.bot.token}
        return (await self.control.post(path, params=token, json=parameters)).raise_for_status().json()
