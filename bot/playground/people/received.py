"""What a person sees: messages as they stand now, and answers to pressed buttons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telegram import Message

from bot.playground.telegram.chats import Chat
from bot.playground.telegram.parameters import Json


@dataclass(frozen=True)
class Seen:
    """A message as a person sees it now; `wire` is the Bot API's object."""

    wire: Json
    reactions: tuple[str, ...] = ()

    @property
    def id(self) -> int:
        """The message's number."""
        return int(self.wire["message_id"])

    @property
    def from_bot(self) -> bool:
        """Whether the bot wrote it."""
        return bool(self.wire["from"]["is_bot"])

    @property
    def sender(self) -> str:
        """The first name of who wrote it."""
        return str(self.wire["from"]["first_name"])

    @property
    def via_bot(self) -> bool:
        """Whether it was chosen among a bot's inline results."""
        return "via_bot" in self.wire

    @property
    def text(self) -> str:
        """The text or the caption, without markup."""
        return str(self.wire.get("text") or self.wire.get("caption") or "")

    @property
    def html(self) -> str:
        """The text or the caption with its markup."""
        message = Message.de_json(self.wire, None)
        return str(message.text_html if "text" in self.wire else message.caption_html)

    @property
    def entities(self) -> tuple[Json, ...]:
        """The entities of the text or the caption."""
        return tuple(self.wire.get("entities") or self.wire.get("caption_entities") or ())

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
    def reply_to(self) -> int:
        """The number of the message this answers, or 0."""
        return int(self.wire.get("reply_to_message", {}).get("message_id", 0))

    @property
    def thread(self) -> int:
        """The topic or thread this belongs to, or 0."""
        return int(self.wire.get("message_thread_id", 0))

    @property
    def keyboard(self) -> tuple[tuple[Json, ...], ...]:
        """The buttons as the Bot API writes them, row by row."""
        rows: list[list[Any]] = self.wire.get("reply_markup", {}).get("inline_keyboard", [])
        return tuple(map(tuple, rows))

    @property
    def buttons(self) -> tuple[tuple[str, ...], ...]:
        """The labels of the keyboard, row by row."""
        return tuple(tuple(button["text"] for button in row) for row in self.keyboard)

    @property
    def data(self) -> dict[str, str]:
        """What each button tells the bot, by its label."""
        return {
            button["text"]: button["callback_data"]
            for row in self.keyboard
            for button in row
            if "callback_data" in button
        }

    @property
    def edited(self) -> bool:
        """Whether it was changed after it was sent."""
        return "edit_date" in self.wire


def see(chat: Chat, message: Json) -> Seen:
    """Look at a message as it stands in a chat now."""
    given = chat.reactions.get(message["message_id"], [])
    return Seen(message, tuple(reaction["emoji"] for reaction in given))


@dataclass(frozen=True)
class Answer:
    """What answerCallbackQuery showed."""

    text: str
    alert: bool
    url: str = ""
