"""The demo: it answers from the starter photos at once, and from Flickr8K once that is fetched."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.demo import demo
from bot.settings import Settings
from data import download
from engine.gallery import flickr8k_fetch
from engine.model import checkpoint
from engine.model.checkpoint import Checkpoint
from tests.bot.harness import TIMEOUT, http_client, jpeg
from tests.data.mirror import Serve, serve, small_flickr8k
from tests.paint import beach, meadow, night, ocean, sunset

__all__ = ["serve"]

PHOTOS = {
    f"{number}_a.jpg": jpeg(paint()) for number, paint in enumerate((beach, meadow, night, ocean, sunset))
}


@pytest.fixture
def held(serve: Serve, monkeypatch: pytest.MonkeyPatch, shipped: Checkpoint) -> threading.Event:
    """Hold back the second half of a small Flickr8K until this is set."""
    files, archives = small_flickr8k(PHOTOS)
    mirror = serve(files, held=(released := threading.Event()))

    def fetch(folder: Path, report: download.Report) -> None:
        download.fetch(folder, [mirror.url], archives, report)

    monkeypatch.setattr(flickr8k_fetch, "fetch", fetch)
    monkeypatch.setattr(checkpoint, "load", lambda *_: shipped)
    return released


class Page:
    """The demo's page, without a browser."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def say(self, text: str) -> None:
        await self._client.post("/api/say", json={"text": text})

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        async with self._client.stream("GET", "/api/events") as response:
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    async def wait_for(self, fits: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Return the first event that fits; the history comes again each time."""
        async with asyncio.timeout(TIMEOUT):
            async for event in self.events():
                if fits(event):
                    return event
        raise AssertionError("the stream has ended")

    async def random(self) -> str:
        """Ask for random photos, and return what the album and the message under it say."""
        texts: list[str] = []

        def is_last(event: dict[str, Any]) -> bool:
            message = event["message"] if event["type"] == "message" else {}
            texts.extend(message[key] for key in ("caption", "text") if key in message)
            return "reply_markup" in message

        waiting = asyncio.create_task(self.wait_for(is_last))
        await asyncio.sleep(0.1)
        await self.say("/random")
        await waiting
        return "\n".join(texts)


async def test_the_demo_answers_at_once_and_switches_to_flickr8k_when_it_is_whole(
    settings: Settings, tmp_path: Path, held: threading.Event, warm_home: Callable[[Path], Path]
) -> None:
    lines: asyncio.Queue[str] = asyncio.Queue()
    chosen = settings.model_copy(update={"home": warm_home(tmp_path), "fetch": True, "playground_port": 0})
    running = asyncio.create_task(demo(chosen, "127.0.0.1", lines.put_nowait))
    try:
        async with asyncio.timeout(TIMEOUT):
            while "Kindred is ready" not in (line := await lines.get()):
                pass
        address = line.partition("open ")[2].partition(" ")[0]
        async with http_client(base_url=address, timeout=None) as client:
            page = Page(client)
            notice = await page.wait_for(lambda event: event["type"] == "notice")
            assert notice["text"].startswith("Flickr8K is being fetched: ")
            assert "starter" in await page.random()
            held.set()
            async with asyncio.timeout(TIMEOUT):
                while "Flickr8K" not in (answer := await page.random()):
                    pass
            assert f"{len(PHOTOS)} photos" in answer
    finally:
        running.cancel()
        await asyncio.wait([running])
