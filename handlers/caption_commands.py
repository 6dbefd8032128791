"""Commands as the caption of a picture: they do what they do in reply to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext.filters import MessageFilter

from handlers import commands, maps
from handlers.context import Context, new_message

_COMMAND = re.compile(r"/([a-z0-9_]{1,32})(?:@(\w+))?(?:\s+(.*))?", re.IGNORECASE | re.ASCII | re.DOTALL)
COMMANDS: Final[Mapping[str, Callable[[Update, Context], Coroutine[Any, Any, None]]]] = {
    "start": commands.start,
    "help": commands.show_help,
    "privacy": commands.privacy,
    "caption": commands.caption,
    "tags": commands.tags,
    "similar": commands.similar,
    "analogy": commands.analogy,
    "alike": commands.alike,
    "find": commands.find,
    "random": commands.random,
    "map": maps.draw_map,
    "settings": commands.settings,
    "delete_me": commands.delete_me,
}


class CommandAsCaption(MessageFilter):
    """Passes messages whose caption is a command to the bot; in a group it names the bot."""

    def filter(self, message: Message) -> bool:
        """Return whether the caption is a command that the sender wrote for the bot."""
        command = _COMMAND.fullmatch(message.caption or "")
        if command is None or message.forward_origin or message.via_bot:
            return False
        if command[2] is None:
            return message.chat.type == ChatType.PRIVATE
        return command[2].lower() == message.get_bot().username.lower()


async def run(update: Update, context: Context) -> None:
    """Run the command that a caption is."""
    command = _COMMAND.fullmatch(new_message(update).caption or "")
    if command is None:
        raise TypeError("the handler of captions received one that is no command")
    context.args = (command[3] or "").split()
    await COMMANDS.get(command[1].lower(), commands.unknown)(update, context)
