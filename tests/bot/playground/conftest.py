"""A playground for each test, and a bot that uses it over HTTP."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from PIL import Image, ImageDraw
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.playground import Person, Playground
from tests.bot.playground import schema


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    async with Playground() as running:
        yield running


@pytest.fixture
def checked_against_schema(playground: Playground) -> Iterator[None]:
    """Check the calls of a test against the Bot API's schema, where that is available."""
    yield
    if schema.at_hand():
        assert not schema.load().faults(playground.call_log)


@pytest.fixture
async def bot(playground: Playground) -> AsyncIterator[Bot]:
    plain = {"verify": False}  # plain HTTP: reading certificates would take longer than most tests
    requests = [HTTPXRequest(httpx_kwargs=plain) for _ in range(2)]
    async with Bot(
        playground.token,
        base_url=playground.base_url,
        base_file_url=playground.base_file_url,
        request=requests[0],
        get_updates_request=requests[1],
    ) as ready:
        yield ready


@pytest.fixture
async def grace(playground: Playground) -> Person:
    """Return a person who has not started the bot."""
    return playground.person("Grace")


@pytest.fixture
async def ada(playground: Playground) -> Person:
    """Return a person who has started the bot."""
    person = playground.person("Ada")
    await person.say("/start")
    return person


async def polling(playground: Playground, bot: Bot, offset: int = 0) -> asyncio.Task[Any]:
    """Let a bot ask for updates, and return its call once the playground holds it."""
    poll = asyncio.create_task(bot.get_updates(offset, timeout=30))
    while not playground._state.updates._waiting_polls:  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0.01)
    return poll


def picture(width: int = 224, height: int = 180, hue: int = 0, kind: str = "JPEG") -> bytes:
    """Return an encoded landscape; the hue makes pictures differ."""
    image = Image.new("HSV", (width, height))
    draw = ImageDraw.Draw(image)
    for y in range(height):
        draw.line(
            [(0, y), (width, y)],
            ((hue + 40 * y // height) % 256, 110 + 60 * y // height, 245 - 40 * y // height),
        )
    sun = min(width, height) // 4
    draw.ellipse((width // 2, sun // 2, width // 2 + sun, sun // 2 + sun), (32, 90, 255))
    draw.polygon(
        [(0, height), (width // 3, height // 2), (width * 2 // 3, height)], ((hue + 90) % 256, 120, 120)
    )
    draw.polygon(
        [(width // 3, height), (width * 3 // 4, height // 3), (width * 5 // 4, height)],
        ((hue + 100) % 256, 130, 90),
    )
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, kind)
    return buffer.getvalue()
