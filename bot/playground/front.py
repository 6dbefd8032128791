"""The chat page and the small API it speaks: events out, texts, files and presses in."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Final

from aiohttp import web

from bot.playground import client
from bot.playground.cloud import Chat, Cloud
from bot.playground.feed import Inbox
from bot.playground.guard import Handler
from bot.playground.refusals import Refused
from bot.playground.wire import Json, read

PAGE: Final = Path(__file__).parent / "page"
PERSON: Final = "Friend"  # who the page's user is, unless its address says ?name=
HEARTBEAT: Final = 1.0  # seconds between looks at whether the bot is still there
SHOWN: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})


class Front:
    """Serves the page of one playground."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """Everything under the page's address."""
        return [
            web.get("/", self.index),
            web.static("/page", PAGE),
            web.get("/api/events", self.events),
            web.post("/api/say", explained(self.say)),
            web.post("/api/files", explained(self.files)),
            web.post("/api/press", explained(self.press)),
            web.get("/api/media/{file_id}", self.media),
        ]

    async def index(self, _: web.Request) -> web.StreamResponse:
        """Serve the page."""
        return web.FileResponse(PAGE / "index.html")

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Stream the chat: its history first, then what happens."""
        chat = self._chat(request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with self._cloud.feed.listen(chat.id) as inbox:
            await _send(response, self._history(chat))
            await self._stream(response, chat, inbox)
        return response

    async def say(self, request: web.Request) -> web.Response:
        """Take a text the person typed."""
        given = await read(request)
        client.say(self._cloud, self._chat(request), given.text("text"), given.integer("reply_to"))
        return web.json_response({})

    async def files(self, request: web.Request) -> web.Response:
        """Take files the person attached, under one caption."""
        given = await read(request)
        uploads = list(given.uploads.values())
        caption, as_file = given.text("caption"), given.flag("as_file")
        await client.send_files(self._cloud, self._chat(request), uploads, caption, as_file)
        return web.json_response({})

    async def press(self, request: web.Request) -> web.Response:
        """Take a press of a button; the answer comes as an event of this query."""
        given = await read(request)
        place = (given.integer("message_id"), given.integer("row"), given.integer("column"))
        return web.json_response({"query": client.press(self._cloud, self._chat(request), *place)})

    async def media(self, request: web.Request) -> web.Response:
        """Show a file of the chat; what is no plain image is offered for saving instead."""
        file = self._cloud.shelf.find(request.match_info["file_id"])
        if file is None:
            raise web.HTTPNotFound
        if file.mime_type in SHOWN:
            return web.Response(body=file.content, content_type=file.mime_type)
        return web.Response(body=file.content, headers={"Content-Disposition": "attachment"})

    def _chat(self, request: web.Request) -> Chat:
        return self._cloud.chat_with(request.query.get("name", "").strip() or PERSON)

    def _history(self, chat: Chat) -> Json:
        reactions = [{"message_id": number, "reactions": set_} for number, set_ in chat.reactions.items()]
        known = {"type": "history", "messages": list(chat.messages.values()), "reactions": reactions}
        return known | {"profile": self._profile(chat)}

    def _profile(self, chat: Chat) -> Json:
        profile, language = self._cloud.profile, chat.person["language_code"]
        return {
            "type": "profile",
            "name": profile.words("name", language),
            "username": profile.user["username"],
            "description": profile.words("description", language),
            "commands": profile.menu(chat.id, language),
        }

    async def _stream(self, response: web.StreamResponse, chat: Chat, inbox: Inbox) -> None:
        present: bool | None = None
        while True:
            if present != self._cloud.updates.polled:
                present = self._cloud.updates.polled
                await _send(response, {"type": "presence", "bot": present})
            try:
                event = await asyncio.wait_for(inbox.get(), HEARTBEAT)
            except TimeoutError:
                continue
            if event is None:
                return
            await _send(response, self._profile(chat) if event["type"] == "profile" else event)


def explained(handler: Handler) -> Handler:
    """Tell the page why something cannot be done."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except (client.Impossible, Refused) as error:
            return web.json_response({"error": str(error)}, status=400)
        except web.HTTPRequestEntityTooLarge:
            return web.json_response({"error": "this is too large to send"}, status=413)

    return handle


async def _send(response: web.StreamResponse, event: Json) -> None:
    await response.write(f"data: {json.dumps(event)}\n\n".encode())
