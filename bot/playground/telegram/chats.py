"""Chats: a person's own with the bot, groups, supergroups with or without topics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from bot.playground.telegram.api_errors import Refused, bad_request, forbidden, migrated
from bot.playground.telegram.parameters import Json

Standing = Literal["member", "administrator", "left", "kicked"]  # in a private chat, kicked is blocked


@dataclass
class Chat:
    """One chat: who is in it, how the bot stands there, what was said."""

    wire: Json  # the chat as it stands in messages
    numbers: Iterator[int]  # where its messages get their numbers from
    people: dict[int, Json]  # its members by id, the owner first
    standing: Standing = "left"  # a bot cannot write to a person who never wrote to it
    known: bool = False  # whether the bot has ever been told of it
    messages: dict[int, Json] = field(default_factory=dict)
    reactions: dict[int, list[Json]] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)  # by the number of the message that opened them
    last_bot: int = 0  # which bot was the last to write
    moved_to: int = 0  # the supergroup that this group has become
    deserted: bool = False  # whether the person whose chat it is has left Telegram

    @property
    def id(self) -> int:
        """The chat's id; in a private chat it is the person's."""
        number: int = self.wire["id"]
        return number

    @property
    def type(self) -> str:
        """Its kind: private, group or supergroup."""
        return str(self.wire["type"])

    @property
    def is_private(self) -> bool:
        """Whether it is a person's own chat with the bot."""
        return self.type == "private"

    @property
    def is_forum(self) -> bool:
        """Whether it has topics."""
        return bool(self.wire.get("is_forum"))

    @property
    def owner(self) -> Json:
        """The person whose chat it is, or who made the group."""
        return next(iter(self.people.values()))

    @property
    def bot_is_in(self) -> bool:
        """Whether the bot takes part."""
        return self.standing in ("member", "administrator")

    def check_visible(self) -> None:
        """Refuse what a bot may not even look at."""
        if not self.known:
            raise bad_request("chat not found")
        if not self.is_private and not self.bot_is_in:
            raise self._out()

    def check_there(self) -> None:
        """Refuse what can only be done where there is still somebody."""
        if self.moved_to:
            raise migrated(self.moved_to)
        if self.deserted:
            raise forbidden("user is deactivated")

    def check_writable(self) -> None:
        """Refuse what a bot may not write to."""
        self.check_visible()
        self.check_there()
        if self.standing == "kicked":
            raise forbidden("bot was blocked by the user")
        if self.standing == "left":
            raise forbidden("bot can't initiate conversation with a user")

    def _out(self) -> Refused:
        if self.standing == "kicked":
            return forbidden(f"bot was kicked from the {self.type} chat")
        return forbidden(f"bot is not a member of the {self.type} chat")
