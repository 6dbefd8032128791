"""How the bot comes into a chat and out of it, and how that is told to it."""

from __future__ import annotations

from typing import Final

from bot.playground.chats import Chat, Standing
from bot.playground.cloud import Cloud
from bot.playground.wire import Json

RIGHTS: Final = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
    "can_post_stories", "can_edit_stories", "can_delete_stories",
)  # fmt: skip
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


def stand(cloud: Cloud, chat: Chat, user: Json, standing: Standing) -> None:
    """Change how the bot stands in a chat, by the act of this person."""
    before, chat.standing = chat.standing, standing
    me = cloud.profile.user
    change = {"chat": chat.wire, "from": user, "date": int(cloud.clock())}
    members = {"old_chat_member": member_of(before, me), "new_chat_member": member_of(standing, me)}
    chat.known = True
    cloud.updates.put("my_chat_member", change | members)
    cloud.feed.tell_all({"type": "chats"})


def bring_in(cloud: Cloud, chat: Chat, user: Json) -> None:
    """Add the bot to a group."""
    stand(cloud, chat, user, "member")
    cloud.post_from_person(chat, user, {"new_chat_members": [cloud.profile.user]})


def put_out(cloud: Cloud, chat: Chat, user: Json) -> None:
    """Remove the bot from a group; of the message about it, it hears nothing."""
    stand(cloud, chat, user, "kicked")
    cloud.post(chat, user, {"left_chat_member": cloud.profile.user})


def leave(cloud: Cloud, chat: Chat) -> None:
    """Let the bot leave a group by itself."""
    stand(cloud, chat, cloud.profile.user, "left")
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
