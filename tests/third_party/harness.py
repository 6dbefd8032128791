"""Telemelya's end and the bot's: somebody who writes there, and the webhook that hears of it."""

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

ANSWERS = ("sendMessage", "sendPhoto")
BOT = {"id": 123456789, "is_bot": True, "first_name": "TestBot", "username": "telemelya_bot"}


@dataclass
class Hook:
    """Takes the updates that telemelya posts, and adds what it leaves out.

    Attributes:
        pressed: what stands in the messages under which buttons are pressed, by their numbers: telemelya
            sends these messages along empty, Telegram whole.
    """

    application: KindredApplication
    pressed: dict[int, Json] = field(default_factory=dict)

    async def take(self, request: web.Request) -> web.Response:
        """Take an update; it is answered after the post is, as by any webhook."""
        update = await request.json()
        if pressed := update.get("callback_query"):
            pressed["message"] |= self.pressed.get(pressed["message"]["message_id"], {})
        await self.application.update_queue.put(Update.de_json(update, self.application.bot))
        return web.Response()


@asynccontextmanager
async def hooked(application: KindredApplication) -> AsyncIterator[Hook]:
    """Let a bot answer what comes to its webhook while the block runs."""
    hook, routes = Hook(application), web.Application()
    routes.router.add_post("/", hook.take)
    async with application, TestServer(routes) as server:
        await set_menu(application)
        await application.bot.set_webhook(str(server.make_url("/")))
        await application.start()
        yield hook
        await application.stop()


@dataclass
class Somebody:
    """Who writes to the bot, in a session of telemelya's own.

    Attributes:
        control: the part of telemelya that tests steer.
        asked: what was written, by number.
    """

    control: httpx.AsyncClient
    hook: Hook
    id: int
    asked: dict[int, Json] = field(default_factory=dict)
    _read: int = 0

    async def say(self, text: str) -> None:
        await self._send(text=text)

    async def send_photo(self, photo: bytes, words: str | None = None) -> None:
        kept = await self.control.post("upload_media", files={"file": ("photo.jpg", photo)})
        await self.send_file_id(kept.raise_for_status().json()["file_id"], words)

    async def send_file_id(self, file: str, words: str | None = None) -> None:
        await self._send(photo_file_id=file, photo_caption=words)

    async def press(self, answer: Json, label: str, *, whole: bool = True) -> None:
        """Press a button; `whole`: the message comes along as Telegram would send it."""
        buttons = [button for row in answer["reply_markup"]["inline_keyboard"] for button in row]
        (data,) = (button["callback_data"] for button in buttons if button["text"] == label)
        if whole:
            self.hook.pressed[answer["message_id"]] = self._whole(answer)
        await self._send(callback_data=data, callback_message_id=answer["message_id"])

    async def ask_inline(self, text: str) -> Json:
        """Type in any chat; the answer is what the bot offers."""
        await self._post("send_inline_query", query=text, chat_id=self.id)
        return await self.heard("answerInlineQuery")

    async def heard(self, *methods: str) -> Json:
        """Wait for the bot's next call of one of these methods; calls before it count as heard."""
        async with asyncio.timeout(TIMEOUT):
            while True:
                calls = await self.calls()
                for number, call in enumerate(calls[self._read :], self._read + 1):
                    if call["method"] in (methods or ANSWERS):
                        self._read = number
                        return call
                await asyncio.sleep(0.05)

    async def calls(self) -> list[Json]:
        """Give all calls of the bot's that were about this person."""
        return (await self.control.get("responses")).raise_for_status().json()["responses"]

    def _whole(self, answer: Json) -> Json:
        whole = {"from": BOT, "text": answer["text"], "reply_markup": answer["reply_markup"]}
        replied = answer["raw"].get("reply_parameters")
        return whole | ({"reply_to_message": self.asked[replied["message_id"]]} if replied else {})

    async def _send(self, **what: Any) -> None:
        update = (await self._post("send_update", chat_id=self.id, **what))["update"]
        if message := update.get("message"):
            self.asked[message["message_id"]] = message

    async def _post(self, path: str, **what: Any) -> Json:
        token = {"bot_token": self.hook.application.bot.token}
        return (await self.control.post(path, params=token, json=what)).raise_for_status().json()
