"""What the person at the page does in a chat: say, send, press, ask inline."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from bot.playground.page_api.session import Seats, explained
from bot.playground.people import attachments, client
from bot.playground.people.attachments import ClipKind, StickerKind
from bot.playground.people.client import Impossible, Seat
from bot.playground.state import Cloud
from bot.playground.telegram.inline import Result
from bot.playground.telegram.limits import INLINE_QUERY_SECONDS
from bot.playground.telegram.parameters import Json, Parameters, read

STICKERS: Final[dict[str, StickerKind]] = {
    "sticker": "static", "animated_sticker": "animated", "video_sticker": "video",
}  # fmt: skip
CLIPS: Final[dict[str, ClipKind]] = {"video": "video", "animation": "animation"}


class Talk:
    """Takes what the person does."""

    def __init__(self, cloud: Cloud, seats: Seats) -> None:
        self._cloud = cloud
        self._seats = seats
        self._shown: dict[int, dict[str, Result]] = {}  # by person: what their last query showed

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """The addresses of all this."""
        doings = (
            self.say, self.start, self.files, self.send, self.forward, self.edit, self.press,
            self.inline, self.choose,
        )  # fmt: skip
        return [web.post(f"/api/{doing.__name__}", explained(doing)) for doing in doings]

    async def say(self, request: web.Request) -> web.Response:
        """Take a text the person typed."""
        given = await read(request)
        client.say(self._seats.of(request), given.text("text"), given.integer("reply_to"))
        return web.json_response({})

    async def start(self, request: web.Request) -> web.Response:
        """Take the person through a deep link."""
        client.start(self._seats.of(request), (await read(request)).text("payload"))
        return web.json_response({})

    async def files(self, request: web.Request) -> web.Response:
        """Take files the person attached, under one caption."""
        given = await read(request)
        uploads = list(given.uploads.values())
        caption, as_file = given.text("caption"), given.flag("as_file")
        place = given.integer("reply_to")
        await attachments.send_files(self._seats.of(request), uploads, caption, as_file, place)
        return web.json_response({})

    async def send(self, request: web.Request) -> web.Response:
        """Take something of another kind."""
        await _send(self._seats.of(request), await read(request))
        return web.json_response({})

    async def forward(self, request: web.Request) -> web.Response:
        """Forward messages of another chat of the person's, or of this one."""
        given, seat = await read(request), self._seats.of(request)
        source = self._cloud.chats.get(given.integer("from_chat", seat.chat.id))
        if source is None or seat.user_id not in source.people:
            raise Impossible("you are not in the chat to forward from")
        numbers = given.array("message_ids")
        if not all(isinstance(number, int) and number in source.messages for number in numbers):
            raise Impossible("there are no such messages to forward")
        client.forward(seat, [source.messages[number] for number in numbers], given.flag("hidden"))
        return web.json_response({})

    async def edit(self, request: web.Request) -> web.Response:
        """Change a message of the person's."""
        given = await read(request)
        client.edit(self._seats.of(request), given.integer("message_id"), given.text("text"))
        return web.json_response({})

    async def press(self, request: web.Request) -> web.Response:
        """Take a press of a button; the answer comes as an event of this query."""
        given = await read(request)
        place = (given.integer("message_id"), given.integer("row"), given.integer("column"))
        return web.json_response({"query": client.press(self._seats.of(request), *place)})

    async def inline(self, request: web.Request) -> web.Response:
        """Ask the bot, and show what it answers."""
        given, seat = await read(request), self._seats.of(request)
        offset = given.text("offset")
        try:
            async with asyncio.timeout(INLINE_QUERY_SECONDS):
                shown = await client.ask_inline(seat, given.text("query"), offset)
        except TimeoutError as error:
            raise Impossible("the bot has not answered") from error
        before = self._shown.get(seat.user_id, {}) if offset else {}
        self._shown[seat.user_id] = before | {result.id: result for result in shown.results}
        told = {"results": [_told(one) for one in shown.results], "next_offset": shown.next_offset}
        return web.json_response(told | {"button": shown.button})

    async def choose(self, request: web.Request) -> web.Response:
        """Send what the person chose among the results."""
        seat, number = self._seats.of(request), (await read(request)).text("id")
        result = self._shown.get(seat.user_id, {}).get(number)
        if result is None:
            raise Impossible("this result is no longer shown")
        client.choose(seat, result)
        return web.json_response({})


async def _send(seat: Seat, given: Parameters) -> None:
    kind = given.text("kind")
    content, thumbnail = (
        upload.content if (upload := given.uploads.get(name)) else b"" for name in ("file", "thumbnail")
    )
    if kind == "location":
        attachments.send_location(seat, given.number("latitude"), given.number("longitude"))
    elif not content:
        raise Impossible("there is no file to send")
    elif kind in STICKERS:
        await attachments.send_sticker(seat, content, STICKERS[kind], thumbnail)
    elif kind in CLIPS:
        await attachments.send_clip(seat, CLIPS[kind], content, thumbnail, given.text("caption"))
    elif kind == "voice":
        attachments.send_voice(seat, content)
    else:
        raise Impossible(f"nothing of the kind {kind!r} can be sent")


def _told(result: Result) -> Json:
    text = result.content.get("text") or result.content.get("caption", "")
    looks = {"title": result.title, "description": result.description, "photo": result.photo}
    return {"id": result.id, "text": text} | looks
