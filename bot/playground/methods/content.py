"""What a message says, out of the parameters of a call: text, caption, photo, document."""

from __future__ import annotations

import asyncio
from typing import Final

from bot.playground.state import Cloud
from bot.playground.telegram.api_errors import NO_FETCH, WRONG_FILE, bad_request
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.entities import with_found
from bot.playground.telegram.files import Kind, StoredFile
from bot.playground.telegram.html import parse_html, trim, units
from bot.playground.telegram.limits import CAPTION_UNITS, TEXT_UNITS
from bot.playground.telegram.parameters import Json, Parameters, Upload
from bot.playground.telegram.photo_sizes import copies_of_upload

ATTACHED: Final = "attach://"
WEB: Final = ("http://", "https://")


def text(given: Parameters) -> Json:
    """Read `text` as the fields it becomes in a message."""
    return _text(given.text("text"), given.text("parse_mode"), given.objects("entities"))


def text_of_item(item: Json) -> Json:
    """Read an InputTextMessageContent object."""
    mode, marked = str(item.get("parse_mode") or ""), item.get("entities") or []
    return _text(str(item.get("message_text") or ""), mode, marked)


def caption(given: Parameters) -> Json:
    """Read `caption` of a call as the fields it becomes in a message."""
    return _caption(given.text("caption"), given.text("parse_mode"), given.objects("caption_entities"))


def caption_of_item(item: Json) -> Json:
    """Read the caption of an InputMedia object."""
    mode, marked = str(item.get("parse_mode") or ""), item.get("caption_entities") or []
    return _caption(str(item.get("caption") or ""), mode, marked)


def chat_of(cloud: Cloud, given: Parameters, name: str = "chat_id") -> Chat:
    """Find the chat a call is about."""
    if not given.text(name):
        raise bad_request("chat_id is empty")
    return cloud.chat(given.integer(name))


def target_of(cloud: Cloud, given: Parameters) -> Chat:
    """Find the chat a call writes to."""
    chat = chat_of(cloud, given)
    chat.check_writable()
    return chat


async def media(cloud: Cloud, given: Parameters, kind: Kind, reference: str) -> Json:
    """Find or take in a file: `{"photo": [...]}` or `{"document": {...}}`."""
    if reference.startswith(WEB):
        raise bad_request(NO_FETCH)
    if not reference.startswith(ATTACHED):
        return known(cloud, kind, reference)
    upload = given.uploads.get(reference.removeprefix(ATTACHED))
    if upload is None:
        raise bad_request(f"there is no {kind} in the request")
    return await _taken_in(cloud, kind, upload)


async def _taken_in(cloud: Cloud, kind: Kind, upload: Upload) -> Json:
    if not upload.content:
        raise bad_request("file must be non-empty")
    if kind == "photo":
        copies = await asyncio.to_thread(copies_of_upload, upload.content)
        return {"photo": cloud.shelf.add_photo(copies)}
    return {"document": cloud.shelf.add_document(upload.content, upload.name, upload.mime_type)}


def known(cloud: Cloud, kind: Kind, file_id: str) -> Json:
    """Find a file that was sent before, to be sent again."""
    file = cloud.shelf.find(file_id)
    if file is None:
        raise bad_request(WRONG_FILE)
    if file.kind != kind:
        raise bad_request(f"can't use file of type {file.kind.title()} as {kind.title()}")
    return {"photo": _sizes(cloud, file)} if kind == "photo" else {"document": file.wire}


def _sizes(cloud: Cloud, file: StoredFile) -> list[Json]:
    return [size.wire for size in map(cloud.shelf.find, file.sizes) if size is not None]


def _text(source: str, mode: str, marked: list[Json]) -> Json:
    said, entities = _formatted(source, mode, marked)
    if not said:
        raise bad_request("message text is empty")
    if units(said) > TEXT_UNITS:
        raise bad_request("message is too long")
    return {"text": said} | ({"entities": entities} if entities else {})


def _caption(source: str, mode: str, marked: list[Json]) -> Json:
    said, entities = _formatted(source, mode, marked)
    if units(said) > CAPTION_UNITS:
        raise bad_request("message caption is too long")
    return ({"caption": said} if said else {}) | ({"caption_entities": entities} if entities else {})


def _formatted(source: str, mode: str, marked: list[Json]) -> tuple[str, list[Json]]:
    if mode.lower() == "html":
        said, entities = trim(*parse_html(source))
    elif mode:
        raise bad_request("unsupported parse_mode")  # Telegram has Markdown too; the playground does not
    else:
        said, entities = trim(source, _checked(marked))
    return said, with_found(said, entities)


def _checked(marked: list[Json]) -> list[Json]:
    for entity in marked:
        numbers = (entity.get("offset"), entity.get("length"))
        if "type" not in entity or not all(isinstance(number, int) for number in numbers):
            raise bad_request("can't parse MessageEntity: a type, an offset and a length are needed")
    return marked
