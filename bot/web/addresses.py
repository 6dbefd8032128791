"""The address of a client, behind the proxies that the settings name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from aiohttp import web

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FORWARDED_FOR: Final = "X-Forwarded-For"


def client_address(request: web.Request, proxies: Sequence[Network]) -> str:
    """Return the address that a request came from.

    Each proxy appends the address it was reached from, and what stands before may be forged: of the
    addresses, from the last to the first, the first one that is no trusted proxy is the client's.

    Args:
        request: The request.
        proxies: The proxies whose X-Forwarded-For is trusted.
    """
    client = request.remote or ""
    for hop in (client, *_forwarded(request)):
        address = _parse(hop)
        if address is None:
            break
        client = str(address)
        if not any(address in proxy for proxy in proxies):
            break
    return client


def _forwarded(request: web.Request) -> Iterator[str]:
    """Yield the addresses of X-Forwarded-For, the nearest one first."""
    header = ",".join(request.headers.getall(FORWARDED_FOR, []))
    yield from (hop.strip() for hop in reversed(header.split(",")) if hop.strip())


def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address  # ::ffff:192.0.2.1 is the same client
