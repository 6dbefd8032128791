"""Methods that change what stands in a chat already."""

from __future__ import annotations

from typing import Final

from telegram.constants import ReactionEmoji

from bot.playground import content
from bot.playground.cloud import Chat, Cloud
from bot.playground.keyboards import inline_keyboard
from bot.playground.limits import DELETE_AT_ONCE, REACTIONS
from bot.playground.refusals import NOT_MODIFIED, bad_request
from bot.playground.sending import read_item
from bot.playground.wire import Json, Parameters

TEXT: Final = ("text", "entities")
CAPTION: Final = ("caption", "caption_entities", "show_caption_above_media")
MEDIA: Final = ("photo", "document", "has_media_spoiler")
EMOJI: Final = frozenset(emoji.value for emoji in ReactionEmoji)


async def edit_message_text(cloud: Cloud, given: Parameters) -> Json:
    """editMessageText."""
    chat, message = _own_message(cloud, given)
    said = content.text(given)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _edit(cloud, chat, message, TEXT, said | inline_keyboard(given))


async def edit_message_caption(cloud: Cloud, given: Parameters) -> Json:
    """editMessageCaption."""
    chat, message = _own_message(cloud, given)
    said = content.caption(given)
    if "text" in message:
        raise bad_request("there is no caption in the message to edit")
    above = {"show_caption_above_media": True} if given.flag("show_caption_above_media") else {}
    return _edit(cloud, chat, message, CAPTION, said | above | inline_keyboard(given))


async def edit_message_media(cloud: Cloud, given: Parameters) -> Json:
    """editMessageMedia; it may turn a text into a photo."""
    chat, message = _own_message(cloud, given)
    file = await read_item(cloud, given, given.mapping("media"))
    return _edit(cloud, chat, message, (*TEXT, *CAPTION, *MEDIA), file | inline_keyboard(given))


async def edit_message_reply_markup(cloud: Cloud, given: Parameters) -> Json:
    """editMessageReplyMarkup."""
    chat, message = _own_message(cloud, given)
    return _edit(cloud, chat, message, (), inline_keyboard(given))


async def delete_message(cloud: Cloud, given: Parameters) -> bool:
    """deleteMessage."""
    chat = content.chat_of(cloud, given)
    number = given.integer("message_id")
    if number not in chat.messages:
        raise bad_request("message to delete not found")
    cloud.delete(chat, [number])
    return True


async def delete_messages(cloud: Cloud, given: Parameters) -> bool:
    """deleteMessages: those not there are skipped."""
    chat = content.chat_of(cloud, given)
    numbers = given.array("message_ids")
    if not 1 <= len(numbers) <= DELETE_AT_ONCE:
        raise bad_request("message identifiers must be 1-100")
    cloud.delete(chat, [number for number in numbers if number in chat.messages])
    return True


async def set_message_reaction(cloud: Cloud, given: Parameters) -> bool:
    """setMessageReaction."""
    chat = content.chat_of(cloud, given)
    reactions = given.objects("reaction")
    number = given.integer("message_id")
    if number not in chat.messages:
        raise bad_request("message to react not found")
    if len(reactions) > REACTIONS:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(reaction.get("type") != "emoji" or reaction.get("emoji") not in EMOJI for reaction in reactions):
        raise bad_request("REACTION_INVALID")
    cloud.react(chat, number, reactions)
    return True


async def answer_callback_query(cloud: Cloud, given: Parameters) -> bool:
    """answerCallbackQuery."""
    alert = given.flag("show_alert")
    cloud.answer(given.text("callback_query_id"), {"text": given.text("text"), "alert": alert})
    return True


def _own_message(cloud: Cloud, given: Parameters) -> tuple[Chat, Json]:
    if given.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = content.chat_of(cloud, given)
    message = chat.messages.get(given.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not message["from"]["is_bot"]:
        raise bad_request("message can't be edited")
    return chat, message


def _edit(cloud: Cloud, chat: Chat, message: Json, replaced: tuple[str, ...], fresh: Json) -> Json:
    """Put `fresh` in the place of the replaced fields; the keyboard is replaced always."""
    if "media_group_id" in message and "reply_markup" in fresh:
        raise bad_request("message can't be edited")  # an album has no keyboard
    gone = {*replaced, "reply_markup"}
    edited = {name: value for name, value in message.items() if name not in gone} | fresh
    if edited == message:
        raise bad_request(NOT_MODIFIED)
    dated = edited | ({"edit_date": int(cloud.clock())} if replaced else {})
    return cloud.replace(chat, dated)
