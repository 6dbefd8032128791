"""The page's own API: what it serves, and whom it refuses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from telegram import Bot
from yarl import URL

from bot.playground import Person, Playground
from tests.bot.playground.conftest import picture


@pytest.fixture
async def page(playground: Playground) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=playground.address, params={"name": "Ada"}, trust_env=False
    ) as client:
        yield client


async def first_events(page: httpx.AsyncClient, count: int) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    async with page.stream("GET", "/api/events") as response:
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                events.append(json.loads(line.removeprefix("data: ")))
                if len(events) == count:
                    return events
    return events


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


async def test_the_stream_begins_with_the_history(page: httpx.AsyncClient, bot: Bot, ada: Person) -> None:
    await bot.set_my_commands([("help", "all of it")])
    await bot.send_message(ada.id, "hello")
    await bot.set_message_reaction(ada.id, 1, "👀")
    (history, presence) = await first_events(page, 2)
    assert [message["text"] for message in history["messages"]] == ["/start", "hello"]
    assert history["reactions"][0]["message_id"] == 1
    assert history["profile"]["commands"] == [{"command": "help", "description": "all of it"}]
    assert presence == {"type": "presence", "bot": False}


async def test_what_is_typed_and_attached_reaches_the_bot(page: httpx.AsyncClient, bot: Bot) -> None:
    await page.post("/api/say", json={"text": "boy"})
    files = {"a": ("a.jpg", picture(), "image/jpeg"), "b": ("b.jpg", picture(), "image/jpeg")}
    await page.post("/api/files", data={"caption": "two", "as_file": "false"}, files=files)
    await page.post(
        "/api/files", data={"as_file": "true"}, files={"a": ("a.png", picture(kind="PNG"), "image/png")}
    )
    messages = [update.effective_message for update in await bot.get_updates()]
    assert [message.text or message.caption for message in messages if message] == ["boy", "two", None, None]
    document = messages[-1].document if messages[-1] else None
    assert document is not None
    shown = await page.get(f"/api/media/{document.file_id}")
    assert (shown.headers["Content-Type"], shown.content) == ("image/png", picture(kind="PNG"))


async def test_what_cannot_be_done_is_said(page: httpx.AsyncClient) -> None:
    for path, body in (("say", {"text": " "}), ("press", {"message_id": 1, "row": 0, "column": 0})):
        response = await page.post(f"/api/{path}", json=body)
        assert response.status_code == 400
        assert response.json()["error"]
    assert (await page.get("/api/media/nothing")).status_code == 404


async def test_a_file_that_is_no_plain_image_is_only_offered_for_saving(
    page: httpx.AsyncClient, ada: Person
) -> None:
    seen = await ada.send_photo(b"<svg/>", as_file=True, file_name="a.svg", mime_type="image/svg+xml")
    response = await page.get(f"/api/media/{seen.wire['document']['file_id']}")
    assert response.headers["Content-Disposition"] == "attachment"
    assert response.headers["Content-Type"] == "application/octet-stream"


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
    async with httpx.AsyncClient(trust_env=False) as client:
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
    async with Playground(host=host) as playground, httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(playground.address)).status_code == 200
        port = URL(playground.address).port
        seen = {}
        for name in ("192.168.1.7", "evil.example", "127.0.0.1.evil.example"):
            answer = await client.get(playground.address, headers={"Host": f"{name}:{port}"})
            seen[name] = answer.status_code
        assert seen == {"192.168.1.7": 200, "evil.example": 403, "127.0.0.1.evil.example": 403}


async def test_a_playground_of_this_machine_answers_by_its_own_names_only(playground: Playground) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for name in ("192.168.1.7", "evil.example"):
            assert (await client.get(playground.address, headers={"Host": name})).status_code == 403
