"""Who may ask, and how often."""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Callable
from typing import Final

from aiohttp import web

from bot.playground.guard import is_local, is_welcome
from bot.web.refusals import Refused

BURST: Final = 60.0  # requests at once: a page that opens, and somebody who clicks fast
RATE: Final = 2.0  # requests a second after that
CLIENTS: Final = 10_000  # remembered at once; about a megabyte
PAGES: Final = ("/", "/api")
SCHEME: Final = "Bearer"


class Allowance:
    """So many requests at once for each client, and so many a second after that."""

    def __init__(
        self, burst: float = BURST, rate: float = RATE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._rate, self._clock = burst, rate, clock
        self._debts: dict[str, float] = {}  # when each client will have paid for all its requests

    def spend(self, client: str, cost: float) -> float:
        """Take the cost of a request from a client's allowance.

        Returns:
            0, or how many seconds are missing; then nothing was taken.
        """
        now = self._clock()
        paid = max(now, self._debts.get(client, now)) + cost / self._rate
        missing = paid - now - self._burst / self._rate
        if missing > 0:
            return missing
        self._debts.pop(client, None)
        self._debts[client] = paid
        while len(self._debts) > CLIENTS:
            del self._debts[next(iter(self._debts))]  # who has been silent longest
        return 0.0


class Gate:
    """Lets in who holds the key; without a key, this machine's own pages and programs only."""

    def __init__(self, key: str | None, allowance: Allowance) -> None:
        self._key, self._allowance = key, allowance

    def check_site(self, request: web.Request) -> None:
        """Refuse other sites, which could aim their visitors' browsers at this machine.

        A key keeps them out by itself: no other site knows it.
        """
        if self._key is None and not (is_local(request) and is_welcome(request, PAGES)):
            raise Refused(403, "This answers on this machine only, and not for other sites.")

    def check(self, request: web.Request, cost: float) -> None:
        """Refuse who asks too often or without the key. Guesses at the key are counted, too."""
        wait = self._allowance.spend(request.remote or "", cost)
        if wait:
            seconds = math.ceil(wait)
            raise Refused(
                429, f"That was a lot at once. Please try again in {seconds} s.", Retry_After=str(seconds)
            )
        if self._key is not None and not hmac.compare_digest(_given(request), self._key.encode()):
            raise Refused(
                401, f"Please send the key of this server: “Authorization: {SCHEME} …”.",
                WWW_Authenticate=SCHEME,
            )  # fmt: skip


def _given(request: web.Request) -> bytes:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip().encode(errors="surrogateescape") if scheme.lower() == SCHEME.lower() else b""
