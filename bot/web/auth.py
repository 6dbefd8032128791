"""Authentication and rate limit of the HTTP API."""

from __future__ import annotations

import hmac
import math
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from bot.http.guard import is_local, is_same_site
from bot.web.addresses import Network, client_address
from bot.web.errors import RequestRefusedError
from handlers.usage.token_bucket import TokenBucket

REQUEST_BURST: Final = 60.0  # requests at once: a page that opens, and fast clicks
REQUESTS_PER_SECOND: Final = 2.0  # after the burst
PAGES: Final = ("/", "/api")  # other sites may link to them
AUTH_SCHEME: Final = "Bearer"


class Authenticator:
    """Admits requests with the key; if there is none, those of this machine's own pages and programs.

    Wrong keys have an allowance of their own: guesses from an address, which many share behind a proxy, must
    not lock out who has the key. What protects the key is its length; the limit keeps guessing cheap for us.
    """

    def __init__(
        self,
        key: str | None,
        token_bucket: TokenBucket,
        guess_bucket: TokenBucket,
        proxies: Sequence[Network] = (),
    ) -> None:
        """Take the key, the allowances of requests and of wrong keys, and the proxies that are trusted."""
        self._key, self._token_bucket, self._guess_bucket = key, token_bucket, guess_bucket
        self._proxies = proxies

    def check_origin(self, request: web.Request) -> None:
        """Refuse requests that other sites make through a visitor's browser (CSRF, DNS rebinding).

        With a key this is not needed: no other site knows it.

        Raises:
            RequestRefusedError: Status 403.
        """
        if self._key is None and not (is_local(request) and is_same_site(request, PAGES)):
            raise RequestRefusedError(403, "This answers on this machine only, and not for other sites.")

    def authorize(self, request: web.Request, cost: float) -> None:
        """Refuse requests beyond the rate limit or without the key.

        Args:
            request: The request.
            cost: How many common requests it counts as.

        Raises:
            RequestRefusedError: Status 429 or 401.
        """
        client = client_address(request, self._proxies)
        if self._key is None or hmac.compare_digest(_bearer_token(request), self._key.encode()):
            _take(self._token_bucket, client, cost)
            return
        _take(self._guess_bucket, client, 1.0)
        raise RequestRefusedError(
            401,
            f"Please send the key of this server: “Authorization: {AUTH_SCHEME} …”.",
            WWW_Authenticate=AUTH_SCHEME,
        )


def _take(token_bucket: TokenBucket, client: str, cost: float) -> None:
    if retry_after := token_bucket.take(client, cost):
        seconds = math.ceil(retry_after)
        raise RequestRefusedError(
            429, f"That was a lot at once. Please try again in {seconds} s.", Retry_After=str(seconds)
        )


def _bearer_token(request: web.Request) -> bytes:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip().encode(errors="surrogateescape") if scheme.lower() == AUTH_SCHEME.lower() else b""
