"""The playground's face for tests: people who talk to the bot, and what they see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from bot.playground.membership import move
from bot.playground.people import attachments, client
from bot.playground.people.attachments import StickerKind
from bot.playground.people.client import Seat
from bot.playground.people.received import Answer, Seen, see
from bot.playground.telegram.inline import Result, Shown
from bot.playground.telegram.parameters import Json, Upload

PATIENCE = 10.0  # seconds to wait for a bot before a test fails


class Member:
    """Someone in a chat where the bot may be, too."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._cloud = seat.cloud
        self._chat = seat.chat
        self._last_act = 0  # the newest message when this person last did something

    @property
    def id(self) -> int:
        """The person's id."""
        return self._seat.user_id

    @property
    def chat_id(self) -> int:
        """The chat's id; in a private chat it is the person's."""
        return self._chat.id

    @property
    def messages(self) -> tuple[Seen, ...]:
        """The whole chat as it stands now, oldest first."""
        return tuple(self._see(message) for message in self._chat.messages.values())

    async def say(self, text: str, reply_to: Seen | None = None) -> Seen:
        """Send a text."""
        return self._acted(client.say(self._seat, text, _number(reply_to)))

    async def send_photo(
        self,
        content: bytes,
        as_file: bool = False,
        caption: str = "",
        file_name: str = "photo.jpg",
        mime_type: str = "image/jpeg",
        *,
        reply_to: Seen | None = None,
    ) -> Seen:
        """Send an image: shrunk to a photo as apps do, or as a file, unaltered."""
        uploads = [Upload(file_name, mime_type, content)]
        sent = await attachments.send_files(self._seat, uploads, caption, as_file, _number(reply_to))
        return self._acted(sent[0])

    async def send_album(
        self, photos: Sequence[bytes], caption: str = "", as_file: bool = False
    ) -> tuple[Seen, ...]:
        """Send several images as one album."""
        uploads = [Upload(f"photo{n}.jpg", "image/jpeg", content) for n, content in enumerate(photos)]
        messages = await attachments.send_files(self._seat, uploads, caption, as_file)
        return tuple(self._acted(message) for message in messages)

    async def send_sticker(
        self, content: bytes, kind: StickerKind = "static", thumbnail: bytes = b""
    ) -> Seen:
        """Send a sticker; a static one is made of any image."""
        return self._acted(await attachments.send_sticker(self._seat, content, kind, thumbnail))

    async def send_video(self, content: bytes, thumbnail: bytes = b"", caption: str = "") -> Seen:
        """Send a video; its thumbnail is made of an image."""
        return self._acted(await attachments.send_clip(self._seat, "video", content, thumbnail, caption))

    async def send_animation(self, content: bytes, thumbnail: bytes = b"", caption: str = "") -> Seen:
        """Send an animation; its thumbnail is made of an image."""
        return self._acted(await attachments.send_clip(self._seat, "animation", content, thumbnail, caption))

    async def send_voice(self, content: bytes = b"OggS") -> Seen:
        """Send a voice message."""
        return self._acted(attachments.send_voice(self._seat, content))

    async def send_location(self, latitude: float, longitude: float) -> Seen:
        """Send a place, in degrees."""
        return self._acted(attachments.send_location(self._seat, latitude, longitude))

    async def send_other(self, **content: Json) -> Seen:
        """Send what there is no method for, as the Bot API writes it: a contact, a poll, dice, ..."""
        return self._acted(self._seat.post(content))

    async def forward(self, *messages: Seen, hidden: bool = False) -> tuple[Seen, ...]:
        """Forward messages of any chat into this one; a hidden author is only a name."""
        posted = client.forward(self._seat, [message.wire for message in messages], hidden)
        return tuple(self._acted(message) for message in posted)

    async def edit(self, message: Seen, text: str) -> Seen:
        """Change the text or caption of a message of one's own."""
        return self._acted(client.edit(self._seat, message.id, text))

    async def press(self, message: Seen, button: str, timeout: float = PATIENCE) -> Answer:  # noqa: ASYNC109
        """Press a button by its label and wait until the bot answers the press."""
        with self._cloud.feed.listen(self.chat_id) as inbox:
            self._last_act = max(self._chat.messages, default=0)
            query = client.press(self._seat, message.id, *self._place(message, button))
            async with asyncio.timeout(timeout):
                while event := await inbox.get():
                    if event["type"] == "answer" and event["query"] == query:
                        return Answer(event["text"], event["alert"], event["url"])
        raise ConnectionError("the playground closed")

    async def inline(self, query: str, offset: str = "", timeout: float = PATIENCE) -> Shown:  # noqa: ASYNC109
        """Type @<bot> and a query, and wait for what is shown; `offset` asks for more of it."""
        async with asyncio.timeout(timeout):
            return await client.ask_inline(self._seat, query, offset)

    async def choose(self, result: Result) -> Seen:
        """Send one of the results shown."""
        return self._acted(client.choose(self._seat, result))

    async def replies(self, count: int = 1, timeout: float = PATIENCE) -> tuple[Seen, ...]:  # noqa: ASYNC109
        """Wait until the bot sent so many messages since this person last did something."""

        def enough() -> tuple[Seen, ...]:
            sent = tuple(seen for seen in self.messages if seen.from_bot and seen.id > self._last_act)
            return sent if len(sent) >= count else ()

        return await self._until(enough, timeout)

    async def wait_for(self, predicate: Callable[[Seen], bool], timeout: float = PATIENCE) -> Seen:  # noqa: ASYNC109
        """Wait until some message of the chat, edits and reactions counted, fits."""

        def fitting() -> tuple[Seen, ...]:
            return tuple(seen for seen in self.messages if predicate(seen))

        return (await self._until(fitting, timeout))[-1]

    def _place(self, message: Seen, button: str) -> tuple[int, int]:
        rows = self._see(self._chat.messages[message.id]).buttons
        places = {label: (y, x) for y, row in enumerate(rows) for x, label in enumerate(row)}
        if button not in places:
            raise LookupError(f"message {message.id} has no button {button!r}, only {list(places)}")
        return places[button]

    async def _until(self, found: Callable[[], tuple[Seen, ...]], seconds: float) -> tuple[Seen, ...]:
        with self._cloud.feed.listen(self.chat_id) as inbox:
            try:
                async with asyncio.timeout(seconds):
                    while not (seen := found()):
                        if await inbox.get() is None:
                            raise ConnectionError("the playground closed")
                    return seen
            except TimeoutError:
                raise TimeoutError(f"after {seconds} s the chat holds only: {self._told()}") from None

    def _told(self) -> str:
        lines = ((seen.text or "(media)", seen.from_bot) for seen in self.messages)
        return "; ".join(f"{'bot' if from_bot else 'person'}: {text!r}" for text, from_bot in lines)

    def _acted(self, message: Json) -> Seen:
        self._last_act = message["message_id"]
        return self._see(message)

    def _see(self, message: Json) -> Seen:
        return see(self._chat, message)


class Person(Member):
    """Someone in a private chat with the bot."""

    async def start(self, payload: str = "") -> Seen:
        """Press Start, perhaps after following a deep link."""
        return self._acted(client.start(self._seat, payload))

    async def block(self) -> None:
        """Block the bot: it can no longer write to this person."""
        move(self._cloud, self._chat, self._chat.owner, "kicked")

    async def unblock(self) -> None:
        """Let the bot write again."""
        move(self._cloud, self._chat, self._chat.owner, "member")

    async def delete_account(self) -> None:
        """Leave Telegram; the bot is told only when it next writes."""
        self._chat.deserted = True


def _number(message: Seen | None) -> int:
    return message.id if message else 0
