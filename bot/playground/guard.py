"""Keeps other web sites out: a page elsewhere must not reach a server on this machine.

A foreign site can aim its visitor's browser at 127.0.0.1, by name tricks (the Host header
tells) or by plain requests (Origin and Sec-Fetch-Site tell; no script can forge them).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
OURS: Final = frozenset({"same-origin", "none"})  # none: typed by the user, not sent by a page


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what did not come from this machine's own page, from a bot or from the user."""
    name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if name not in LOOPBACK:
        raise web.HTTPForbidden(text="The playground answers on loopback addresses only.")
    if not (_is_ours(request) or _is_visit(request)):
        raise web.HTTPForbidden(text="The playground does not answer other sites.")
    return await handler(request)


def _is_ours(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "none")
    return site in OURS and origin in (None, f"http://{request.host}")


def _is_visit(request: web.Request) -> bool:
    """A link to the page, followed from somewhere else, is welcome."""
    return (
        request.method == "GET"
        and request.path == "/"
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
    )
