"""How the bot comes into a chat and out of it, and how that is told to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.playground.people.client import Impossible
from bot.playground.state import Cloud
from bot.playground.telegram.chats import Chat, Standing
from bot.playground.telegram.parameters import Json

RIGHTS: Final = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
    "can_post_stories", "can_edit_stories", "can_delete_stories",
)  # fmt: skip
Moves = Mapping[Standing, tuple[Standing, ...]]
IN_PRIVATE: Final[Moves] = {"member": ("kicked",), "kicked": ("member",)}  # block and unblock
IN_GROUPS: Final[Moves] = {
    "left": ("member",),
    "kicked": ("member",),
    "member": ("administrator", "kicked"),
    "administrator": ("member", "kicked"),
}
TOPIC_COLOUR: Final = 0x6FB9F0  # one of the six Telegram has
GRANTED: Final = frozenset({"can_manage_chat", "can_delete_messages"})


def member_of(status: str, user: Json) -> Json:
    """Build a ChatMember."""
    member: Json = {"status": status, "user": user}
    if status == "creator":
        return member | {"is_anonymous": False}
    if status == "administrator":
        return member | {right: right in GRANTED for right in RIGHTS}
    return member | ({"until_date": 0} if status == "kicked" else {})


def move(cloud: Cloud, chat: Chat, user: Json, standing: Standing) -> None:
    """Let a person change how the bot stands; of a group's message that it is out, it hears nothing."""
    before = chat.standing
    if standing not in (IN_PRIVATE if chat.is_private else IN_GROUPS).get(before, ()):
        raise Impossible(f"the bot is {before} here and cannot become {standing}")
    _stand(cloud, chat, user, standing)
    if chat.is_private or {before, standing} == {"member", "administrator"}:
        return
    if standing == "kicked":
        cloud.post(chat, user, {"left_chat_member": cloud.profile.user})
    else:
        cloud.post_from_person(chat, user, {"new_chat_members": [cloud.profile.user]})


def leave(cloud: Cloud, chat: Chat) -> None:
    """Let the bot leave a group by itself."""
    _stand(cloud, chat, cloud.profile.user, "left")
    cloud.post(chat, cloud.profile.user, {"left_chat_member": cloud.profile.user})


def open_topic(cloud: Cloud, chat: Chat, user: Json, name: str) -> int:
    """Open a topic; the number of the message that says so names it."""
    number = next(chat.numbers)
    chat.topics[number] = name
    place = {"message_id": number, "message_thread_id": number, "is_topic_message": True}
    opened = {"forum_topic_created": {"name": name, "icon_color": TOPIC_COLOUR}}
    cloud.post_from_person(chat, user, place | opened)
    cloud.feed.tell_all({"type": "chats"})
    return number


def migrate(cloud: Cloud, chat: Chat) -> Chat:
    """Make a supergroup of a group: another chat with another id, in which messages count from 1 again."""
    if chat.type != "group" or chat.moved_to:
        raise Impossible("only a group that is none becomes a supergroup")
    moved = cloud.new_group(chat.wire["title"], [*chat.people.values()], basic=False, forum=False)
    moved.standing, moved.known, chat.moved_to = chat.standing, chat.known, moved.id
    cloud.post_from_person(chat, chat.owner, {"migrate_to_chat_id": moved.id})
    cloud.post_from_person(moved, chat.owner, {"migrate_from_chat_id": chat.id})
    cloud.feed.tell_all({"type": "chats"})
    return moved


def _stand(cloud: Cloud, chat: Chat, user: Json, standing: Standing) -> None:
    before, chat.standing = chat.standing, standing
    me = cloud.profile.user
    change = {"chat": chat.wire, "from": user, "date": int(cloud.clock())}
    members = {"old_chat_member": member_of(before, me), "new_chat_member": member_of(standing, me)}
    chat.known = True
    cloud.updates.put("my_chat_member", change | members)
    cloud.feed.tell_all({"type": "chats"})
