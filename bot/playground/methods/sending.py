"""Methods that put something into a chat."""

from __future__ import annotations

from typing import Final

from bot.playground.methods import content
from bot.playground.state import Cloud
from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.files import Kind
from bot.playground.telegram.keyboards import inline_keyboard
from bot.playground.telegram.limits import ALBUM_MAX, ALBUM_MIN
from bot.playground.telegram.parameters import Json, Parameters
from bot.playground.telegram.reply_parameters import asked, thread

KINDS: Final[tuple[Kind, ...]] = ("photo", "document")
CHAT_ACTIONS: Final = frozenset({
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
})  # fmt: skip


async def send_message(cloud: Cloud, given: Parameters) -> Json:
    """sendMessage."""
    chat = content.target_of(cloud, given)
    said = content.text(given)
    return cloud.post_from_bot(chat, asked(chat, given) | said | inline_keyboard(given))


async def send_photo(cloud: Cloud, given: Parameters) -> Json:
    """sendPhoto."""
    return await _send_file(cloud, given, "photo")


async def send_document(cloud: Cloud, given: Parameters) -> Json:
    """sendDocument."""
    return await _send_file(cloud, given, "document")


async def send_media_group(cloud: Cloud, given: Parameters) -> list[Json]:
    """sendMediaGroup: all items or none, unless a flood stops it half-way."""
    chat = content.target_of(cloud, given)
    items = given.objects("media")
    if len(items) > ALBUM_MAX:
        raise bad_request("too many messages to send as an album")
    if len(items) < ALBUM_MIN:  # real servers may let one pass, the documents do not
        raise bad_request("media must include 2-10 items")
    if "reply_markup" in given.values:  # real servers drop it in silence; here the mistake shows
        raise bad_request("an album cannot have a reply_markup")
    group = {"media_group_id": cloud.new_group_id()} | asked(chat, given)
    drafts = [await read_item(cloud, given, item) for item in items]
    if len({_kind(draft) for draft in drafts}) > 1:
        raise bad_request("can't mix photos and documents in an album")
    flood = cloud.faults.draw("sendMediaGroup", albums=True)
    sent = drafts if flood is None else drafts[: max(flood.sent, 1)]
    messages = cloud.post_album(chat, [group | draft for draft in sent])
    if flood is not None:
        words = f'"Too Many Requests: retry after {flood.seconds:g}"'
        raise bad_request(f"failed to send message #{len(sent) + 1} with the error message {words}")
    return messages


async def send_chat_action(cloud: Cloud, given: Parameters) -> bool:
    """sendChatAction."""
    chat = content.target_of(cloud, given)
    if given.text("action") not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    cloud.act(chat, given.text("action"), thread(chat, given))
    return True


async def read_item(cloud: Cloud, given: Parameters, item: Json) -> Json:
    """Read one InputMedia object: its file and caption."""
    kind = next((known for known in KINDS if item.get("type") == known), None)
    if kind is None:
        raise bad_request(f"can't parse InputMedia: type {item.get('type')!r} is not supported here")
    file = await content.media(cloud, given, kind, str(item.get("media", "")))
    return file | content.caption_of_item(item) | _looks(item)


async def _send_file(cloud: Cloud, given: Parameters, kind: Kind) -> Json:
    chat = content.target_of(cloud, given)
    said = asked(chat, given) | content.caption(given) | inline_keyboard(given)
    file = await content.media(cloud, given, kind, given.text(kind) or content.ATTACHED + kind)
    looks = {name: given.flag(name) for name in ("show_caption_above_media", "has_spoiler")}
    return cloud.post_from_bot(chat, file | said | _looks(looks))


def _looks(flags: Json) -> Json:
    names = {"show_caption_above_media": "show_caption_above_media", "has_spoiler": "has_media_spoiler"}
    return {field: True for flag, field in names.items() if flags.get(flag)}


def _kind(message: Json) -> str:
    return next(kind for kind in KINDS if kind in message)
