"""Keeps other web sites out: a page elsewhere must not reach a server on this machine.

A foreign site can aim its visitor's browser at 127.0.0.1, by name tricks (the Host header
tells) or by plain requests (Origin and Sec-Fetch-Site tell; no script can forge them).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from ipaddress import ip_address
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HOST: Final = "127.0.0.1"  # what is said in a playground concerns this machine only
WILDCARDS: Final = {"0.0.0.0": HOST, "::": "::1"}  # noqa: S104 - and where they are reached from here
LOOPBACK: Final = frozenset({HOST, "localhost", "[::1]"})
OURS: Final = frozenset({"same-origin", "none"})  # none: typed by the user, not sent by a page


HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"  # the pages never turn text into HTML
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def guarding(host: str) -> Middleware:
    """Guard a playground that is bound to this address."""
    is_open = host not in {HOST, "localhost", "::1"}

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what did not come from the playground's own page, from a bot or from the user."""
        name = _called(request)
        if not (is_local(request) or (is_open and (name == host or _is_address(name)))):
            raise web.HTTPForbidden(text="The playground does not answer by this name.")
        if not is_welcome(request):
            raise web.HTTPForbidden(text="The playground does not answer other sites.")
        return await handler(request)

    return guard


def is_local(request: web.Request) -> bool:
    """Tell whether a request calls this machine by a name of its own."""
    return _called(request) in LOOPBACK


def _called(request: web.Request) -> str:
    return request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host


def _is_address(name: str) -> bool:
    """Tell whether a name is an address: who plays tricks with names needs one that is none."""
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def is_welcome(request: web.Request, pages: Collection[str] = ("/",)) -> bool:
    """Tell whether no other site sent a request; a link to a page, followed from elsewhere, is welcome."""
    return _is_ours(request) or _is_visit(request, pages)


async def dress(_: web.Request, response: web.StreamResponse) -> None:
    """Put the safety headers on a response; what it says of caching stays."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _is_ours(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "none")
    return site in OURS and origin in (None, f"http://{request.host}")


def _is_visit(request: web.Request, pages: Collection[str]) -> bool:
    return (
        request.method == "GET"
        and request.path in pages
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
    )
