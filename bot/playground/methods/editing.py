"""Methods that change what stands in a chat already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from telegram.constants import ReactionEmoji

from bot.playground.methods import content
from bot.playground.methods.sending import read_item
from bot.playground.state import Cloud
from bot.playground.telegram.api_errors import NOT_MODIFIED, WRONG_FILE, bad_request
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.keyboards import inline_keyboard
from bot.playground.telegram.limits import DELETE_AT_ONCE, REACTIONS
from bot.playground.telegram.parameters import Json, Parameters

TEXT: Final = ("text", "entities")
CAPTION: Final = ("caption", "caption_entities", "show_caption_above_media")
MEDIA: Final = ("photo", "document", "has_media_spoiler")
Result = Json | bool  # an inline message is edited unseen

EMOJI: Final = frozenset(emoji.value for emoji in ReactionEmoji)


@dataclass(frozen=True)
class Target:
    """The message a call edits; one sent via the bot is known by its name only."""

    chat: Chat
    message: Json
    inline: bool


async def edit_message_text(cloud: Cloud, given: Parameters) -> Result:
    """editMessageText."""
    target = _target(cloud, given)
    said = content.text(given)
    if "text" not in target.message:
        raise bad_request("there is no text in the message to edit")
    return _edit(cloud, target, TEXT, said | inline_keyboard(given))


async def edit_message_caption(cloud: Cloud, given: Parameters) -> Result:
    """editMessageCaption."""
    target = _target(cloud, given)
    said = content.caption(given)
    if "text" in target.message:
        raise bad_request("there is no caption in the message to edit")
    above = {"show_caption_above_media": True} if given.flag("show_caption_above_media") else {}
    return _edit(cloud, target, CAPTION, said | above | inline_keyboard(given))


async def edit_message_media(cloud: Cloud, given: Parameters) -> Result:
    """editMessageMedia; it may turn a text into a photo."""
    target = _target(cloud, given)
    item = given.mapping("media")
    if target.inline and str(item.get("media", "")).startswith(content.ATTACHED):
        raise bad_request(WRONG_FILE)  # an inline message takes only files that were sent before
    file = await read_item(cloud, given, item)
    return _edit(cloud, target, (*TEXT, *CAPTION, *MEDIA), file | inline_keyboard(given))


async def edit_message_reply_markup(cloud: Cloud, given: Parameters) -> Result:
    """editMessageReplyMarkup."""
    return _edit(cloud, _target(cloud, given), (), inline_keyboard(given))


async def delete_message(cloud: Cloud, given: Parameters) -> bool:
    """deleteMessage."""
    chat = content.chat_of(cloud, given)
    number = given.integer("message_id")
    if number not in chat.messages:
        raise bad_request("message to delete not found")
    if not _deletable(chat, number):
        raise bad_request("message can't be deleted")
    cloud.delete(chat, [number])
    return True


async def delete_messages(cloud: Cloud, given: Parameters) -> bool:
    """deleteMessages: those not there are skipped."""
    chat = content.chat_of(cloud, given)
    numbers = given.array("message_ids")
    if not 1 <= len(numbers) <= DELETE_AT_ONCE:
        raise bad_request("message identifiers must be 1-100")
    cloud.delete(chat, [number for number in numbers if number in chat.messages and _deletable(chat, number)])
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


def _deletable(chat: Chat, number: int) -> bool:
    """In a group, what others said is the administrators' to delete."""
    mine = bool(chat.messages[number]["from"]["is_bot"])
    return mine or chat.is_private or chat.standing == "administrator"


def _target(cloud: Cloud, given: Parameters) -> Target:
    if name := given.text("inline_message_id"):
        return Target(*cloud.inline.message(name), inline=True)
    chat = content.target_of(cloud, given)
    message = chat.messages.get(given.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != cloud.profile.user["id"]:
        raise bad_request("message can't be edited")
    return Target(chat, message, inline=False)


def _edit(cloud: Cloud, target: Target, replaced: tuple[str, ...], fresh: Json) -> Result:
    """Put `fresh` in the place of the replaced fields; the keyboard is replaced always."""
    message = target.message
    if "media_group_id" in message and "reply_markup" in fresh:
        raise bad_request("message can't be edited")  # an album has no keyboard
    gone = {*replaced, "reply_markup"}
    edited = {name: value for name, value in message.items() if name not in gone} | fresh
    if edited == message:
        raise bad_request(NOT_MODIFIED)
    dated = edited | ({"edit_date": int(cloud.clock())} if replaced else {})
    told = cloud.replace(target.chat, dated)
    return True if target.inline else told
