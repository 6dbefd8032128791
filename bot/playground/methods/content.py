"""The content of a message, read from the parameters of a call: its chat, text, caption, photo."""

from __future__ import annotations

import asyncio
from typing import Final

from bot.playground.state import State
from bot.playground.telegram.api_errors import URL_NOT_FETCHED, WRONG_FILE_ID, bad_request
from bot.playground.telegram.chats import Chat
from bot.playground.telegram.entities import add_detected
from bot.playground.telegram.html import parse_html, trim, utf16_length
from bot.playground.telegram.limits import CAPTION_UNITS, TEXT_UNITS
from bot.playground.telegram.parameters import Json, Parameters
from bot.playground.telegram.photo_sizes import photo_from_upload

ATTACHED: Final = "attach://"
WEB: Final = ("http://", "https://")


def text(parameters: Parameters) -> Json:
    """Return the fields that `text` becomes in a message.

    Raises:
        ApiError: the text is empty or too long, or its markup is malformed.
    """
    return _text(parameters.text("text"), parameters.text("parse_mode"), parameters.objects("entities"))


def text_of_item(item: Json) -> Json:
    """Return the fields that an InputTextMessageContent object becomes in a message."""
    mode, marked = str(item.get("parse_mode") or ""), item.get("entities") or []
    return _text(str(item.get("message_text") or ""), mode, marked)


def caption(parameters: Parameters) -> Json:
    """Return the fields that `caption` becomes in a message.

    Raises:
        ApiError: the caption is too long, or its markup is malformed.
    """
    marked = parameters.objects("caption_entities")
    return _caption(parameters.text("caption"), parameters.text("parse_mode"), marked)


def caption_of_item(item: Json) -> Json:
    """Return the fields that the caption of an InputMedia object becomes in a message."""
    mode, marked = str(item.get("parse_mode") or ""), item.get("caption_entities") or []
    return _caption(str(item.get("caption") or ""), mode, marked)


def chat_of(state: State, parameters: Parameters) -> Chat:
    """Return the chat that `chat_id` names.

    Raises:
        ApiError: the bot does not know this chat, or is not a member.
    """
    if not parameters.text("chat_id"):
        raise bad_request("chat_id is empty")
    return state.chat(parameters.integer("chat_id"))


def target_of(state: State, parameters: Parameters) -> Chat:
    """Return the chat that `chat_id` names.

    Raises:
        ApiError: the bot may not write to this chat.
    """
    chat = chat_of(state, parameters)
    chat.check_writable()
    return chat


async def photo(state: State, parameters: Parameters, reference: str) -> Json:
    """Return the field `photo` of a message.

    Args:
        state: where uploads are stored
        parameters: the uploads of the call
        reference: a file_id, or `attach://` and the name of an upload

    Raises:
        ApiError: there is no such file, or it is no photo.
    """
    if reference.startswith(WEB):
        raise bad_request(URL_NOT_FETCHED)
    if not reference.startswith(ATTACHED):
        return known_photo(state, reference)
    upload = parameters.uploads.get(reference.removeprefix(ATTACHED))
    if upload is None:
        raise bad_request("there is no photo in the request")
    if not upload.content:
        raise bad_request("file must be non-empty")
    sizes = await asyncio.to_thread(photo_from_upload, upload.content)
    return {"photo": state.files.add_photo(sizes)}


def known_photo(state: State, file_id: str) -> Json:
    """Return the field `photo` of a message for a photo that was sent before.

    Raises:
        ApiError: the id is not valid, or belongs to another kind of file.
    """
    file = state.files.valid(file_id)
    if file is None:
        raise bad_request(WRONG_FILE_ID)
    if file.kind != "photo":
        raise bad_request(f"can't use file of type {file.kind.title()} as Photo")
    return {"photo": [size.wire for size in map(state.files.valid, file.sizes) if size is not None]}


def _text(source: str, mode: str, marked: list[Json]) -> Json:
    plain, entities = _formatted(source, mode, marked)
    if not plain:
        raise bad_request("message text is empty")
    if utf16_length(plain) > TEXT_UNITS:
        raise bad_request("message is too long")
    return {"text": plain} | ({"entities": entities} if entities else {})


def _caption(source: str, mode: str, marked: list[Json]) -> Json:
    plain, entities = _formatted(source, mode, marked)
    if utf16_length(plain) > CAPTION_UNITS:
        raise bad_request("message caption is too long")
    return ({"caption": plain} if plain else {}) | ({"caption_entities": entities} if entities else {})


def _formatted(source: str, mode: str, marked: list[Json]) -> tuple[str, list[Json]]:
    """Return the plain text and its entities."""
    if mode.lower() == "html":
        plain, entities = trim(*parse_html(source))
    elif mode:
        raise bad_request("unsupported parse_mode")  # Telegram has Markdown too; the playground does not
    else:
        plain, entities = trim(source, _checked(marked))
    return plain, add_detected(plain, entities)


def _checked(marked: list[Json]) -> list[Json]:
    for entity in marked:
        numbers = (entity.get("offset"), entity.get("length"))
        if "type" not in entity or not all(isinstance(number, int) for number in numbers):
            raise bad_request("can't parse MessageEntity: a type, an offset and a length are needed")
    return marked
