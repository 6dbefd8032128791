"""The playground's face for tests: people who talk to the bot, and what they see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.playground import client
from bot.playground.cloud import Chat, Cloud
from bot.playground.wire import Json, Upload

PATIENCE = 10.0  # seconds to wait for a bot before a test fails


@dataclass(frozen=True)
class Seen:
    """A message as a person sees it now; `wire` is the Bot API's object."""

    wire: Json
    reactions: tuple[str, ...] = ()

    @property
    def id(self) -> int:
        """The message's number."""
        number: int = self.wire["message_id"]
        return number

    @property
    def from_bot(self) -> bool:
        """Whether the bot wrote it."""
        return bool(self.wire["from"]["is_bot"])

    @property
    def text(self) -> str:
        """The text or the caption, without markup."""
        return str(self.wire.get("text") or self.wire.get("caption") or "")

    @property
    def photo(self) -> str:
        """The file_id of the photo's largest size, or nothing."""
        sizes = self.wire.get("photo") or [{"file_id": ""}]
        return str(sizes[-1]["file_id"])

    @property
    def album(self) -> str:
        """The name of the album this is part of, or nothing."""
        return str(self.wire.get("media_group_id", ""))

    @property
    def buttons(self) -> tuple[tuple[str, ...], ...]:
        """The labels of the keyboard, row by row."""
        rows = self.wire.get("reply_markup", {}).get("inline_keyboard", [])
        return tuple(tuple(button["text"] for button in row) for row in rows)

    @property
    def edited(self) -> bool:
        """Whether it was changed after it was sent."""
        return "edit_date" in self.wire


@dataclass(frozen=True)
class Answer:
    """What answerCallbackQuery showed."""

    text: str
    alert: bool


class Person:
    """Someone in a private chat with the bot."""

    def __init__(self, cloud: Cloud, chat: Chat) -> None:
        self._cloud = cloud
        self._chat = chat
        self._last_act = 0  # the newest message when this person last did something
        self._answers: dict[str, Answer] = {}

    @property
    def id(self) -> int:
        """The person's id, and their private chat's."""
        return self._chat.id

    @property
    def messages(self) -> tuple[Seen, ...]:
        """The whole chat as it stands now, oldest first."""
        return tuple(self._see(message) for message in self._chat.messages.values())

    async def say(self, text: str, reply_to: Seen | None = None) -> Seen:
        """Send a text."""
        return self._acted(client.say(self._cloud, self._chat, text, reply_to.id if reply_to else 0))

    async def send_photo(
        self,
        content: bytes,
        as_file: bool = False,
        caption: str = "",
        file_name: str = "photo.jpg",
        mime_type: str = "image/jpeg",
    ) -> Seen:
        """Send an image: shrunk to a photo as apps do, or as a file, unaltered."""
        upload = Upload(file_name, mime_type, content)
        (message,) = await client.send_files(self._cloud, self._chat, [upload], caption, as_file)
        return self._acted(message)

    async def send_album(
        self, photos: Sequence[bytes], caption: str = "", as_file: bool = False
    ) -> tuple[Seen, ...]:
        """Send several images as one album."""
        uploads = [Upload(f"photo{n}.jpg", "image/jpeg", content) for n, content in enumerate(photos)]
        messages = await client.send_files(self._cloud, self._chat, uploads, caption, as_file)
        return tuple(self._acted(message) for message in messages)

    async def edit(self, message: Seen, text: str) -> Seen:
        """Change the text of a message of one's own."""
        return self._acted(client.edit(self._cloud, self._chat, message.id, text))

    async def press(self, message: Seen, button: str, timeout: float = PATIENCE) -> Answer:  # noqa: ASYNC109
        """Press a button by its label and wait until the bot answers the press."""
        with self._cloud.feed.listen(self.id) as inbox:
            self._last_act = max(self._chat.messages, default=0)
            query = client.press(self._cloud, self._chat, message.id, *self._place(message, button))
            async with asyncio.timeout(timeout):
                while event := await inbox.get():
                    if event["type"] == "answer" and event["query"] == query:
                        return Answer(event["text"], event["alert"])
        raise ConnectionError("the playground closed")

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
        with self._cloud.feed.listen(self.id) as inbox:
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
        reactions = self._chat.reactions.get(message["message_id"], [])
        return Seen(message, tuple(reaction["emoji"] for reaction in reactions))
