"""The bot's membership: how it enters and leaves chats, and the updates about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.playground.state import State
from bot.playground.telegram.api_errors import ImpossibleActionError
from bot.playground.telegram.chats import Chat, MemberStatus
from bot.playground.telegram.parameters import Json

RIGHTS: Final = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
    "can_post_stories", "can_edit_stories", "can_delete_stories",
)  # fmt: skip
GRANTED_RIGHTS: Final = frozenset({"can_manage_chat", "can_delete_messages"})
Transitions = Mapping[MemberStatus, tuple[MemberStatus, ...]]
PRIVATE_TRANSITIONS: Final[Transitions] = {"member": ("kicked",), "kicked": ("member",)}  # block, unblock
GROUP_TRANSITIONS: Final[Transitions] = {
    "left": ("member",),
    "kicked": ("member",),
    "member": ("administrator", "kicked"),
    "administrator": ("member", "kicked"),
}
TOPIC_COLOUR: Final = 0x6FB9F0  # one of the six Telegram has


def set_bot_status(state: State, chat: Chat, user: Json, status: MemberStatus) -> None:
    """Let a person change the bot's member status.

    Raises:
        ImpossibleActionError: no app offers this change.
    """
    before = chat.bot_status
    if status not in (PRIVATE_TRANSITIONS if chat.is_private else GROUP_TRANSITIONS).get(before, ()):
        raise ImpossibleActionError(f"the bot is {before} here and cannot become {status}")
    _change_status(state, chat, user, status)
    if chat.is_private or {before, status} == {"member", "administrator"}:
        return
    if status == "kicked":  # the bot does not receive the message that it was removed
        state.post(chat, user, {"left_chat_member": state.profile.user})
    else:
        state.post_from_person(chat, user, {"new_chat_members": [state.profile.user]})


def open_topic(state: State, chat: Chat, user: Json, name: str) -> int:
    """Open a topic and return its id, which is the id of the message that opened it."""
    topic_id = next(chat.message_ids)
    chat.topics[topic_id] = name
    ids = {"message_id": topic_id, "message_thread_id": topic_id, "is_topic_message": True}
    created = {"forum_topic_created": {"name": name, "icon_color": TOPIC_COLOUR}}
    state.post_from_person(chat, user, ids | created)
    return topic_id


def migrate(state: State, chat: Chat) -> Chat:
    """Turn a basic group into a supergroup: another chat with another id, and new message ids.

    Raises:
        ImpossibleActionError: it is no basic group any more.
    """
    if chat.type != "group" or chat.migrated_to:
        raise ImpossibleActionError("only a basic group becomes a supergroup")
    supergroup = state.new_group(chat.wire["title"], [*chat.people.values()], basic=False, forum=False)
    supergroup.bot_status, supergroup.known, chat.migrated_to = chat.bot_status, chat.known, supergroup.id
    state.post_from_person(chat, chat.owner, {"migrate_to_chat_id": supergroup.id})
    state.post_from_person(supergroup, chat.owner, {"migrate_from_chat_id": chat.id})
    return supergroup


def _change_status(state: State, chat: Chat, user: Json, status: MemberStatus) -> None:
    bot = state.profile.user
    members = {"old_chat_member": _member(chat.bot_status, bot), "new_chat_member": _member(status, bot)}
    chat.bot_status, chat.known = status, True
    change = {"chat": chat.wire, "from": user, "date": int(state.clock()), **members}
    state.updates.put("my_chat_member", change)


def _member(status: MemberStatus, user: Json) -> Json:
    """Return a ChatMember object."""
    member: Json = {"status": status, "user": user}
    if status == "administrator":
        return member | {right: right in GRANTED_RIGHTS for right in RIGHTS}
    return member | ({"until_date": 0} if status == "kicked" else {})
