"""Parsing of requests: fields from URL and body, a photo from the body, nothing on disk."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final, get_origin

from aiohttp import web
from multidict import MultiMapping
from pydantic import ValidationError

from bot.web.errors import TOO_LARGE, RequestRefusedError, invalid_field
from bot.web.forms import MAX_FIELDS_BYTES, MAX_PHOTO_BYTES, read_form
from bot.web.operations import Operation, OperationRequest
from bot.web.schemas import ApiRequest
from engine.api import EngineAPI

UPLOAD_TIMEOUT: Final = 60  # seconds, for the largest photo over a slow connection
PHOTO_TYPES: Final = (
    *(
        f"image/{name}"
        for name in ("jpeg", "jpg", "pjpeg", "png", "webp", "heic", "avif", "gif", "bmp", "tiff")
    ),
    "application/octet-stream",
)
PHOTO_FORMATS: Final = "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or TIFF"
FORM: Final = "multipart/form-data"
JSON: Final = "application/json"

COMPRESSIONS: Final = frozenset({"", "identity", "gzip", "deflate"})  # of a body, undone by aiohttp
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
    compression = request.headers.get("Content-Encoding", "").strip().lower()
    if compression not in COMPRESSIONS:
        raise RequestRefusedError(
            415, f"The body is compressed as “{compression}”. Please send it as it is, or as gzip."
        )
    if request.content_type == JSON:
        return fields | _json_object(await request.read()), b""
    if operation.takes_photo and _is_photo(request.content_type):
        return fields, await request.read()
    if operation.takes_photo and request.content_type == FORM:
        form, photo = await read_form(request)
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


def _to_fields(model: type[ApiRequest], parameters: MultiMapping[str]) -> Fields:
    """Return the values by field: all of a list, the last one of any other."""
    lists = {name for name, field in model.model_fields.items() if get_origin(field.annotation) is tuple}
    return {
        name: parameters.getall(name) if name in lists else parameters.getall(name)[-1] for name in parameters
    }
