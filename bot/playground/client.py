"""What a person's app does with what they type, attach and press."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.playground.cloud import Chat, Cloud
from bot.playground.entities import with_found
from bot.playground.limits import ALBUM_MAX, CAPTION_UNITS, TEXT_UNITS
from bot.playground.markup import trim, units
from bot.playground.pictures import NoPicture, copies_of_person
from bot.playground.wire import Json, Upload


class Impossible(Exception):
    """What no app would let a person do."""


def say(cloud: Cloud, chat: Chat, text: str, reply_to: int = 0) -> Json:
    """Send a text, perhaps as a reply."""
    said = _words("text", "entities", text, TEXT_UNITS)
    if not said:
        raise Impossible("there is nothing to send")
    return cloud.post_from_person(chat, _quoted(chat, reply_to) | said)


async def send_files(
    cloud: Cloud, chat: Chat, uploads: Sequence[Upload], caption: str = "", as_file: bool = False
) -> list[Json]:
    """Send images or other files; two or more make an album, whose first item has the caption."""
    if not 1 <= len(uploads) <= ALBUM_MAX:
        raise Impossible(f"one message holds 1 to {ALBUM_MAX} files")
    said = _words("caption", "caption_entities", caption, CAPTION_UNITS)
    files = [await _attached(cloud, upload, as_file) for upload in uploads]
    if len({next(iter(file)) for file in files}) > 1:  # one of them is no photo: all go as files
        files = [await _attached(cloud, upload, as_file=True) for upload in uploads]
    group = {"media_group_id": cloud.new_group_id()} if len(files) > 1 else {}
    contents = [group | file | (said if number == 0 else {}) for number, file in enumerate(files)]
    return [cloud.post_from_person(chat, content) for content in contents]


def edit(cloud: Cloud, chat: Chat, number: int, text: str) -> Json:
    """Change the text or caption of one's own message."""
    message = chat.messages.get(number)
    if message is None or message["from"]["is_bot"]:
        raise Impossible("there is no message of yours to edit")
    names = ("text", "entities") if "text" in message else ("caption", "caption_entities")
    said = _words(*names, text, TEXT_UNITS if "text" in message else CAPTION_UNITS)
    kept = {name: value for name, value in message.items() if name not in names}
    return cloud.replace(chat, kept | said | {"edit_date": int(cloud.clock())})


def press(cloud: Cloud, chat: Chat, number: int, row: int, column: int) -> str:
    """Press a button by its place in the keyboard; the result names the query."""
    message = chat.messages.get(number, {})
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    try:
        data = rows[row][column]["callback_data"]
    except LookupError as error:
        raise Impossible("this button is gone or has nothing to tell the bot") from error
    return cloud.press(chat, message, data)


def _words(name: str, entities_name: str, source: str, longest: int) -> Json:
    text, _ = trim(source, [])
    if units(text) > longest:
        raise Impossible(f"no more than {longest} characters fit")
    found = with_found(text, [])
    return ({name: text} if text else {}) | ({entities_name: found} if found else {})


def _quoted(chat: Chat, number: int) -> Json:
    original = chat.messages.get(number)
    if original is None:
        return {}
    return {"reply_to_message": {k: v for k, v in original.items() if k != "reply_to_message"}}


async def _attached(cloud: Cloud, upload: Upload, as_file: bool) -> Json:
    if not as_file:
        try:
            return {"photo": cloud.shelf.add_photo(await asyncio.to_thread(copies_of_person, upload.content))}
        except NoPicture:
            pass  # an app that cannot show it sends it as a file
    return {"document": cloud.shelf.add_document(upload.content, upload.name, upload.mime_type)}
