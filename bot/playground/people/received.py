"""What a person receives: messages in their current version, and answers to callback queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telegram import Message

from bot.playground.telegram.parameters import Json


@dataclass(frozen=True)
class Seen:
    """The current version of a message; `wire` is the Bot API's Message object."""

    wire: Json

    @property
    def id(self) -> int:
        """Return the message id."""
        return int(self.wire["message_id"])

    @property
    def from_bot(self) -> bool:
        """Return whether the bot sent it."""
        return bool(self.wire["from"]["is_bot"])

    @property
    def sender(self) -> str:
        """Return the first name of its sender."""
        return str(self.wire["from"]["first_name"])

    @property
    def via_bot(self) -> bool:
        """Return whether it was chosen among a bot's inline results."""
        return "via_bot" in self.wire

    @property
    def text(self) -> str:
        """Return the text or the caption, without markup."""
        return str(self.wire.get("text") or self.wire.get("caption") or "")

    @property
    def html(self) -> str:
        """Return the text or the caption as HTML."""
        message = Message.de_json(self.wire, None)
        return str(message.text_html if "text" in self.wire else message.caption_html)

    @property
    def entities(self) -> tuple[Json, ...]:
        """Return the entities of the text or the caption."""
        return tuple(self.wire.get("entities") or self.wire.get("caption_entities") or ())

    @property
    def photo(self) -> str:
        """Return the file_id of the photo's largest size, or ""."""
        sizes = self.wire.get("photo") or [{"file_id": ""}]
        return str(sizes[-1]["file_id"])

    @property
    def album(self) -> str:
        """Return the media_group_id of its album, or ""."""
        return str(self.wire.get("media_group_id", ""))

    @property
    def reply_to(self) -> int:
        """Return the id of the message it replies to, or 0."""
        return int(self.wire.get("reply_to_message", {}).get("message_id", 0))

    @property
    def thread(self) -> int:
        """Return its topic or thread, or 0."""
        return int(self.wire.get("message_thread_id", 0))

    @property
    def keyboard(self) -> tuple[tuple[Json, ...], ...]:
        """Return the InlineKeyboardButton objects, row by row."""
        rows: list[list[Any]] = self.wire.get("reply_markup", {}).get("inline_keyboard", [])
        return tuple(map(tuple, rows))

    @property
    def buttons(self) -> tuple[tuple[str, ...], ...]:
        """Return the labels of the keyboard, row by row."""
        return tuple(tuple(button["text"] for button in row) for row in self.keyboard)

    @property
    def data(self) -> dict[str, str]:
        """Return the callback data of each button by its label."""
        return {
            button["text"]: button["callback_data"]
            for row in self.keyboard
            for button in row
            if "callback_data" in button
        }

    @property
    def edited(self) -> bool:
        """Return whether it was edited."""
        return "edit_date" in self.wire


@dataclass(frozen=True)
class CallbackAnswer:
    """The notification or alert that answerCallbackQuery showed."""

    text: str
    alert: bool
    url: str = ""
