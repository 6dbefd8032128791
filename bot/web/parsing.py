"""From a request to a question: fields from address and body, a photo from the body, nothing on disk."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final, get_origin

from aiohttp import BodyPartReader, web
from multidict import MultiDict, MultiMapping
from pydantic import ValidationError

from bot.web.errors import TOO_LARGE, RequestRefusedError, mistake
from bot.web.operations import Asked, Operation
from bot.web.schemas import Question
from engine.api import EngineAPI

PHOTO_BYTES: Final = 20 << 20  # what the engine opens, and Telegram hands to a bot
FIELD_BYTES: Final = 64 << 10  # all fields of a form, and what lies between them
UPLOAD_SECONDS: Final = 60  # for the largest photo, over a slow line
PHOTO: Final = "photo"  # the form's field
PHOTO_TYPES: Final = ("image/jpeg", "image/png", "image/webp", "application/octet-stream")
FORM: Final = "multipart/form-data"
JSON: Final = "application/json"

_UNREAD = "Please send fields as JSON, and a photo as it is (Content-Type: image/jpeg) or in a form."

Fields = dict[str, Any]


async def read(request: web.Request, operation: Operation, engine: EngineAPI) -> Asked:
    """Read a question.

    Raises:
        Refused: it cannot be read, or a field has to be mended, or it is too large or too slow.
    """
    if (request.content_length or 0) > PHOTO_BYTES + FIELD_BYTES:
        raise RequestRefusedError(413, TOO_LARGE)  # before a byte of it is read
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            fields, photo = await _body(request, operation)
    except TimeoutError:
        raise RequestRefusedError(
            408, "That took too long to arrive. Please try again, or send less."
        ) from None
    try:
        return Asked(engine, operation.asks.model_validate(fields | request.match_info), photo)
    except ValidationError as error:
        raise mistake(error) from None


async def _body(request: web.Request, operation: Operation) -> tuple[Fields, bytes]:
    fields = _shaped(operation.asks, request.query)
    if not request.can_read_body:
        return fields, b""
    if request.content_type == JSON:
        return fields | _object(await request.read()), b""
    if operation.takes_photo and request.content_type in PHOTO_TYPES:
        return fields, await request.read()
    if operation.takes_photo and request.content_type == FORM:
        said, photo = await _form(request)
        return fields | _shaped(operation.asks, said), photo
    raise RequestRefusedError(415, _UNREAD)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestRefusedError(400, "That is not JSON. The page /api shows an example.") from None
    if not isinstance(value, dict):
        raise RequestRefusedError(400, "Please send one JSON object. The page /api shows an example.")
    return value


async def _form(request: web.Request) -> tuple[MultiDict[str], bytes]:
    """Read a form in memory: `request.post()` would spool the photo to disk."""
    fields: MultiDict[str] = MultiDict()
    photo = b""
    room = PHOTO_BYTES + FIELD_BYTES
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            content = await _part(part, room)
            room -= len(content)
            if part.name == PHOTO:
                photo = content
            else:
                fields.add(part.name, content.decode())
    except ValueError:  # cut off, or its parts do not fit together, or not UTF-8
        raise RequestRefusedError(400, "That form cannot be read. Please send it again.") from None
    return fields, photo


async def _part(part: BodyPartReader, room: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk():
        content += chunk
        if len(content) > room:
            raise RequestRefusedError(413, TOO_LARGE)
    return bytes(content)


def _shaped(asks: type[Question], said: MultiMapping[str]) -> Fields:
    """Fields as the question wants them: some are lists, and every other one counts as it was said last."""
    lists = {name for name, field in asks.model_fields.items() if get_origin(field.annotation) is tuple}
    return {name: said.getall(name) if name in lists else said.getall(name)[-1] for name in said}
