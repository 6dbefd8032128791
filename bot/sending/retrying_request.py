"""Fetching files: asking twice for one does no harm."""

from __future__ import annotations

import asyncio
import json
import random
from http import HTTPStatus
from typing import Any

from telegram.error import NetworkError
from telegram.request import HTTPXRequest

TRIES = 8
LONGEST_PAUSE = 8.0  # seconds before another try; the first takes half a second
LONGEST_WAIT = 60.0  # seconds, whatever Telegram asks for


class RetryingRequest(HTTPXRequest):
    """Asks again for a file that did not come; calls of methods are not its business."""

    async def do_request(self, url: str, method: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401
        """Send a request; if it fetches a file and fails, or comes too soon, send it again."""
        for further in range(TRIES - 1 if method == "GET" else 0):
            asked = 0.0
            try:
                code, content = await super().do_request(url, method, *args, **kwargs)
                if code < HTTPStatus.INTERNAL_SERVER_ERROR and code != HTTPStatus.TOO_MANY_REQUESTS:
                    return code, content
                asked = _seconds_to_wait(content)
            except NetworkError:
                pass  # the last try below tells
            await asyncio.sleep(asked + random.uniform(0.5, 1.0) * min(LONGEST_PAUSE, 0.5 * 2**further))
        return await super().do_request(url, method, *args, **kwargs)


def _seconds_to_wait(content: bytes) -> float:
    """Read how long Telegram wants to be left in peace."""
    try:
        asked = json.loads(content)["parameters"]["retry_after"]
    except (ValueError, LookupError, TypeError):
        return 0.0
    return min(float(asked), LONGEST_WAIT) if isinstance(asked, int) else 0.0
