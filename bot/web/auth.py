"""Who may ask, and how often."""

from __future__ import annotations

import hmac
import math
from typing import Final

from aiohttp import web

from bot.http.guard import is_local, is_welcome
from bot.web.errors import RequestRefusedError
from handlers.usage.token_bucket import TokenBucket

BURST: Final = 60.0  # requests at once: a page that opens, and somebody who clicks fast
RATE: Final = 2.0  # requests a second after that
PAGES: Final = ("/", "/api")
SCHEME: Final = "Bearer"


class Authenticator:
    """Lets in who holds the key; without a key, this machine's own pages and programs only."""

    def __init__(self, key: str | None, allowance: TokenBucket) -> None:
        self._key, self._allowance = key, allowance

    def check_site(self, request: web.Request) -> None:
        """Refuse other sites, which could aim their visitors' browsers at this machine.

        A key keeps them out by itself: no other site knows it.
        """
        if self._key is None and not (is_local(request) and is_welcome(request, PAGES)):
            raise RequestRefusedError(403, "This answers on this machine only, and not for other sites.")

    def check(self, request: web.Request, cost: float) -> None:
        """Refuse who asks too often or without the key. Guesses at the key are counted, too."""
        wait = self._allowance.take(request.remote or "", cost)
        if wait:
            seconds = math.ceil(wait)
            raise RequestRefusedError(
                429, f"That was a lot at once. Please try again in {seconds} s.", Retry_After=str(seconds)
            )
        if self._key is not None and not hmac.compare_digest(_given(request), self._key.encode()):
            raise RequestRefusedError(
                401, f"Please send the key of this server: “Authorization: {SCHEME} …”.",
                WWW_Authenticate=SCHEME,
            )  # fmt: skip


def _given(request: web.Request) -> bytes:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip().encode(errors="surrogateescape") if scheme.lower() == SCHEME.lower() else b""
