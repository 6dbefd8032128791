"""Chats: private ones with the bot, groups, supergroups with or without topics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from bot.playground.telegram.api_errors import ApiError, bad_request, forbidden, group_migrated
from bot.playground.telegram.parameters import Json

MemberStatus = Literal["member", "administrator", "left", "kicked"]  # in a private chat, kicked is blocked


@dataclass
class Chat:
    """One chat.

    Attributes:
        wire: the Bot API's Chat object, as it stands in messages
        message_ids: where its messages get their ids from
        people: its members by user id, the owner first
        bot_status: its member status; it cannot write to a person who never wrote to it
        known: whether the bot has ever received an update about this chat
        messages: Message objects by id
        topics: names by the id of the message that opened them
        migrated_to: id of the supergroup that this group became, or 0
        deactivated: whether the person whose chat it is has left Telegram
    """

    wire: Json
    message_ids: Iterator[int]
    people: dict[int, Json]
    bot_status: MemberStatus = "left"
    known: bool = False
    messages: dict[int, Json] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)
    migrated_to: int = 0
    deactivated: bool = False

    @property
    def id(self) -> int:
        """Return the chat's id; in a private chat it is the person's."""
        chat_id: int = self.wire["id"]
        return chat_id

    @property
    def type(self) -> str:
        """Return private, group or supergroup."""
        return str(self.wire["type"])

    @property
    def is_private(self) -> bool:
        """Return whether it is a person's own chat with the bot."""
        return self.type == "private"

    @property
    def is_forum(self) -> bool:
        """Return whether it has topics."""
        return bool(self.wire.get("is_forum"))

    @property
    def owner(self) -> Json:
        """Return the User whose chat it is, or who made the group."""
        return next(iter(self.people.values()))

    @property
    def has_bot(self) -> bool:
        """Return whether the bot is a member."""
        return self.bot_status in ("member", "administrator")

    def check_visible(self) -> None:
        """Raise an ApiError if the bot may not look this chat up."""
        if not self.known:
            raise bad_request("chat not found")
        if not self.is_private and not self.has_bot:
            raise self._not_a_member()

    def check_writable(self) -> None:
        """Raise an ApiError if the bot may not write to this chat."""
        self.check_visible()
        if self.migrated_to:
            raise group_migrated(self.migrated_to)
        if self.deactivated:
            raise forbidden("user is deactivated")
        if self.bot_status == "kicked":
            raise forbidden("bot was blocked by the user")
        if self.bot_status == "left":
            raise forbidden("bot can't initiate conversation with a user")

    def _not_a_member(self) -> ApiError:
        if self.bot_status == "kicked":
            return forbidden(f"bot was kicked from the {self.type} chat")
        return forbidden(f"bot is not a member of the {self.type} chat")
