"""Errors of the HTTP API: a status, and one sentence for a person in JSON."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from bot.http.guard import Handler
from engine.errors import (
    BadInputError,
    BusyError,
    EngineError,
    GalleryError,
    PhotoTooLargeError,
    UnknownImageError,
)
from handlers.i18n.errors import error_sentence

BUSY_RETRY_AFTER: Final = 5  # seconds
TOO_LARGE: Final = "That is over 20 MB. Please send a smaller photo."
UNREADABLE_BODY: Final = "That cannot be unpacked. Please send it again, or without compression."
NOT_FOUND: Final = "There is nothing here. The page /api lists what can be asked."

# Forbidden is the folder of the pages' files: it is not listed.
FROM_AIOHTTP: Final = (
    web.HTTPRequestEntityTooLarge,
    web.HTTPMethodNotAllowed,
    web.HTTPNotFound,
    web.HTTPForbidden,
)

# The reasons in the OpenAPI document; the sentence of a response is more exact.
STATUS_DESCRIPTIONS: Final = {
    400: "A field of the request is invalid.",
    401: "The key is missing or wrong.",
    403: "The request comes from another site.",
    404: "The gallery has no such image, its file is out of reach, or there are too few for a map.",
    408: "The upload took too long.",
    413: "The photo is too large.",
    415: "The media type of the body is not supported.",
    429: "Too many requests; Retry-After has the seconds to wait.",
    503: "The server is busy, or its photos are out of reach; Retry-After has the seconds to wait.",
}


class Problem(BaseModel):
    """Why a request was refused, and what to do."""

    error: str = Field(description="One sentence for a person.")


class RequestRefusedError(Exception):
    """A request that is refused; `str(error)` is one sentence for a person."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        """Take a status, a sentence, and headers spelt with underscores for hyphens."""
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(sentence)


@web.middleware
async def error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn foreseeable errors into responses with a status and a sentence."""
    try:
        return await handler(request)
    except (RequestRefusedError, EngineError, web.RequestPayloadError, *FROM_AIOHTTP) as error:
        return _error_response(_to_refusal(error))


def _to_refusal(error: Exception) -> RequestRefusedError:
    match error:
        case RequestRefusedError():
            return error
        case EngineError():
            return _from_engine(error)
        case web.RequestPayloadError():  # compressed otherwise than its header says, or cut off
            return RequestRefusedError(400, UNREADABLE_BODY)
        case web.HTTPRequestEntityTooLarge():
            return RequestRefusedError(413, TOO_LARGE)
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            return RequestRefusedError(405, f"Please ask here with {allowed}.", Allow=allowed)
    return RequestRefusedError(404, NOT_FOUND)


def invalid_field(error: ValidationError) -> RequestRefusedError:
    """Return a refusal that names the first invalid field."""
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return RequestRefusedError(
            400, f"There is no field “{field}” here. The page /api lists those there are."
        )
    if first["type"] == "missing":
        return RequestRefusedError(400, f"Please say “{field}”, too. The page /api shows an example.")
    return RequestRefusedError(
        400, f"Please look at “{field}” again: {first['msg'][:1].lower()}{first['msg'][1:]}."
    )


def _from_engine(error: EngineError) -> RequestRefusedError:
    sentence = error_sentence(error)
    match error:
        case PhotoTooLargeError():
            return RequestRefusedError(413, sentence)
        case UnknownImageError() | GalleryError():  # there is no such image, or too few for a map
            return RequestRefusedError(404, sentence)
        case BadInputError():
            return RequestRefusedError(400, sentence)
        case BusyError():
            return RequestRefusedError(503, sentence, Retry_After=str(BUSY_RETRY_AFTER))
        case _:
            raise error


def _error_response(error: RequestRefusedError) -> web.Response:
    body = Problem(error=str(error)).model_dump_json()
    return web.Response(
        status=error.status, text=body, content_type="application/json", headers=error.headers
    )
