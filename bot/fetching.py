"""Fetching files: asking twice for one does no harm."""

from __future__ import annotations

import asyncio
import random
from http import HTTPStatus
from typing import Any

from telegram.error import NetworkError
from telegram.request import HTTPXRequest

TRIES = 4
LONGEST_PAUSE = 0.5  # seconds before the second try; doubled before each one after it


class FetchingRequest(HTTPXRequest):
    """Asks again for a file that did not come; calls of methods are not its business."""

    async def do_request(self, url: str, method: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401
        """Send a request; if it fetches a file and fails, send it again."""
        for further in range(TRIES - 1 if method == "GET" else 0):
            try:
                code, content = await super().do_request(url, method, *args, **kwargs)
                if code < HTTPStatus.INTERNAL_SERVER_ERROR:
                    return code, content
            except NetworkError:
                pass  # the last try below tells
            await asyncio.sleep(random.uniform(0.5, 1.0) * LONGEST_PAUSE * 2**further)
        return await super().do_request(url, method, *args, **kwargs)
