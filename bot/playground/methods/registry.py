"""The methods of the Bot API that the playground knows, by name in lower case."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from bot.playground.methods import account, answering, chats, copying, editing, sending, webhooks
from bot.playground.state import Cloud
from bot.playground.telegram.api_errors import UNKNOWN_METHOD, Refused
from bot.playground.telegram.parameters import Json, Parameters

Result = Json | list[Json] | bool | int
Method = Callable[[Cloud, Parameters], Awaitable[Result]]

METHODS: Final[dict[str, Method]] = {
    # who the bot is
    "getme": account.get_me,
    "getmyname": account.get_my_name,
    "setmyname": account.set_my_name,
    "getmydescription": account.get_my_description,
    "setmydescription": account.set_my_description,
    "getmyshortdescription": account.get_my_short_description,
    "setmyshortdescription": account.set_my_short_description,
    "getmycommands": account.get_my_commands,
    "setmycommands": account.set_my_commands,
    "deletemycommands": account.delete_my_commands,
    "logout": account.done,
    "close": account.done,
    # what reaches it
    "getupdates": webhooks.get_updates,
    "setwebhook": webhooks.set_webhook,
    "deletewebhook": webhooks.delete_webhook,
    "getwebhookinfo": webhooks.get_webhook_info,
    "getfile": account.get_file,
    # where it is
    "getchat": chats.get_chat,
    "getchatmember": chats.get_chat_member,
    "getchatadministrators": chats.get_chat_administrators,
    "getchatmembercount": chats.get_chat_member_count,
    "leavechat": chats.leave_chat,
    # what it says
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "senddocument": sending.send_document,
    "sendmediagroup": sending.send_media_group,
    "copymessage": copying.copy_message,
    "forwardmessage": copying.forward_message,
    "sendchataction": sending.send_chat_action,
    # what it changes
    "editmessagetext": editing.edit_message_text,
    "editmessagecaption": editing.edit_message_caption,
    "editmessagemedia": editing.edit_message_media,
    "editmessagereplymarkup": editing.edit_message_reply_markup,
    "deletemessage": editing.delete_message,
    "deletemessages": editing.delete_messages,
    "setmessagereaction": editing.set_message_reaction,
    "answercallbackquery": answering.answer_callback_query,
    "answerinlinequery": answering.answer_inline_query,
}


async def call(cloud: Cloud, name: str, given: Parameters) -> Result:
    """Call a method by its name; upper and lower case do not matter, as on Telegram."""
    method = METHODS.get(name.lower())
    if method is None:
        raise Refused(*UNKNOWN_METHOD)
    return await method(cloud, given)
