"""Forms (multipart/form-data), read in memory: aiohttp's own reader would write the photo to disk."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable
from typing import Final

from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError
from multidict import MultiDict

from bot.web.errors import TOO_LARGE, RequestRefusedError

MAX_PHOTO_BYTES: Final = 20 << 20  # the engine's limit, and Telegram's for bots
MAX_FIELDS_BYTES: Final = 64 << 10  # all other fields of a form, and the boundaries
PHOTO_FIELD: Final = "photo"
UNREADABLE: Final = "That form cannot be read. Please send it again."
PLAIN: Final = frozenset({"", "identity", "binary", "8bit", "7bit"})  # encodings that change nothing
# Of the Content-Transfer-Encoding of a part, which mail programs and some libraries send.
DECODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "base64": base64.b64decode,
    "quoted-printable": quopri.decodestring,
}


async def read_form(request: web.Request) -> tuple[MultiDict[str], bytes]:
    """Read a form.

    Returns:
        The fields, and the bytes of the photo; empty if there is none.

    Raises:
        RequestRefusedError: It is truncated, malformed, too large or encoded in an unknown way, or a
            file is in another field than the photo's.
    """
    fields: MultiDict[str] = MultiDict()
    photo = b""
    remaining = MAX_PHOTO_BYTES + MAX_FIELDS_BYTES
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            content = await _read_part(part, remaining)
            remaining -= len(content)
            content = _decode(part, content)
            if part.name == PHOTO_FIELD:
                photo = content
            else:
                fields.add(part.name, _text(part, content))
    except (ValueError, HttpProcessingError):  # truncated, malformed, or with headers that are
        raise RequestRefusedError(400, UNREADABLE) from None
    return fields, photo


async def _read_part(part: BodyPartReader, max_bytes: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk():
        content += chunk
        if len(content) > max_bytes:
            raise RequestRefusedError(413, TOO_LARGE)
    return bytes(content)


def _decode(part: BodyPartReader, content: bytes) -> bytes:
    compression = part.headers.get("Content-Encoding", "").strip().lower()
    encoding = part.headers.get("Content-Transfer-Encoding", "").strip().lower()
    if compression not in PLAIN or encoding not in PLAIN | DECODERS.keys():
        unknown = compression if compression not in PLAIN else encoding
        raise RequestRefusedError(
            415, f"A part of the form is encoded as “{unknown}”. Please send it as it is, or as base64."
        )
    return DECODERS[encoding](content) if encoding in DECODERS else content


def _text(part: BodyPartReader, content: bytes) -> str:
    if part.filename is not None:
        raise RequestRefusedError(
            400, f"There is no field “{part.name}” for a file here. Please send the photo as “{PHOTO_FIELD}”."
        )
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise RequestRefusedError(
            400,
            f"Please look at “{part.name}” again: it is no UTF-8 text. A photo goes into “{PHOTO_FIELD}”.",
        ) from None
