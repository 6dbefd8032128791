"""Groups: silent unless asked. Asked means a command, a mention, or a reply to one of the bot's messages."""

from __future__ import annotations

from telegram import ChatMember, Message, MessageEntity, Update
from telegram.constants import ChatType
from telegram.ext.filters import MessageFilter

from handlers.context import Context
from handlers.messages.entities import marked

OUTSIDE = frozenset({ChatMember.LEFT, ChatMember.BANNED})
INSIDE = frozenset({ChatMember.MEMBER, ChatMember.ADMINISTRATOR})


class Addressed(MessageFilter):
    """Lets a group's messages through that are meant for the bot."""

    def filter(self, message: Message) -> bool:
        """Tell whether a message mentions the bot, or answers it."""
        original = message.reply_to_message
        answers = original is not None and original.from_user == message.get_bot().bot
        return answers or bool(_mentions(message))


def spoken(message: Message) -> str:
    """Give the words of a message, without the mention that calls the bot."""
    words = message.text or message.caption or ""
    for mention in _mentions(message):
        words = words.replace(mention, " ")
    return words.strip()


async def on_membership_change(update: Update, context: Context) -> None:
    """Say hello to a group that took the bot in; forget a person who blocked it."""
    change = update.my_chat_member
    if change is None:
        raise TypeError("the handler of the bot's own moves was given another kind of update")
    before, now = change.old_chat_member.status, change.new_chat_member.status
    if change.chat.type == ChatType.PRIVATE:
        if now == ChatMember.BANNED:
            await context.store.forget(change.from_user.id)
    elif change.chat.type != ChatType.CHANNEL and before in OUTSIDE and now in INSIDE:
        await context.bot.send_message(change.chat.id, context.texts("hello-group", bot=context.bot.username))


def _mentions(message: Message) -> set[str]:
    """Find how the bot is called in a message; upper and lower case do not matter."""
    name = message.get_bot().name.lower()
    return {said for said in marked(message, MessageEntity.MENTION) if said.lower() == name}
