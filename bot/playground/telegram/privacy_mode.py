"""Privacy mode: which messages of a group a bot receives.

It is on, as for every new bot. Telegram's documents disagree about mentions of the bot; here they
are not delivered, so that no bot comes to rely on them.
"""

from __future__ import annotations

from typing import Final

from bot.playground.telegram.chats import Chat
from bot.playground.telegram.html import slice_utf16
from bot.playground.telegram.parameters import Json

SERVICE_MESSAGES: Final = frozenset({
    "new_chat_members", "left_chat_member", "new_chat_title", "delete_chat_photo", "group_chat_created",
    "supergroup_chat_created", "pinned_message", "forum_topic_created", "forum_topic_edited",
    "forum_topic_closed", "forum_topic_reopened", "migrate_to_chat_id", "migrate_from_chat_id",
})  # fmt: skip


def is_delivered(chat: Chat, message: Json, bot: Json) -> bool:
    """Return whether the bot receives a person's message."""
    if chat.is_private:
        return chat.bot_status != "kicked"
    if not chat.has_bot:
        return False
    return (
        chat.bot_status == "administrator"
        or bool(SERVICE_MESSAGES & message.keys())
        or message.get("via_bot", {}).get("id") == bot["id"]
        or _replies_to_bot(message, bot)
        or _is_command(message, bot)
    )


def _replies_to_bot(message: Json, bot: Json) -> bool:
    original = message.get("reply_to_message", {})
    authors = (original.get("from", {}).get("id"), original.get("via_bot", {}).get("id"))
    return bot["id"] in authors


def _is_command(message: Json, bot: Json) -> bool:
    """Return whether a message begins with a command, addressed to this bot or to none.

    Telegram gives a command without an address to the bot that wrote last; here there is only one bot.
    """
    text = message.get("text") or message.get("caption") or ""
    for entity in message.get("entities") or message.get("caption_entities") or []:
        if entity["type"] == "bot_command" and entity["offset"] == 0:
            _, _, addressee = slice_utf16(text, 0, entity["length"]).partition("@")
            return addressee.lower() in ("", bot["username"].lower())
    return False
