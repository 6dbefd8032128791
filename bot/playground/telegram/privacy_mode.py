"""Privacy mode: what a bot is given of what people say in a group.

As every new bot has it. Telegram's documents disagree about mentions of the bot; here they are
not delivered, so that no bot comes to rely on them.
"""

from __future__ import annotations

from typing import Final

from bot.playground.telegram.chats import Chat
from bot.playground.telegram.html import cut
from bot.playground.telegram.parameters import Json

SERVICE: Final = frozenset({
    "new_chat_members", "left_chat_member", "new_chat_title", "delete_chat_photo", "group_chat_created",
    "supergroup_chat_created", "pinned_message", "forum_topic_created", "forum_topic_edited",
    "forum_topic_closed", "forum_topic_reopened", "migrate_to_chat_id", "migrate_from_chat_id",
})  # fmt: skip


def is_given(chat: Chat, message: Json, bot: Json) -> bool:
    """Whether the bot is told of a person's message."""
    if chat.is_private:
        return chat.standing != "kicked"
    if not chat.bot_is_in:
        return False
    return (
        chat.standing == "administrator"
        or bool(SERVICE & message.keys())
        or message.get("via_bot", {}).get("id") == bot["id"]
        or _answers(message, bot)
        or _commands(chat, message, bot)
    )


def _answers(message: Json, bot: Json) -> bool:
    original = message.get("reply_to_message", {})
    authors = (original.get("from", {}).get("id"), original.get("via_bot", {}).get("id"))
    return bot["id"] in authors


def _commands(chat: Chat, message: Json, bot: Json) -> bool:
    """Whether a message begins with a command that this bot may take for its own."""
    words = message.get("text") or message.get("caption") or ""
    for entity in message.get("entities") or message.get("caption_entities") or []:
        if entity["type"] == "bot_command" and entity["offset"] == 0:
            _, _, addressee = cut(words, 0, entity["length"]).partition("@")
            if addressee:
                return bool(addressee.lower() == bot["username"].lower())
            return chat.last_bot in (0, bot["id"])  # a common command is for the bot that wrote last
    return False
