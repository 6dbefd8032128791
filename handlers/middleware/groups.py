"""Group chats: the bot answers commands, mentions, and replies to its own messages only."""

from __future__ import annotations

from telegram import ChatMember, Message, MessageEntity, Update
from telegram.constants import ChatType
from telegram.ext.filters import MessageFilter

from handlers.context import Context
from handlers.messages.entities import entity_texts

NON_MEMBER = frozenset({ChatMember.LEFT, ChatMember.BANNED})
MEMBER = frozenset({ChatMember.MEMBER, ChatMember.ADMINISTRATOR})


class AddressedToBot(MessageFilter):
    """Passes messages of a group that address the bot."""

    def filter(self, message: Message) -> bool:
        """Return whether a message mentions the bot or replies to it."""
        original = message.reply_to_message
        is_reply = original is not None and original.from_user == message.get_bot().bot
        return is_reply or bool(_bot_mentions(message))


def text_without_mention(message: Message) -> str:
    """Return the text or caption of a message without mentions of the bot."""
    text = message.text or message.caption or ""
    for mention in _bot_mentions(message):
        text = text.replace(mention, " ")
    return text.strip()


async def on_membership_change(update: Update, context: Context) -> None:
    """Greet a group that added the bot; delete the data of a user who blocked it."""
    change = update.my_chat_member
    if change is None:
        raise TypeError("the handler of membership changes received another kind of update")
    before, now = change.old_chat_member.status, change.new_chat_member.status
    if change.chat.type == ChatType.PRIVATE:
        if now == ChatMember.BANNED:
            await context.store.forget(change.from_user.id)
    elif change.chat.type != ChatType.CHANNEL and before in NON_MEMBER and now in MEMBER:
        await context.bot.send_message(change.chat.id, context.texts("hello-group", bot=context.bot.username))


def _bot_mentions(message: Message) -> set[str]:
    """Return the mentions of the bot in a message, whatever their case."""
    name = message.get_bot().name.lower()
    mentions = entity_texts(message, MessageEntity.MENTION)
    return {mention for mention in mentions if mention.lower() == name}
