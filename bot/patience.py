"""Waiting when Telegram asks for it."""

from __future__ import annotations

import asyncio
import json
import logging
from http import HTTPStatus
from typing import Any

from telegram.request import HTTPXRequest

logger = logging.getLogger(__name__)

ATTEMPTS = 3
LONGEST_PAUSE = 30.0  # seconds: nobody waits longer than this for an answer


class PatientRequest(HTTPXRequest):
    """Sends a request again after the pause Telegram asked for.

    An answer 429 says that nothing was delivered, so nothing arrives twice. Errors and time-outs are
    another matter: what seems lost may have arrived, and is not sent again.
    """

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401
        """Send a request; on 429 wait as long as asked, if that is not too long, and send it again."""
        code, payload = await super().do_request(*args, **kwargs)
        for _ in range(ATTEMPTS - 1):
            pause = _pause_asked_for(code, payload)
            if pause is None or pause > LONGEST_PAUSE:
                break
            logger.warning("Telegram asks for a pause of %.0f seconds", pause)
            await asyncio.sleep(pause)
            code, payload = await super().do_request(*args, **kwargs)
        return code, payload


def _pause_asked_for(code: int, payload: bytes) -> float | None:
    if code != HTTPStatus.TOO_MANY_REQUESTS:
        return None
    try:
        return float(json.loads(payload)["parameters"]["retry_after"])
    except (ValueError, LookupError, TypeError):  # a proxy's answer, not Telegram's
        return None
