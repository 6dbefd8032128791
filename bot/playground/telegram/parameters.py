"""Parameters of a Bot API call: every one is a string, objects are JSON strings.

Request bodies are read into memory here, not by `request.post()`, which spools files to disk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from bot.playground.telegram.api_errors import REQUEST_TOO_LARGE, ApiError, bad_request
from bot.playground.telegram.limits import REQUEST_BYTES

Json = dict[str, Any]


@dataclass(frozen=True)
class Upload:
    """A file of a multipart form.

    Attributes:
        name: its declared file name
        mime_type: its declared MIME type
        content: its bytes
    """

    name: str
    mime_type: str
    content: bytes


@dataclass(frozen=True)
class Parameters:
    """The parameters of one call; a missing one reads as empty or zero, as on Telegram."""

    values: Mapping[str, str] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a string."""
        return self.values.get(name, "")

    def integer(self, name: str, default: int = 0) -> int:
        """Return an integer; what cannot be parsed counts as missing."""
        try:
            return int(self.values.get(name, default))
        except ValueError:
            return default

    def number(self, name: str, default: float = 0.0) -> float:
        """Return a float; what cannot be parsed counts as missing."""
        try:
            return float(self.values.get(name, default))
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """Return a boolean."""
        return self.values.get(name, "").lower() in {"true", "yes", "1"}

    def array(self, name: str) -> list[Any]:
        """Return a JSON array.

        Raises:
            ApiError: the value is no JSON array.
        """
        value = self._parse(name, "[]")
        if not isinstance(value, list):
            raise bad_request(f"expected an Array for parameter {name}")
        return value

    def objects(self, name: str) -> list[Json]:
        """Return a JSON array of objects.

        Raises:
            ApiError: the value is no JSON array, or holds something else than objects.
        """
        values = self.array(name)
        if not all(isinstance(value, dict) for value in values):
            raise bad_request(f"expected an Array of Objects for parameter {name}")
        return values

    def mapping(self, name: str) -> Json:
        """Return a JSON object.

        Raises:
            ApiError: the value is no JSON object.
        """
        value = self._parse(name, "{}")
        if not isinstance(value, dict):
            raise bad_request(f"object expected as parameter {name}")
        return value

    def _parse(self, name: str, default: str) -> Any:  # noqa: ANN401 - any JSON value
        try:
            return json.loads(self.values.get(name) or default)
        except ValueError as error:
            raise bad_request(f"can't parse {name} JSON object") from error


async def read_parameters(request: web.Request) -> Parameters:
    """Read the parameters of a call from its query string and its body.

    Raises:
        ApiError: the body is malformed or longer than REQUEST_BYTES.
    """
    values = dict(request.query)
    if request.content_type == "application/json":
        return Parameters(values | await _read_json(request))
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request, values)
    if request.content_type == "application/x-www-form-urlencoded":
        form = await request.post()
        return Parameters(values | {name: value for name, value in form.items() if isinstance(value, str)})
    return Parameters(values)


async def _read_json(request: web.Request) -> dict[str, str]:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(body, dict):
        raise bad_request("object expected as request body")
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}


async def _read_multipart(request: web.Request, values: dict[str, str]) -> Parameters:
    uploads: dict[str, Upload] = {}
    bytes_left = REQUEST_BYTES
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        content = await _read_part(part, bytes_left)
        bytes_left -= len(content)
        if part.filename is None:
            values[part.name] = _decode(content)
        else:
            mime_type = part.headers.get("Content-Type", "application/octet-stream")
            uploads[part.name] = Upload(part.filename, mime_type, content)
    return Parameters(values, uploads)


def _decode(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error


async def _read_part(part: BodyPartReader, max_bytes: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk():
        content += chunk
        if len(content) > max_bytes:
            raise ApiError(*REQUEST_TOO_LARGE)
    return bytes(content)
