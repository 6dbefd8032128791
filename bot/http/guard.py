"""Protection of local servers against cross-site requests and DNS rebinding.

A foreign web site can make its visitor's browser send requests to 127.0.0.1, directly or through a
domain name that it points there (DNS rebinding). The Host header reveals the name; Origin and
Sec-Fetch-Site reveal the site, and no script can forge them. A Content Security Policy limits what
our own pages may load.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from ipaddress import ip_address
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOOPBACK_ADDRESS: Final = "127.0.0.1"
# What a server that listens everywhere is reached by from this machine.
WILDCARD_ADDRESSES: Final = {"0.0.0.0": LOOPBACK_ADDRESS, "::": "::1"}  # noqa: S104
LOOPBACK_NAMES: Final = frozenset({LOOPBACK_ADDRESS, "localhost", "[::1]"})
SAME_SITE: Final = frozenset({"same-origin", "none"})  # none: typed by the user, not sent by a page

SECURITY_HEADERS: Final = {
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


def guard_middleware(host: str) -> Middleware:
    """Return the middleware that guards a playground bound to this address.

    Bound to loopback, it accepts loopback names only; otherwise also its own address, and IP addresses,
    which DNS rebinding cannot use.
    """
    is_exposed = host not in {LOOPBACK_ADDRESS, "localhost", "::1"}

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Raise HTTPForbidden for a foreign Host header, and for a request that another site sent."""
        name = _host_name(request)
        if not (is_local(request) or (is_exposed and (name == host or _is_ip_address(name)))):
            raise web.HTTPForbidden(text="The playground does not answer by this name.")
        if not is_same_site(request):
            raise web.HTTPForbidden(text="The playground does not answer other sites.")
        return await handler(request)

    return guard


def is_local(request: web.Request) -> bool:
    """Return whether the Host header names this machine's loopback interface."""
    return _host_name(request) in LOOPBACK_NAMES


def is_same_site(request: web.Request, pages: Collection[str] = ("/",)) -> bool:
    """Return whether no other site sent a request; a link from elsewhere to one of our pages is accepted."""
    return _has_own_origin(request) or _is_navigation(request, pages)


async def add_security_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Add the security headers to a response; a Cache-Control that it has already stays."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)


def _host_name(request: web.Request) -> str:
    """Return the Host header without its port."""
    return request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host


def _is_ip_address(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _has_own_origin(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "none")
    return site in SAME_SITE and origin in (None, f"http://{request.host}")


def _is_navigation(request: web.Request, pages: Collection[str]) -> bool:
    return (
        request.method == "GET"
        and request.path in pages
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
    )
