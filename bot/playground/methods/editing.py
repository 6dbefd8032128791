"""Methods that edit and delete messages."""

from __future__ import annotations

from typing import Final

from bot.playground.methods import content
from bot.playground.state import State
from bot.playground.telegram.api_errors import NOT_MODIFIED, bad_request
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.keyboards import inline_keyboard
from bot.playground.telegram.parameters import Json, Parameters

TEXT_FIELDS: Final = ("text", "entities")


async def edit_message_text(state: State, parameters: Parameters) -> Json:
    """Handle `editMessageText`: check that the message is the bot's, has a text, and changes."""
    chat, message = _editable(state, parameters)
    text = content.text(parameters)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _edit(state, chat, message, TEXT_FIELDS, text | inline_keyboard(parameters))


async def edit_message_reply_markup(state: State, parameters: Parameters) -> Json:
    """Handle `editMessageReplyMarkup`: check that the message is the bot's, and changes."""
    chat, message = _editable(state, parameters)
    return _edit(state, chat, message, (), inline_keyboard(parameters))


async def delete_message(state: State, parameters: Parameters) -> bool:
    """Handle `deleteMessage`: check that the bot may delete it; in a group, an administrator may."""
    chat = content.chat_of(state, parameters)
    message = chat.messages.get(parameters.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if not (message["from"]["is_bot"] or chat.is_private or chat.bot_status == "administrator"):
        raise bad_request("message can't be deleted")
    state.delete(chat, message["message_id"])
    return True


def _editable(state: State, parameters: Parameters) -> tuple[Chat, Json]:
    """Return the message that a call edits, and its chat."""
    chat = content.target_of(state, parameters)
    message = chat.messages.get(parameters.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != state.profile.user["id"]:
        raise bad_request("message can't be edited")
    return chat, message


def _edit(state: State, chat: Chat, message: Json, replaced: tuple[str, ...], new_fields: Json) -> Json:
    """Replace these fields, and the keyboard always; a new keyboard alone does not count as an edit."""
    if "media_group_id" in message and "reply_markup" in new_fields:
        raise bad_request("message can't be edited")  # an album has no keyboard
    removed = {*replaced, "reply_markup"}
    edited = {name: value for name, value in message.items() if name not in removed} | new_fields
    if edited == message:
        raise bad_request(NOT_MODIFIED)
    return state.replace(chat, edited | ({"edit_date": int(state.clock())} if replaced else {}))
