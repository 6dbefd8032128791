"""The chat page, and the JSON API it speaks.

Every address under /api takes, in its query, `name` (whose app this is: a first name, `Friend` if
missing; a new name is a new person), `chat` (a chat's id; missing: the person's own chat with the
bot) and `topic` (of a group with topics; missing: the general one). Bodies are JSON or forms. What
cannot be done is answered with status 400 and `{"error": "a sentence"}`; what returns nothing
returns `{}`.

Looking on:
    GET  /api/events         server-sent events of one chat, all topics together; see below
    GET  /api/people         [{id, name, language}]
    GET  /api/chats          the person's chats, their own first: [{id, type, title, bot, people:
                             [names], forum, topics: [{id, name}]}]; type: private, group, supergroup;
                             bot: member, administrator, left, kicked (in a private chat: blocked);
                             forum: whether it has topics
    GET  /api/media/FILE_ID  a file of any chat
    GET  /api/traffic?after=N  [{number, at, method, parameters, uploads, reply, fault}], newest last,
                             100 at most; polls that brought nothing are left out; no token in it
    GET  /api/faults         {kinds, coming: [{kind, method, seconds, sent}], chances: {kind: 0..1},
                             enforced, breaches: [sentences], by_second: {second: messages}}
Arranging:
    POST /api/people   {name, language}: meet a person or change their language -> {id, name, language}
    POST /api/groups   {title, people: [names], topics, basic, bot}: the person of the query owns it;
                       basic: no supergroup; bot (true if missing): it is added -> {id}
    POST /api/topics   {title}: open a topic in the group `chat` -> {id}
    POST /api/bot      {standing}: in a group member (add), administrator, kicked (remove); in a
                       private chat member (unblock), kicked (block)
    POST /api/faults   any of {next: {kind, method, count, seconds, sent}}, {random: {seed, methods,
                       seconds, chances: {kind: 0..1}}}, {clear: true}, {enforced: bool},
                       {forget_files: true} -> as GET; kinds are told in faults.py
Taking part:
    POST /api/say      {text, reply_to}
    POST /api/start    {payload}: follow a deep link
    POST /api/files    form: the files under any names, caption, as_file, reply_to; several: an album
    POST /api/send     form: kind (sticker, animated_sticker, video_sticker, video, animation, voice,
                       location), the parts file and thumbnail, caption, latitude, longitude
    POST /api/forward  {message_ids, from_chat, hidden}: forward into this chat; hidden: author unnamed
    POST /api/edit     {message_id, text}
    POST /api/press    {message_id, row, column} -> {query}; its answer comes as an event
    POST /api/inline   {query, offset}: waits for the bot -> {results: [{id, title, description, photo
                       (a file_id or ""), text}], next_offset ("": no more), button or null}
    POST /api/choose   {id}: send one of the results of the person's last query, all its pages

Events, `{"type": ...}`:
    history   the first one: chat (as in /api/chats), messages, reactions [{message_id, reactions}], profile
    message, edit    message: as the Bot API writes it; message_thread_id with is_topic_message: its topic
    delete    message_ids
    reaction  message_id, reactions
    action    action, topic: what the bot is doing, shown for five seconds
    answer    query, text, alert, url: to a button this person pressed
    profile   name, username, description, commands: what the bot says of itself, to this person
    presence  bot: whether a bot is there
    chats     some chat, topic or standing of the bot is new: ask /api/chats again
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Final

from aiohttp import web

from bot.http.assets import asset_routes
from bot.playground.bot_api import Gateway
from bot.playground.page_api.admin import Desk
from bot.playground.page_api.chat import Talk
from bot.playground.page_api.session import Seats, explained
from bot.playground.people.client import Seat
from bot.playground.telegram.events import Inbox
from bot.playground.telegram.parameters import Json

PAGE: Final = Path(__file__).parents[1] / "page"
HEARTBEAT: Final = 1.0  # seconds between looks at whether the bot is still there
SHOWN: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})


class Front:
    """Serves the page of one playground."""

    def __init__(self, gateway: Gateway) -> None:
        self._cloud = gateway.cloud
        self._seats = Seats(gateway.cloud)
        self._desk = Desk(gateway, self._seats)
        self._talk = Talk(gateway.cloud, self._seats)

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """Everything under the page's address."""
        return [
            web.get("/", self.index),
            *asset_routes(),
            web.static("/page", PAGE),
            web.get("/api/events", explained(self.events)),
            web.get("/api/media/{file_id}", self.media),
            *self._desk.routes,
            *self._talk.routes,
        ]

    async def index(self, _: web.Request) -> web.StreamResponse:
        """Serve the page."""
        return web.FileResponse(PAGE / "index.html")

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Stream the chat: its history first, then what happens."""
        seat = self._seats.of(request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with self._cloud.feed.listen(seat.chat.id) as inbox:
            await _send(response, self._seats.history(seat))
            await self._stream(response, seat, inbox)
        return response

    async def media(self, request: web.Request) -> web.Response:
        """Show a file of the chat; what is no plain image is offered for saving instead."""
        file = self._cloud.shelf.look(request.match_info["file_id"])
        if file is None:
            raise web.HTTPNotFound
        if file.mime_type in SHOWN:
            return web.Response(body=file.content, content_type=file.mime_type)
        return web.Response(body=file.content, headers={"Content-Disposition": "attachment"})

    async def _stream(self, response: web.StreamResponse, seat: Seat, inbox: Inbox) -> None:
        present: bool | None = None
        while True:
            if present != self._cloud.attended:
                present = self._cloud.attended
                await _send(response, {"type": "presence", "bot": present})
            try:
                event = await asyncio.wait_for(inbox.get(), HEARTBEAT)
            except TimeoutError:
                continue
            if event is None:
                return
            if event.get("to", seat.user_id) == seat.user_id:
                await _send(response, self._seats.profile(seat) if event["type"] == "profile" else event)


async def _send(response: web.StreamResponse, event: Json) -> None:
    await response.write(f"data: {json.dumps(event)}\n\n".encode())
