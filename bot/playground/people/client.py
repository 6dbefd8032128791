"""What a Telegram app does with what a person types, presses, edits, forwards and chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.playground.state import State
from bot.playground.telegram.api_errors import ImpossibleActionError
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.entities import add_detected
from bot.playground.telegram.html import trim, utf16_length
from bot.playground.telegram.inline import SENDER, InlineAnswer, InlineResult
from bot.playground.telegram.limits import (
    CAPTION_UNITS,
    INLINE_QUERY,
    START_PAYLOAD,
    START_PAYLOAD_PATTERN,
    TEXT_UNITS,
)
from bot.playground.telegram.parameters import Json
from bot.playground.telegram.reply_parameters import reply_fields

NOT_FORWARDED: Final = frozenset({
    "message_id", "from", "chat", "date", "edit_date", "reply_markup", "reply_to_message", "via_bot",
    "message_thread_id", "is_topic_message", "media_group_id",
})  # fmt: skip


@dataclass(frozen=True)
class Session:
    """A person's app, open at one chat, perhaps in one of its topics."""

    state: State
    chat: Chat
    user_id: int
    topic: int = 0

    @property
    def user(self) -> Json:
        """Return the person's User object."""
        return self.chat.people[self.user_id]

    def post(self, content: Json, reply_to: int = 0) -> Json:
        """Send a message, perhaps as a reply, and return it.

        Raises:
            ImpossibleActionError: the person cannot write to this chat.
        """
        self.check_writable()
        fields = reply_fields(self.chat, self.topic, self.chat.messages.get(reply_to))
        return self.state.post_from_person(self.chat, self.user, fields | content)

    def check_writable(self) -> None:
        """Raise an ImpossibleActionError if the person cannot write to this chat."""
        if self.user_id not in self.chat.people:
            raise ImpossibleActionError("you are not in this group")
        if self.chat.is_private and self.chat.bot_status == "kicked":
            raise ImpossibleActionError("you blocked this bot: unblock it first")
        if self.chat.migrated_to:
            raise ImpossibleActionError("this group is a supergroup now: go on there")
        if self.chat.deactivated:
            raise ImpossibleActionError("this account was deleted")


def say(session: Session, text: str, reply_to: int = 0) -> Json:
    """Send a text, perhaps as a reply."""
    fields = _text_fields("text", "entities", text, TEXT_UNITS)
    if not fields:
        raise ImpossibleActionError("there is nothing to send")
    return session.post(fields, reply_to)


def start(session: Session, payload: str) -> Json:
    """Follow a deep link, t.me/<bot>?start=<payload>, and press Start."""
    if payload and not START_PAYLOAD_PATTERN.fullmatch(payload):
        raise ImpossibleActionError(f"a link carries up to {START_PAYLOAD} letters, digits, _ and -")
    return say(session, f"/start {payload}")


def edit(session: Session, message_id: int, text: str) -> Json:
    """Change the text or the caption of one's own message."""
    message = session.chat.messages.get(message_id)
    if message is None or message["from"]["id"] != session.user_id or "via_bot" in message:
        raise ImpossibleActionError("there is no message of yours to edit")
    names = ("text", "entities") if "text" in message else ("caption", "caption_entities")
    fields = _text_fields(*names, text, TEXT_UNITS if "text" in message else CAPTION_UNITS)
    unchanged = {name: value for name, value in message.items() if name not in names}
    edited = unchanged | fields | {"edit_date": int(session.state.clock())}
    return session.state.replace(session.chat, edited)


def forward(session: Session, messages: Sequence[Json]) -> list[Json]:
    """Forward messages of any chat into this one; albums stay albums."""
    albums: dict[str, str] = {}
    forwarded = []
    for message in messages:
        content = {name: value for name, value in message.items() if name not in NOT_FORWARDED}
        if album := message.get("media_group_id"):
            content["media_group_id"] = albums.setdefault(album, session.state.new_media_group_id())
        origin = {"type": "user", "date": message["date"], "sender_user": message["from"]}
        forwarded.append(session.post({"forward_origin": origin} | content))  # the first origin stays
    return forwarded


def press(session: Session, message_id: int, row: int, column: int) -> str:
    """Press a button at its place in the keyboard and return the id of the callback query."""
    message = session.chat.messages.get(message_id, {})
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    try:
        data = rows[row][column]["callback_data"]
    except LookupError as error:
        raise ImpossibleActionError("this button is gone or has nothing to tell the bot") from error
    session.state.mark_known(session.user)
    return session.state.callback_queries.press(session.chat, session.user, {"message": message}, data)


async def ask_inline(session: Session, query: str, offset: str = "") -> InlineAnswer:
    """Type @<bot> and a query, and wait for the bot's answer."""
    chat_type = SENDER if session.chat.is_private else session.chat.type
    return await session.state.inline.ask(session.user, chat_type, query[:INLINE_QUERY], offset)


def choose(session: Session, result: InlineResult) -> Json:
    """Send one of the results shown."""
    return session.post({"via_bot": session.state.profile.user} | result.content)


def caption_fields(text: str) -> Json:
    """Return the fields that a typed caption becomes in a message."""
    return _text_fields("caption", "caption_entities", text, CAPTION_UNITS)


def _text_fields(name: str, entities_name: str, source: str, max_units: int) -> Json:
    text, _ = trim(source, [])
    if utf16_length(text) > max_units:
        raise ImpossibleActionError(f"no more than {max_units} characters fit")
    entities = add_detected(text, [])
    return ({name: text} if text else {}) | ({entities_name: entities} if entities else {})
