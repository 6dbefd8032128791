"""The whole way in a real browser: a person at the page, the real bot, the real engine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.playground import Playground
from engine.api import MATCHES, EngineAPI
from handlers.i18n.texts import texts_in
from tests.bot.browser import DESKTOP, PHONE, opened, shoot, wait_for_count

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("bot"),
    pytest.mark.own_bot,  # the page shows every chat
]

EN = texts_in("en")
PATIENCE = 60_000  # milliseconds: a busy machine must not fail this
# True once the last message has buttons, and its words and every button are within the window of the chat.
LAST_ANSWER_IN_VIEW = """() => {
    const chat = document.querySelector("#scroll").getBoundingClientRect();
    const last = [...document.querySelectorAll("article.message")].at(-1);
    const parts = [last.querySelector(".words"), ...last.querySelectorAll(".keyboard .key")];
    return parts.length > 1 && parts.every((part) => {
        const box = part.getBoundingClientRect();
        return box.height > 0 && box.top >= chat.top && box.bottom <= chat.bottom;
    });
}"""


async def test_a_photo_and_words_are_answered_on_the_page_where_the_screen_ends(
    playground: Playground, engine: EngineAPI, photo: bytes, tmp_path: Path
) -> None:
    (tmp_path / "cat.jpg").write_bytes(photo)
    async with opened(playground, **PHONE) as page:
        page.set_default_timeout(PATIENCE)
        await page.set_input_files("#files", tmp_path / "cat.jpg")
        await page.locator("#preview-send").click()
        await page.get_by_role("button", name=EN("button-tags")).wait_for()  # of the caption, under the album
        await page.wait_for_function(LAST_ANSWER_IN_VIEW)
        look_alikes = min(MATCHES, engine.gallery.size - 1)  # the gallery has this photo
        await wait_for_count(page, ".album .tile", look_alikes)
        await shoot(page, "real-bot-photo")
        for asked, answer in (
            ("/similar boy", "Words close to boy"),
            ("/find a dog running", "Photos of a dog running"),
            ("/find", "What would you like to see?"),
        ):
            await page.fill("#text", asked)
            await page.keyboard.press("Enter")
            await page.get_by_text(answer).last.wait_for()
            await page.wait_for_function(LAST_ANSWER_IN_VIEW)
        await shoot(page, "real-bot-phone")


async def test_a_whole_conversation_is_held_by_keyboard(
    playground: Playground, engine: EngineAPI, photo: bytes, tmp_path: Path
) -> None:
    (tmp_path / "cat.jpg").write_bytes(photo)
    size = min(MATCHES, engine.gallery.size - 1)  # without the photo itself
    async with opened(playground, **DESKTOP) as page:
        page.set_default_timeout(PATIENCE)
        keys, answers = page.keyboard, page.locator(".theirs")
        choosers: asyncio.Queue[Any] = asyncio.Queue()
        page.on("filechooser", choosers.put_nowait)
        await page.locator("#text:focus").wait_for()  # one can type at once
        await page.get_by_text("online").wait_for()
        await keys.type("boy")
        await keys.press("Enter")
        await answers.get_by_text("kid").first.wait_for()
        await keys.press("Shift+Tab")
        await keys.press("Enter")  # on the paper clip
        await (await asyncio.wait_for(choosers.get(), PATIENCE / 1000)).set_files(tmp_path / "cat.jpg")
        await keys.press("Enter")  # an empty caption
        await page.locator(".album .tile").nth(size - 1).wait_for()
        await page.get_by_role("button", name=EN("button-tags")).wait_for()  # under the album
        await page.locator("#text:focus").wait_for()
        await tab_to(page, ".keys:nth-last-child(2) .key:last-child", backwards=True)  # tags
        before = await answers.count()
        await keys.press("Enter")
        await answers.nth(before).wait_for()  # a button answers with a message
        await tab_to(page, ".album .tile", backwards=True)
        await keys.press("Enter")
        await page.locator("#lightbox[open] img").wait_for()
        await keys.press("Escape")
        await page.locator(".album .tile:focus").wait_for()  # one goes on where one was
        await tab_to(page, ".theirs .more")
        await keys.press("Enter")
        await page.get_by_role("menuitem", name="Reply").wait_for()
        await keys.press("Enter")
        await page.locator("#text:focus").wait_for()
        await keys.type("/caption")
        await keys.press("Escape")  # closes the menu of commands
        await keys.press("Enter")
        await page.locator(".mine .quote").wait_for()
        await answers.nth(before + 1).wait_for()
        await shoot(page, "real-bot-keyboard")


async def tab_to(page: Any, wanted: str, *, backwards: bool = False) -> None:
    """Press Tab until an element that fits the selector has the focus."""
    for _ in range(60):
        await page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if await page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"Tab never leads to {wanted}")
