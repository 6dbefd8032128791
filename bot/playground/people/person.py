"""People for tests: they talk to the bot and wait for its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from bot.playground.membership import set_bot_status
from bot.playground.people import attachments, client
from bot.playground.people.attachments import StickerKind
from bot.playground.people.client import Session
from bot.playground.people.received import CallbackAnswer, Seen
from bot.playground.telegram.inline import InlineAnswer, InlineResult
from bot.playground.telegram.parameters import Json, Upload

ANSWER_TIMEOUT = 10.0  # seconds


class Member:
    """A person in a chat where the bot may be a member, too."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._state = session.state
        self._chat = session.chat
        self._last_action = 0  # id of the newest message when this person last did something

    @property
    def id(self) -> int:
        """Return the person's user id."""
        return self._session.user_id

    @property
    def chat_id(self) -> int:
        """Return the chat's id; in a private chat it is the person's."""
        return self._chat.id

    @property
    def messages(self) -> tuple[Seen, ...]:
        """Return all messages of the chat in their current versions, oldest first."""
        return tuple(Seen(message) for message in self._chat.messages.values())

    async def say(self, text: str, reply_to: Seen | None = None) -> Seen:
        """Send a text."""
        return self._sent(client.say(self._session, text, _id_of(reply_to)))

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
        """Send an image: shrunk to a photo as apps do, or unaltered as a file."""
        uploads = [Upload(file_name, mime_type, content)]
        sent = await attachments.send_files(self._session, uploads, caption, as_file, _id_of(reply_to))
        return self._sent(sent[0])

    async def send_document(
        self, content: bytes, file_name: str, mime_type: str = "", preview: bytes = b"", caption: str = ""
    ) -> Seen:
        """Send a file unaltered; `preview` is an image of which Telegram makes its thumbnail."""
        upload = Upload(file_name, mime_type, content)
        return self._sent(await attachments.send_document(self._session, upload, caption, preview))

    async def send_album(
        self, photos: Sequence[bytes], caption: str = "", as_file: bool = False
    ) -> tuple[Seen, ...]:
        """Send several images as one album."""
        uploads = [Upload(f"photo{n}.jpg", "image/jpeg", content) for n, content in enumerate(photos)]
        messages = await attachments.send_files(self._session, uploads, caption, as_file)
        return tuple(self._sent(message) for message in messages)

    async def send_sticker(
        self, content: bytes, kind: StickerKind = "static", thumbnail: bytes = b""
    ) -> Seen:
        """Send a sticker; a static one is converted from any image."""
        return self._sent(await attachments.send_sticker(self._session, content, kind, thumbnail))

    async def send_video(self, content: bytes, thumbnail: bytes = b"", caption: str = "") -> Seen:
        """Send a video; its thumbnail is converted from an image."""
        return self._sent(await attachments.send_clip(self._session, "video", content, thumbnail, caption))

    async def send_animation(self, content: bytes, thumbnail: bytes = b"", caption: str = "") -> Seen:
        """Send an animation; its thumbnail is converted from an image."""
        return self._sent(
            await attachments.send_clip(self._session, "animation", content, thumbnail, caption)
        )

    async def send_voice(self, content: bytes = b"OggS") -> Seen:
        """Send a voice message."""
        return self._sent(attachments.send_voice(self._session, content))

    async def send_location(self, latitude: float, longitude: float) -> Seen:
        """Send a location in degrees."""
        return self._sent(attachments.send_location(self._session, latitude, longitude))

    async def send_other(self, **content: Json) -> Seen:
        """Send what has no method of its own, as fields of a Message: a contact, a poll, dice, ..."""
        return self._sent(self._session.post(content))

    async def forward(self, *messages: Seen) -> tuple[Seen, ...]:
        """Forward messages of any chat into this one."""
        forwarded = client.forward(self._session, [message.wire for message in messages])
        return tuple(self._sent(message) for message in forwarded)

    async def edit(self, message: Seen, text: str) -> Seen:
        """Change the text or the caption of one's own message."""
        return self._sent(client.edit(self._session, message.id, text))

    async def press(self, message: Seen, button: str, timeout: float = ANSWER_TIMEOUT) -> CallbackAnswer:  # noqa: ASYNC109
        """Press a button by its label and wait until the bot answers.

        Raises:
            TimeoutError: the bot did not answer in `timeout` seconds.
            LookupError: the message has no such button.
        """
        with self._state.events.subscribe(self.chat_id) as queue:
            self._last_action = max(self._chat.messages, default=0)
            query = client.press(self._session, message.id, *self._button_position(message, button))
            async with asyncio.timeout(timeout):
                while event := await queue.get():
                    if event["type"] == "answer" and event["query"] == query:
                        return CallbackAnswer(event["text"], event["alert"], event["url"])
        raise ConnectionError("the playground closed")

    async def inline(self, query: str, offset: str = "", timeout: float = ANSWER_TIMEOUT) -> InlineAnswer:  # noqa: ASYNC109
        """Type @<bot> and a query, and wait for the results; `offset` asks for their next page."""
        async with asyncio.timeout(timeout):
            return await client.ask_inline(self._session, query, offset)

    async def choose(self, result: InlineResult) -> Seen:
        """Send one of the results shown."""
        return self._sent(client.choose(self._session, result))

    async def replies(self, count: int = 1, timeout: float = ANSWER_TIMEOUT) -> tuple[Seen, ...]:  # noqa: ASYNC109
        """Wait until the bot has sent this many messages since this person last did something."""

        def enough() -> tuple[Seen, ...]:
            sent = tuple(one for one in self.messages if one.from_bot and one.id > self._last_action)
            return sent if len(sent) >= count else ()

        return await self._until(enough, timeout)

    async def wait_for(self, predicate: Callable[[Seen], bool], timeout: float = ANSWER_TIMEOUT) -> Seen:  # noqa: ASYNC109
        """Wait until a message of the chat, edited or not, fits, and return the last one that does."""

        def fitting() -> tuple[Seen, ...]:
            return tuple(one for one in self.messages if predicate(one))

        return (await self._until(fitting, timeout))[-1]

    def _button_position(self, message: Seen, button: str) -> tuple[int, int]:
        rows = Seen(self._chat.messages[message.id]).buttons
        positions = {label: (y, x) for y, row in enumerate(rows) for x, label in enumerate(row)}
        if button not in positions:
            raise LookupError(f"message {message.id} has no button {button!r}, only {list(positions)}")
        return positions[button]

    async def _until(self, find: Callable[[], tuple[Seen, ...]], seconds: float) -> tuple[Seen, ...]:
        with self._state.events.subscribe(self.chat_id) as queue:
            try:
                async with asyncio.timeout(seconds):
                    while not (found := find()):
                        if await queue.get() is None:
                            raise ConnectionError("the playground closed")
                    return found
            except TimeoutError:
                raise TimeoutError(f"after {seconds} s the chat holds only: {self._summary()}") from None

    def _summary(self) -> str:
        lines = ((one.text or "(media)", one.from_bot) for one in self.messages)
        return "; ".join(f"{'bot' if from_bot else 'person'}: {text!r}" for text, from_bot in lines)

    def _sent(self, message: Json) -> Seen:
        self._last_action = message["message_id"]
        return Seen(message)


class Person(Member):
    """A person in a private chat with the bot."""

    async def start(self, payload: str = "") -> Seen:
        """Press Start, perhaps after following a deep link."""
        return self._sent(client.start(self._session, payload))

    async def block(self) -> None:
        """Block the bot: it can no longer write to this person."""
        set_bot_status(self._state, self._chat, self._chat.owner, "kicked")

    async def unblock(self) -> None:
        """Let the bot write again."""
        set_bot_status(self._state, self._chat, self._chat.owner, "member")

    async def delete_account(self) -> None:
        """Delete the account; the bot learns of it only when it next writes."""
        self._chat.deactivated = True


def _id_of(message: Seen | None) -> int:
    return message.id if message else 0
