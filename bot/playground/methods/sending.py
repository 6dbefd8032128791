"""Methods that send messages and chat actions."""

from __future__ import annotations

from typing import Final

from bot.playground.methods import content
from bot.playground.state import State
from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.keyboards import inline_keyboard
from bot.playground.telegram.limits import ALBUM_MAX, ALBUM_MIN
from bot.playground.telegram.parameters import Json, Parameters
from bot.playground.telegram.reply_parameters import read_reply_fields, read_topic

CHAT_ACTIONS: Final = frozenset({
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
})  # fmt: skip


async def send_message(state: State, parameters: Parameters) -> Json:
    """Handle `sendMessage`: check the chat, the text, the reply and the keyboard."""
    chat = content.target_of(state, parameters)
    text = content.text(parameters)
    return state.post_from_bot(chat, read_reply_fields(chat, parameters) | text | inline_keyboard(parameters))


async def send_photo(state: State, parameters: Parameters) -> Json:
    """Handle `sendPhoto`: check the chat, the reply, the caption, the keyboard and the photo."""
    chat = content.target_of(state, parameters)
    fields = read_reply_fields(chat, parameters) | content.caption(parameters) | inline_keyboard(parameters)
    photo = await content.photo(state, parameters, parameters.text("photo") or f"{content.ATTACHED}photo")
    return state.post_from_bot(chat, photo | fields)


async def send_media_group(state: State, parameters: Parameters) -> list[Json]:
    """Handle `sendMediaGroup`: check the number of items and each of them; all are sent, or none.

    An injected flood may stop it half-way.
    """
    chat = content.target_of(state, parameters)
    items = parameters.objects("media")
    if len(items) > ALBUM_MAX:
        raise bad_request("too many messages to send as an album")
    if len(items) < ALBUM_MIN:  # real servers may accept one item, the documentation does not
        raise bad_request("media must include 2-10 items")
    if "reply_markup" in parameters.values:  # real servers ignore it; here the mistake shows
        raise bad_request("an album cannot have a reply_markup")
    album = {"media_group_id": state.new_media_group_id()} | read_reply_fields(chat, parameters)
    photos = [await _photo_of_item(state, parameters, item) for item in items]
    flood = state.faults.draw("sendMediaGroup", albums=True)
    sent = photos if flood is None else photos[: max(flood.sent, 1)]
    messages = state.post_album(chat, [album | photo for photo in sent])
    if flood is not None:
        reason = f'"Too Many Requests: retry after {flood.seconds:g}"'
        raise bad_request(f"failed to send message #{len(sent) + 1} with the error message {reason}")
    return messages


async def send_chat_action(state: State, parameters: Parameters) -> bool:
    """Handle `sendChatAction`: check the chat, the topic and the action's name."""
    chat = content.target_of(state, parameters)
    action = parameters.text("action")
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    topic = read_topic(chat, parameters)
    state.events.publish(chat.id, {"type": "action", "action": action, "topic": topic})
    return True


async def _photo_of_item(state: State, parameters: Parameters, item: Json) -> Json:
    """Return the photo and the caption of an InputMediaPhoto object."""
    if item.get("type") != "photo":
        raise bad_request(f"can't parse InputMedia: type {item.get('type')!r} is not supported here")
    return await content.photo(state, parameters, str(item.get("media", ""))) | content.caption_of_item(item)
