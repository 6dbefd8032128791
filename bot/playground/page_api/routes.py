"""The chat page, and the JSON API behind it.

Every address under /api takes, in its query, `name`: the first name of the person at the page, `Friend`
if missing; a new name creates a person, who is in a private chat with the bot. Bodies are JSON or forms.
An impossible action is answered with status 400 and `{"error": "a sentence"}`; an action that returns
nothing returns `{}`.

    GET  /api/events         server-sent events of the chat; see below
    GET  /api/media/FILE_ID  a file of any chat
    POST /api/language {language}: change the language of the person's app -> {id, name, language}
    POST /api/say      {text, reply_to}
    POST /api/start    {payload}: follow a deep link
    POST /api/files    form: the files under any names, caption, as_file, reply_to; several: an album
    POST /api/edit     {message_id, text}
    POST /api/press    {message_id, row, column} -> {query}; its answer comes as an event
    POST /api/inline   {query, offset}: wait for the bot -> {results: [{id, title, description, photo
                       (a file_id or ""), text}], next_offset ("": no more), button or null}
    POST /api/choose   {id}: send one of the results of the person's last query, of any of its pages

Events, `{"type": ...}`:
    history   the first one: person {id, name, language}, messages, profile
    message, edit    message: a Message object
    delete    message_ids
    action    action: a chat action, shown for five seconds
    answer    query, text, alert, url: the answer to a button this person pressed
    profile   name, username, commands: the bot's account and its commands for this person
    presence  bot: whether a bot is receiving updates
    notice    text: what is shown above the chat, empty for nothing
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Final

from aiohttp import web

from bot.http.assets import asset_routes
from bot.playground.page_api.actions import Actions
from bot.playground.page_api.session import history, profile, session_of, with_json_errors
from bot.playground.people.client import Session
from bot.playground.state import State
from bot.playground.telegram.events import EventQueue
from bot.playground.telegram.parameters import Json

PAGE: Final = Path(__file__).parents[1] / "page"
CHECK_INTERVAL: Final = 1.0  # seconds between checks of whether a bot is there, and of the notice
DISPLAYED_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})


class PageApi:
    """Serves the chat page of one playground."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._actions = Actions(state)

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """Return all routes of the page and its API."""
        return [
            web.get("/", self.index),
            *asset_routes(),
            web.static("/page", PAGE),
            web.get("/api/events", with_json_errors(self.events)),
            web.get("/api/media/{file_id}", self.media),
            *self._actions.routes,
        ]

    async def index(self, _: web.Request) -> web.StreamResponse:
        """Serve the page."""
        return web.FileResponse(PAGE / "index.html")

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Stream the events of the chat, its history first."""
        session = session_of(self._state, request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with self._state.events.subscribe(session.chat.id) as queue:
            await _send(response, history(session))
            await self._stream(response, session, queue)
        return response

    async def media(self, request: web.Request) -> web.Response:
        """Serve a file: plain images for display, anything else only for download."""
        file = self._state.files.get(request.match_info["file_id"])
        if file is None:
            raise web.HTTPNotFound
        if file.mime_type in DISPLAYED_TYPES:
            return web.Response(body=file.content, content_type=file.mime_type)
        return web.Response(body=file.content, headers={"Content-Disposition": "attachment"})

    async def _stream(self, response: web.StreamResponse, session: Session, queue: EventQueue) -> None:
        present: bool | None = None
        notice = ""
        while True:
            if present != self._state.has_bot:
                present = self._state.has_bot
                await _send(response, {"type": "presence", "bot": present})
            if notice != (text := self._state.notice(session.user.get("language_code", ""))):
                notice = text
                await _send(response, {"type": "notice", "text": notice})
            try:
                event = await asyncio.wait_for(queue.get(), CHECK_INTERVAL)
            except TimeoutError:
                continue
            if event is None:
                return
            await _send(response, profile(session) if event["type"] == "profile" else event)


async def _send(response: web.StreamResponse, event: Json) -> None:
    await response.write(f"data: {json.dumps(event)}\n\n".encode())
