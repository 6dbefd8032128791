"""The guard of the playground: cross-site requests, DNS rebinding, the token, the Content Security Policy."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from telegram import Bot
from yarl import URL

from bot.playground import Person, Playground
from tests.bot.harness import http_client
from tests.bot.playground.conftest import picture


@pytest.fixture
async def page(playground: Playground) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(base_url=playground.address, params={"name": "Ada"}) as client:
        yield client


async def test_the_page_asks_nothing_of_other_hosts(page: httpx.AsyncClient) -> None:
    response = await page.get("/")
    policy = response.headers["Content-Security-Policy"]
    assert response.status_code == 200
    assert "<title>Kindred playground</title>" in response.text
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for name in ("chat.js", "composer.js", "chat.css", "panels.css", "mark.svg"):
        found = await page.get(f"/page/{name}")
        assert found.status_code == 200
        assert "innerHTML" not in found.text
        assert "http://" not in found.text.replace("http://www.w3.org/", "")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_other_sites_are_refused(page: httpx.AsyncClient, ada: Person, headers: dict[str, str]) -> None:
    said = await page.post("/api/say", json={"text": "spam"}, headers=headers)
    looked = await page.get("/api/events", headers=headers)
    assert (said.status_code, looked.status_code) == (403, 403)
    assert len(ada.messages) == 1


async def test_a_link_from_elsewhere_may_lead_to_the_page(page: httpx.AsyncClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert (await page.get("/", headers=headers)).status_code == 200


async def test_a_wrong_token_fetches_no_file(playground: Playground, bot: Bot, ada: Person) -> None:
    photo = await ada.send_photo(picture())
    path = (await bot.get_file(photo.photo)).file_path
    assert path is not None
    async with http_client() as client:
        assert (await client.get(path)).status_code == 200
        assert (await client.get(path.replace(playground.token, "1:x"))).status_code == 401
        assert (await client.get(path + "x")).status_code == 404


async def test_a_taken_port_is_told_and_nothing_leaks() -> None:
    async with Playground() as first:
        port = int(first.address.rsplit(":", 1)[1].strip("/"))
        with pytest.raises(OSError, match="address already in use"):
            async with Playground(port):
                pass


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.2"])
async def test_a_playground_for_others_answers_by_its_addresses_and_by_no_other_name(host: str) -> None:
    async with Playground(host=host) as playground, http_client() as client:
        assert (await client.get(playground.address)).status_code == 200
        port = URL(playground.address).port
        seen = {}
        for name in ("192.168.1.7", "evil.example", "127.0.0.1.evil.example"):
            answer = await client.get(playground.address, headers={"Host": f"{name}:{port}"})
            seen[name] = answer.status_code
        assert seen == {"192.168.1.7": 200, "evil.example": 403, "127.0.0.1.evil.example": 403}


async def test_a_playground_of_this_machine_answers_by_its_own_names_only(playground: Playground) -> None:
    async with http_client() as client:
        for name in ("192.168.1.7", "evil.example"):
            assert (await client.get(playground.address, headers={"Host": name})).status_code == 403
