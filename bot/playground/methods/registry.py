"""The registry of implemented Bot API methods, by their names in lower case."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from bot.playground.methods import account, answering, editing, sending, webhooks
from bot.playground.state import State
from bot.playground.telegram.api_errors import UNKNOWN_METHOD, ApiError
from bot.playground.telegram.parameters import Json, Parameters

MethodResult = Json | list[Json] | bool
Method = Callable[[State, Parameters], Awaitable[MethodResult]]

METHODS: Final[dict[str, Method]] = {
    # the bot's account
    "getme": account.get_me,
    "getmycommands": account.get_my_commands,
    "setmycommands": account.set_my_commands,
    "getuserprofilephotos": account.get_user_profile_photos,
    "getfile": account.get_file,
    # updates
    "getupdates": webhooks.get_updates,
    "setwebhook": webhooks.set_webhook,
    "deletewebhook": webhooks.delete_webhook,
    "getwebhookinfo": webhooks.get_webhook_info,
    # messages
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "sendmediagroup": sending.send_media_group,
    "sendchataction": sending.send_chat_action,
    "editmessagetext": editing.edit_message_text,
    "editmessagereplymarkup": editing.edit_message_reply_markup,
    "deletemessage": editing.delete_message,
    # answers
    "answercallbackquery": answering.answer_callback_query,
    "answerinlinequery": answering.answer_inline_query,
}


async def call(state: State, name: str, parameters: Parameters) -> MethodResult:
    """Call a method by its name, in upper or lower case as on Telegram.

    Raises:
        ApiError: the method is not implemented, or refuses the call.
    """
    method = METHODS.get(name.lower())
    if method is None:
        raise ApiError(*UNKNOWN_METHOD)
    return await method(state, parameters)
