"""Keys, allowances and addresses of clients, request by request."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.web.addresses import client_address
from bot.web.auth import REQUEST_BURST, REQUESTS_PER_SECOND, Authenticator
from bot.web.errors import RequestRefusedError
from handlers.usage.token_bucket import TokenBucket

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEY = "open sesame, please"


class Socket:
    """A transport that knows who is at the other end."""

    def __init__(self, peer: str) -> None:
        self._peer = peer

    def get_extra_info(self, name: str, default: object = None) -> object:
        return (self._peer, 9) if name == "peername" else default


def request(headers: Any = (), peer: str = "192.0.2.9", path: str = "/v1/gallery") -> web.Request:
    named = [("Host", "127.0.0.1"), *headers]
    return make_mocked_request("GET", path, cast(Any, named), transport=Socket(peer))


def with_key(key: str, peer: str = "192.0.2.9") -> web.Request:
    return request([("Authorization", f"Bearer {key}")], peer)


class Door:
    """An authenticator whose clock stands still until it is moved, with small allowances."""

    def __init__(self, key: str | None = KEY, burst: float = 3, guesses: float = 2) -> None:
        self.now = 100.0
        buckets = (TokenBucket(size, 0.5, lambda: self.now) for size in (burst, guesses))
        self.authenticator = Authenticator(key, *buckets, [ip_network("10.0.0.0/8")])

    def status(self, asked: web.Request, cost: float = 1.0) -> int:
        """Return 200, or the status of the refusal."""
        try:
            self.authenticator.authorize(asked, cost)
        except RequestRefusedError as error:
            return error.status
        return 200


async def test_the_allowances_are_a_burst_of_sixty_and_two_a_second() -> None:
    assert (REQUEST_BURST, REQUESTS_PER_SECOND) == (60, 2)


@pytest.mark.parametrize(
    ("header", "status"),
    [
        *((f"Bearer {KEY}", 200), (f"bearer   {KEY} ", 200), (f"BEARER {KEY}", 200)),
        *((f"Bearer {KEY}x", 401), (f"Bearer {KEY[:-1]}", 401), (f"Basic {KEY}", 401), (KEY, 401)),
        *(("Bearer", 401), ("", 401)),
    ],
)
async def test_only_the_key_opens(header: str, status: int) -> None:
    assert Door().status(request([("Authorization", header)])) == status


async def test_a_request_costs_what_it_is_worth_and_a_guess_one() -> None:
    door = Door()
    assert door.status(with_key(KEY), cost=2.5) == 200
    assert door.status(with_key(KEY), cost=1.0) == 429
    assert door.status(with_key(KEY), cost=0.5) == 200
    assert [door.status(with_key("guess"), cost=5.0) for _ in range(3)] == [401, 401, 429]
    assert door.status(with_key("guess", peer="192.0.2.10")) == 401  # another client


async def test_who_waits_is_told_whole_seconds() -> None:
    door = Door(burst=1)
    assert door.status(with_key(KEY)) == 200
    door.now += 0.1
    with pytest.raises(RequestRefusedError, match=r"again in 2 s") as caught:
        door.authenticator.authorize(with_key(KEY), 1.0)
    assert caught.value.headers["Retry-After"] == "2"
    door.now += 1.9
    assert door.status(with_key(KEY)) == 200


async def test_without_a_key_nobody_guesses() -> None:
    door = Door(key=None)
    assert [door.status(request()) for _ in range(4)] == [200, 200, 200, 429]


async def test_other_sites_are_refused_where_there_is_no_key() -> None:
    foreign = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")]
    locked, open_door = Door().authenticator, Door(key=None).authenticator
    locked.check_origin(request(foreign))  # no other site knows the key
    open_door.check_origin(request())
    for path in ("/", "/api"):
        open_door.check_origin(request(foreign, path=path))
    with pytest.raises(RequestRefusedError) as caught:
        open_door.check_origin(request(foreign))
    assert caught.value.status == 403


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.9", ["198.51.100.1"], "192.0.2.9"),  # no trusted proxy: its header may be forged
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["203.0.113.5, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["203.0.113.5", "198.51.100.1"], "198.51.100.1"),  # two headers are one list
        ("10.0.0.1", ["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, , 10.0.0.2,"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8:0::1]"], "2001:db8::1"),
        ("", ["198.51.100.1"], ""),
    ],
)
async def test_the_client_is_the_last_address_that_is_no_trusted_proxy(
    peer: str, forwarded: list[str], client: str
) -> None:
    asked = request([("X-Forwarded-For", hop) for hop in forwarded], peer)
    assert client_address(asked, [ip_network("10.0.0.0/8")]) == client
