"""Which requests the guard lets through, by their Host, Origin and Fetch Metadata headers."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.http.guard import SECURITY_HEADERS, add_security_headers, guard_middleware, is_local, is_same_site

pytestmark = pytest.mark.asyncio(loop_scope="session")


def request(
    method: str = "GET", path: str = "/", host: str = "127.0.0.1:8080", **headers: str
) -> web.Request:
    """A request; an underscore in a header's name stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request(method, path, {"Host": host, **named})


async def is_let_through(bound_to: str, asked: web.Request) -> bool:
    async def answer(_: Any) -> web.StreamResponse:
        return web.Response()

    try:
        await guard_middleware(bound_to)(asked, answer)
    except web.HTTPForbidden:
        return False
    return True


@pytest.mark.parametrize(
    ("host", "local"),
    [
        *(("127.0.0.1", True), ("127.0.0.1:8080", True), ("localhost:1", True), ("[::1]:8080", True)),
        *(("[::1]", True), ("127.0.0.2", False), ("evil.example", False), ("[::2]", False), ("::1", False)),
        *(("localhost.evil.example:80", False), ("192.168.1.7:8080", False)),
    ],
)
async def test_the_host_header_names_this_machine_or_not(host: str, local: bool) -> None:
    assert is_local(request(host=host)) is local


@pytest.mark.parametrize("bound_to", ["127.0.0.1", "localhost", "::1"])
async def test_on_loopback_only_loopbacks_names_are_answered(bound_to: str) -> None:
    assert await is_let_through(bound_to, request())
    assert await is_let_through(bound_to, request(host="localhost:8080"))
    for host in ("192.168.1.7", "[2001:db8::1]:80", "kindred.example"):
        assert not await is_let_through(bound_to, request(host=host))


async def test_open_to_others_addresses_and_its_own_name_are_answered() -> None:
    for host in ("192.168.1.7:80", "[2001:db8::1]:80", "127.0.0.1", "kindred.example", "kindred.example:80"):
        assert await is_let_through("kindred.example", request(host=host))
    for host in ("evil.example", "192.168.1.7.evil.example", "xkindred.example"):
        assert not await is_let_through("kindred.example", request(host=host))


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({}, True),
        ({"Origin": "http://127.0.0.1:8080"}, True),
        ({"Origin": "http://127.0.0.1:8081"}, False),
        ({"Origin": "https://127.0.0.1:8080"}, False),
        ({"Origin": "null"}, False),
        ({"Sec_Fetch_Site": "same-origin"}, True),
        ({"Sec_Fetch_Site": "none"}, True),
        ({"Sec_Fetch_Site": "same-site"}, False),
        ({"Sec_Fetch_Site": "cross-site"}, False),
        ({"Sec_Fetch_Site": "same-origin", "Origin": "http://evil.example"}, False),
        ({"Sec_Fetch_Site": "cross-site", "Origin": "http://127.0.0.1:8080"}, False),
    ],
)
async def test_another_site_is_told_by_origin_and_fetch_metadata(headers: dict[str, str], same: bool) -> None:
    asked = request("POST", **headers)
    assert is_same_site(asked) is same
    assert await is_let_through("127.0.0.1", asked) is same


@pytest.mark.parametrize(
    ("method", "path", "mode", "accepted"),
    [
        ("GET", "/", "navigate", True),
        ("GET", "/api", "navigate", True),
        ("GET", "/v1/gallery", "navigate", False),
        ("POST", "/", "navigate", False),
        ("GET", "/", "cors", False),
        ("GET", "/", "no-cors", False),
    ],
)
async def test_from_another_site_only_a_link_to_a_page_is_followed(
    method: str, path: str, mode: str, accepted: bool
) -> None:
    asked = request(method, path, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode=mode)
    assert is_same_site(asked, ("/", "/api")) is accepted
    assert not is_same_site(request(path="/api", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate"))


async def test_a_response_keeps_its_own_caching_and_gets_every_other_header() -> None:
    response = web.Response(headers={"Cache-Control": "max-age=600"})
    await add_security_headers(request(), response)
    assert response.headers["Cache-Control"] == "max-age=600"
    assert {*SECURITY_HEADERS} <= {*response.headers}
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
