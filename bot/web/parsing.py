"""Parsing of requests: fields from URL and body, a photo from the body, nothing on disk."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final, get_origin

from aiohttp import BodyPartReader, web
from multidict import MultiDict, MultiMapping
from pydantic import ValidationError

from bot.web.errors import TOO_LARGE, RequestRefusedError, invalid_field
from bot.web.operations import Operation, OperationRequest
from bot.web.schemas import ApiRequest
from engine.api import EngineAPI

MAX_PHOTO_BYTES: Final = 20 << 20  # the engine's limit, and Telegram's for bots
MAX_FIELDS_BYTES: Final = 64 << 10  # all other fields of a form, and the boundaries
UPLOAD_TIMEOUT: Final = 60  # seconds, for the largest photo over a slow connection
PHOTO_FIELD: Final = "photo"
PHOTO_TYPES: Final = (
    *(f"image/{name}" for name in ("jpeg", "png", "webp", "heic", "avif", "gif", "bmp", "tiff")),
    "application/octet-stream",
)
PHOTO_FORMATS: Final = "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or TIFF"
FORM: Final = "multipart/form-data"
JSON: Final = "application/json"

UNSUPPORTED_BODY: Final = (
    "Please send fields as JSON, and a photo as it is (Content-Type: image/jpeg) or in a form."
)

Fields = dict[str, Any]


async def parse_request(request: web.Request, operation: Operation, engine: EngineAPI) -> OperationRequest:
    """Parse and validate a request.

    Raises:
        RequestRefusedError: It cannot be parsed, a field is invalid, or it is too large or too slow.
    """
    if (request.content_length or 0) > MAX_PHOTO_BYTES + MAX_FIELDS_BYTES:
        raise RequestRefusedError(413, TOO_LARGE)  # before a byte of the body is read
    try:
        async with asyncio.timeout(UPLOAD_TIMEOUT):
            fields, photo = await _body(request, operation)
    except TimeoutError:
        raise RequestRefusedError(
            408, "That took too long to arrive. Please try again, or send less."
        ) from None
    try:
        model = operation.request_model.model_validate(fields | request.match_info)
        return OperationRequest(engine, model, photo)
    except ValidationError as error:
        raise invalid_field(error) from None


async def _body(request: web.Request, operation: Operation) -> tuple[Fields, bytes]:
    fields = _to_fields(operation.request_model, request.query)
    if not request.can_read_body:
        return fields, b""
    if request.content_type == JSON:
        return fields | _json_object(await request.read()), b""
    if operation.takes_photo and _is_photo(request.content_type):
        return fields, await request.read()
    if operation.takes_photo and request.content_type == FORM:
        form, photo = await _form(request)
        return fields | _to_fields(operation.request_model, form), photo
    raise RequestRefusedError(415, UNSUPPORTED_BODY)


def _is_photo(media_type: str) -> bool:
    """Return whether a body may be a photo; formats have several names, and decoding decides."""
    return media_type.startswith("image/") or media_type in PHOTO_TYPES


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestRefusedError(400, "That is not JSON. The page /api shows an example.") from None
    if not isinstance(value, dict):
        raise RequestRefusedError(400, "Please send one JSON object. The page /api shows an example.")
    return value


async def _form(request: web.Request) -> tuple[MultiDict[str], bytes]:
    """Parse a form in memory: `request.post()` would write the photo to disk."""
    fields: MultiDict[str] = MultiDict()
    photo = b""
    remaining = MAX_PHOTO_BYTES + MAX_FIELDS_BYTES
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            content = await _read_part(part, remaining)
            remaining -= len(content)
            if part.name == PHOTO_FIELD:
                photo = content
            else:
                fields.add(part.name, content.decode())
    except ValueError:  # truncated, malformed, or not UTF-8
        raise RequestRefusedError(400, "That form cannot be read. Please send it again.") from None
    return fields, photo


async def _read_part(part: BodyPartReader, max_bytes: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk():
        content += chunk
        if len(content) > max_bytes:
            raise RequestRefusedError(413, TOO_LARGE)
    return bytes(content)


def _to_fields(model: type[ApiRequest], parameters: MultiMapping[str]) -> Fields:
    """Return the values by field: all of a list, the last one of any other."""
    lists = {name for name, field in model.model_fields.items() if get_origin(field.annotation) is tuple}
    return {
        name: parameters.getall(name) if name in lists else parameters.getall(name)[-1] for name in parameters
    }
