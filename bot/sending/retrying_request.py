"""HTTP requests that repeat downloads: a GET is idempotent."""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import sys
from functools import cache
from http import HTTPStatus
from importlib.util import find_spec
from typing import Any

import httpx
from telegram.error import NetworkError
from telegram.request import HTTPXRequest

if find_spec("sniffio") is None:
    # httpcore tries to import it several times a request, and Python looks in all its folders each time.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

MAX_ATTEMPTS = 8
FIRST_BACKOFF = 0.5  # seconds
MAX_BACKOFF = 8.0  # seconds
MAX_RETRY_AFTER = 60.0  # seconds, whatever Telegram asks for


@cache
def shared_ssl_context() -> ssl.SSLContext:
    """Return what all connections check certificates with; each reading of the authorities takes long."""
    return httpx.create_ssl_context()


class RetryingRequest(HTTPXRequest):
    """Repeats failed downloads of files; Bot API methods are repeated by `RateLimiter`."""

    _sleep = staticmethod(asyncio.sleep)

    async def do_request(self, url: str, method: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401
        """Send a request; repeat a GET that fails or meets flood control."""
        for attempt in range(MAX_ATTEMPTS - 1 if method == "GET" else 0):
            retry_after = 0.0
            try:
                code, content = await super().do_request(url, method, *args, **kwargs)
                if code < HTTPStatus.INTERNAL_SERVER_ERROR and code != HTTPStatus.TOO_MANY_REQUESTS:
                    return code, content
                retry_after = _retry_after(content)
            except NetworkError:
                pass  # the last attempt, below, raises it
            backoff = min(MAX_BACKOFF, FIRST_BACKOFF * 2**attempt)
            await self._sleep(retry_after + random.uniform(0.5, 1.0) * backoff)
        code, content = await super().do_request(url, method, *args, **kwargs)
        # PTB takes a 413 for an outage, and the rate limiter would upload the same files again and again.
        too_large = code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return (HTTPStatus.BAD_REQUEST if too_large else code), content


def _retry_after(content: bytes) -> float:
    """Return the seconds that an error reply asks to wait, 0.0 if it asks for none."""
    try:
        seconds = json.loads(content)["parameters"]["retry_after"]
    except (ValueError, LookupError, TypeError):
        return 0.0
    return min(float(seconds), MAX_RETRY_AFTER) if isinstance(seconds, int) else 0.0
