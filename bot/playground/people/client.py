"""What a person's app does with what they type, press, edit and forward."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.playground.state import Cloud
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.entities import with_found
from bot.playground.telegram.html import trim, units
from bot.playground.telegram.inline import SENDER, Result, Shown
from bot.playground.telegram.limits import CAPTION_UNITS, INLINE_QUERY, START_PAYLOAD, TEXT_UNITS
from bot.playground.telegram.parameters import Json
from bot.playground.telegram.reply_parameters import placed

PAYLOAD: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{START_PAYLOAD}}}")
# What a forwarded message leaves behind: its place, its keyboard, its past.
LEFT_BEHIND: Final = frozenset({
    "message_id", "from", "chat", "date", "edit_date", "reply_markup", "reply_to_message", "via_bot",
    "message_thread_id", "is_topic_message", "media_group_id",
})  # fmt: skip


class Impossible(Exception):
    """What no app would let a person do."""


@dataclass(frozen=True)
class Seat:
    """A person in one chat, perhaps in one of its topics."""

    cloud: Cloud
    chat: Chat
    user_id: int
    topic: int = 0

    @property
    def user(self) -> Json:
        """The person."""
        return self.chat.people[self.user_id]

    def post(self, content: Json, reply_to: int = 0) -> Json:
        """Send something, perhaps as a reply."""
        self.check()
        place = placed(self.chat, self.topic, self.chat.messages.get(reply_to))
        return self.cloud.post_from_person(self.chat, self.user, place | content)

    def check(self) -> None:
        """Refuse what the app would not offer."""
        if self.user_id not in self.chat.people:
            raise Impossible("you are not in this group")
        if self.chat.is_private and self.chat.standing == "kicked":
            raise Impossible("you blocked this bot: unblock it first")
        if self.chat.moved_to:
            raise Impossible("this group is a supergroup now: go on there")
        if self.chat.deserted:
            raise Impossible("this account was deleted")


def say(seat: Seat, text: str, reply_to: int = 0) -> Json:
    """Send a text, perhaps as a reply."""
    said = words_of("text", "entities", text, TEXT_UNITS)
    if not said:
        raise Impossible("there is nothing to send")
    return seat.post(said, reply_to)


def start(seat: Seat, payload: str) -> Json:
    """Follow a deep link, t.me/<bot>?start=<payload>, and press Start."""
    if payload and not PAYLOAD.fullmatch(payload):
        raise Impossible(f"a link carries up to {START_PAYLOAD} letters, digits, _ and -")
    return say(seat, f"/start {payload}")


def edit(seat: Seat, number: int, text: str) -> Json:
    """Change the text or caption of one's own message."""
    message = seat.chat.messages.get(number)
    if message is None or message["from"]["id"] != seat.user_id or "via_bot" in message:
        raise Impossible("there is no message of yours to edit")
    names = ("text", "entities") if "text" in message else ("caption", "caption_entities")
    said = words_of(*names, text, TEXT_UNITS if "text" in message else CAPTION_UNITS)
    kept = {name: value for name, value in message.items() if name not in names}
    return seat.cloud.replace(seat.chat, kept | said | {"edit_date": int(seat.cloud.clock())})


def forward(seat: Seat, messages: Sequence[Json], hidden: bool = False) -> list[Json]:
    """Forward messages of any chat into this one; a hidden author is only a name. Albums stay albums."""
    groups: dict[str, str] = {}
    posted = []
    for message in messages:
        content = {name: value for name, value in message.items() if name not in LEFT_BEHIND}
        if album := message.get("media_group_id"):
            content["media_group_id"] = groups.setdefault(album, seat.cloud.new_group_id())
        posted.append(seat.post(content | {"forward_origin": origin_of(message, hidden)}))
    return posted


def press(seat: Seat, number: int, row: int, column: int) -> str:
    """Press a button by its place in the keyboard; the result names the query."""
    message = seat.chat.messages.get(number, {})
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    try:
        data = rows[row][column]["callback_data"]
    except LookupError as error:
        raise Impossible("this button is gone or has nothing to tell the bot") from error
    about: Json = {"message": message}
    if "via_bot" in message:
        about = {"inline_message_id": seat.cloud.inline.name_of(seat.chat, number)}
    seat.cloud.meet(seat.user)
    return seat.cloud.presses.press(seat.chat, seat.user, about, data)


async def ask_inline(seat: Seat, query: str, offset: str = "") -> Shown:
    """Type @<bot> and a query; what the bot answers is shown."""
    kind = SENDER if seat.chat.is_private else seat.chat.type
    return await seat.cloud.inline.ask(seat.user, kind, query[:INLINE_QUERY], offset)


def choose(seat: Seat, result: Result) -> Json:
    """Send one of the results shown."""
    cloud = seat.cloud
    message = seat.post({"via_bot": cloud.profile.user} | result.content)
    has_keys = "reply_markup" in message  # without them, the bot has nothing to edit it by
    name = cloud.inline.keep(seat.chat, message["message_id"]) if has_keys else ""
    cloud.inline.tell_chosen(seat.user, result, name)
    return message


def words_of(name: str, entities_name: str, source: str, longest: int) -> Json:
    """Read what was typed as the fields it becomes in a message."""
    text, _ = trim(source, [])
    if units(text) > longest:
        raise Impossible(f"no more than {longest} characters fit")
    found = with_found(text, [])
    return ({name: text} if text else {}) | ({entities_name: found} if found else {})


def caption_of(text: str) -> Json:
    """Read a caption as the fields it becomes in a message."""
    return words_of("caption", "caption_entities", text, CAPTION_UNITS)


def origin_of(message: Json, hidden: bool = False) -> Json:
    """Say where a message comes from; what was forwarded keeps its first origin."""
    author, date = message["from"], message["date"]
    if "forward_origin" in message:
        return dict(message["forward_origin"])
    if hidden:
        return {"type": "hidden_user", "date": date, "sender_user_name": author["first_name"]}
    return {"type": "user", "date": date, "sender_user": author}
