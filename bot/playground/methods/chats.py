"""Methods about chats and who is in them."""

from __future__ import annotations

from typing import Final

from bot.playground.membership import leave, member_of
from bot.playground.methods import content
from bot.playground.state import Cloud
from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.parameters import Json, Parameters

GIFTS: Final = (
    "unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels",
)  # fmt: skip


async def get_chat(cloud: Cloud, given: Parameters) -> Json:
    """getChat."""
    gifts = dict.fromkeys(GIFTS, False)
    rest = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
    return content.chat_of(cloud, given).wire | rest


async def get_chat_member(cloud: Cloud, given: Parameters) -> Json:
    """getChatMember."""
    chat = content.chat_of(cloud, given)
    number = given.integer("user_id")
    if number == cloud.profile.user["id"]:
        return member_of(chat.standing, cloud.profile.user)
    if number in chat.people:
        return _person(chat, number)
    if number not in cloud.chats:
        raise bad_request("user not found")
    return member_of("left", cloud.chats[number].owner)


async def get_chat_administrators(cloud: Cloud, given: Parameters) -> list[Json]:
    """getChatAdministrators: the owner, and the bot itself if it is one and bots are asked for."""
    chat = content.chat_of(cloud, given)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    bots = [member_of(chat.standing, cloud.profile.user)] if chat.standing == "administrator" else []
    return [member_of("creator", chat.owner), *(bots if given.flag("return_bots") else [])]


async def get_chat_member_count(cloud: Cloud, given: Parameters) -> int:
    """getChatMemberCount: the people, and the bot."""
    return len(content.chat_of(cloud, given).people) + 1


async def leave_chat(cloud: Cloud, given: Parameters) -> bool:
    """leaveChat."""
    chat = content.chat_of(cloud, given)
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    leave(cloud, chat)
    return True


def _person(chat: Chat, number: int) -> Json:
    owns = number == chat.owner["id"] and not chat.is_private
    return member_of("creator" if owns else "member", chat.people[number])
