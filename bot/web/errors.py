"""What cannot be answered over HTTP: a status, and one kind sentence in JSON."""

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

BUSY_SECONDS: Final = 5  # when to try again
TOO_LARGE: Final = "That is over 20 MB. Please send a smaller photo."
NOWHERE: Final = "There is nothing here. The page /api lists what can be asked."

# Why a request may be refused, for the document; the sentence itself is written where it happens.
STATUSES: Final = {
    400: "Something in the request has to be mended.",
    401: "The key is missing or wrong.",
    403: "The request comes from another site.",
    404: "The gallery has no such image, or too few for a map.",
    408: "The upload took too long.",
    413: "The photo is too large.",
    415: "The body is of a kind that is not read.",
    429: "Too many requests; Retry-After names the seconds to wait.",
    503: "Too many requests of others; Retry-After names the seconds to wait.",
}


class Problem(BaseModel):
    """Why a request was refused, and what to do."""

    error: str = Field(description="One sentence for a person.")


class RequestRefusedError(Exception):
    """A request that is not answered; `str(error)` is one kind sentence."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        """Take the headers with underscores for hyphens."""
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(sentence)


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what went wrong into a status and a sentence."""
    try:
        return await handler(request)
    except RequestRefusedError as error:
        return _refusal(error)
    except EngineError as error:
        return _refusal(_from_engine(error))
    except web.HTTPRequestEntityTooLarge:
        return _refusal(RequestRefusedError(413, TOO_LARGE))
    except web.HTTPNotFound:
        return _refusal(RequestRefusedError(404, NOWHERE))
    except web.HTTPMethodNotAllowed as error:
        allowed = ", ".join(sorted(error.allowed_methods))
        return _refusal(RequestRefusedError(405, f"Please ask here with {allowed}.", Allow=allowed))


def mistake(error: ValidationError) -> RequestRefusedError:
    """Name the first field that has to be mended."""
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
    match error:
        case PhotoTooLargeError():
            return RequestRefusedError(413, str(error))
        case UnknownImageError() | GalleryError():  # there is no such image, or too few for a map
            return RequestRefusedError(404, str(error))
        case BadInputError():
            return RequestRefusedError(400, str(error))
        case BusyError():
            return RequestRefusedError(503, str(error), Retry_After=str(BUSY_SECONDS))
        case _:
            raise error


def _refusal(error: RequestRefusedError) -> web.Response:
    body = Problem(error=str(error)).model_dump_json()
    return web.Response(
        status=error.status, text=body, content_type="application/json", headers=error.headers
    )
