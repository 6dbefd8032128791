"""The whole way in a real browser: a person at the page, the real bot, the real engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.playground import Playground
from engine.api import MATCHES, EngineAPI
from tests.bot.browser import DESKTOP, PHONE, opened, shoot

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("bot"),
    pytest.mark.own_bot,  # the page shows every chat
]

PATIENCE = 60_000  # milliseconds: a busy machine must not fail this


@pytest.mark.parametrize("look", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_photo_and_words_are_answered_on_the_page(
    playground: Playground, engine: EngineAPI, photo: bytes, tmp_path: Path, look: dict[str, Any]
) -> None:
    (tmp_path / "cat.jpg").write_bytes(photo)
    async with opened(playground, **look) as page:
        page.set_default_timeout(PATIENCE)
        await page.set_input_files("#files", tmp_path / "cat.jpg")
        await page.locator("#preview-send").click()
        await page.get_by_text("Most like your photo").wait_for()
        tiles, size = page.locator(".album .tile"), min(MATCHES, engine.gallery.size)
        await tiles.nth(size - 1).wait_for()  # an album arrives photo by photo
        assert await tiles.count() == size
        for asked, answer in (
            ("/similar boy", "Words near boy"),
            ("man is to men as woman is to?", "man is to men as woman is to women"),
            ("/find a dog running", "Photos for a dog running"),
            ("/find", "What shall I find?"),
        ):
            await page.fill("#text", asked)
            await page.keyboard.press("Enter")
            await page.get_by_text(answer).last.wait_for()
        await shoot(page, f"real-bot-{look['viewport']['width']}")
