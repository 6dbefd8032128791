"""A person meets a bot on the page, in a real browser: phone and desktop, light and dark, keyboard only."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from bot.playground import Playground
from tests.bot.browser import DESKTOP, PHONE, ROOT, SMALL, luminance, opened, shoot
from tests.bot.playground.conftest import picture
from tests.bot.playground.little_bot import running

pytestmark = pytest.mark.browser

PAGE = ROOT / "bot" / "playground" / "page"


async def overflow(page: Any) -> int:
    """How many pixels of the page stick out to the right."""
    return int(await page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "hill.jpg"
    path.write_bytes(picture(1600, 1200, hue=150))
    return path


AT_THE_END = """() => {
    const box = document.querySelector("#scroll");
    return box.scrollHeight - box.scrollTop - box.clientHeight < 2;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("look", [PHONE, DESKTOP, SMALL], ids=["phone", "desktop", "small"])
async def test_a_photo_is_sent_and_an_album_comes_back(
    playground: Playground, photo: Path, look: dict[str, Any], scheme: str, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.id
    async with running(playground), opened(playground, color_scheme=scheme, **look) as page:
        await page.get_by_text("online").wait_for()
        await shoot(page, f"{name}-1-welcome")
        await page.get_by_role("button", name="/start").click()
        await page.get_by_text("Hello, Ada!").wait_for()
        await page.fill("#text", "boy")
        await page.get_by_role("button", name="Send", exact=True).click()
        await page.get_by_text("girl, child, kid, man").wait_for()
        await shoot(page, f"{name}-2-words")
        await page.set_input_files("#files", photo)
        await page.fill("#caption", "What is this?")
        await shoot(page, f"{name}-3-preview")
        await page.locator("#preview-send").click()
        await page.get_by_text("The ten photos most like yours").wait_for()
        assert await page.locator(".album .tile").count() == 10
        assert await page.locator(".reactions").inner_text() == "👀"
        await page.wait_for_function(AT_THE_END)
        await shoot(page, f"{name}-4-album")
        await page.get_by_role("button", name="👎").click()
        await page.get_by_text("Sorry to hear that.").wait_for()
        await shoot(page, f"{name}-5-alert")
        await page.get_by_role("button", name="OK").click()
        await page.locator(".album .tile").nth(4).click()
        await page.locator("#lightbox[open] img").wait_for()
        await shoot(page, f"{name}-6-lightbox")
        await page.get_by_role("button", name="Close", exact=True).click()
        await page.get_by_role("button", name="👍").click()
        await page.get_by_text("Thank you!").wait_for()
        await shoot(page, f"{name}-7-toast")
        assert await overflow(page) == 0


async def test_the_keyboard_alone_is_enough(playground: Playground, photo: Path) -> None:
    async with running(playground), opened(playground, **DESKTOP) as page:
        keys = page.keyboard
        choosers: asyncio.Queue[Any] = asyncio.Queue()
        page.on("filechooser", choosers.put_nowait)  # early: it takes Playwright a while to catch them
        await page.get_by_text("online").wait_for()
        await keys.type("/s")  # the field has the focus from the start
        await page.get_by_role("option", name="/start").wait_for()
        await keys.press("Enter")
        await page.get_by_text("Hello, Ada!").wait_for()
        await keys.type("two")
        await keys.press("Shift+Enter")
        await keys.type("lines")
        await keys.press("Enter")
        await page.locator(".mine", has_text="two").wait_for()
        assert playground.person("Friend").messages[2].text == "two\nlines"
        await keys.press("Shift+Tab")
        await keys.press("Enter")
        await (await asyncio.wait_for(choosers.get(), 10)).set_files(photo)
        await keys.type("typed caption")
        await keys.press("Enter")
        await page.get_by_text("The ten photos").wait_for()
        await page.locator("#text:focus").wait_for()
        for _ in range(40):  # back through the album to the buttons
            await keys.press("Shift+Tab")
            if await page.evaluate("document.activeElement.textContent") == "More like this":
                break
        await shoot(page, "keyboard-focus")
        await keys.press("Enter")
        await page.get_by_text("said again, edited").wait_for()
        assert await page.get_by_text("edited", exact=True).count() == 1


async def test_photos_are_pasted_dropped_and_sent_as_files(playground: Playground) -> None:
    give = """async (kind) => {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 64;
        const blob = await new Promise((done) => canvas.toBlob(done));
        const data = new DataTransfer();
        data.items.add(new File([blob], "dot.png", { type: "image/png" }));
        const event = kind === "paste"
            ? new ClipboardEvent("paste", { clipboardData: data })
            : new DragEvent("drop", { dataTransfer: data, cancelable: true });
        window.dispatchEvent(event);
    }"""
    async with running(playground), opened(playground, **DESKTOP) as page:
        for kind in ("paste", "drop"):
            await page.evaluate(give, kind)
            await page.locator("#preview[open]").wait_for()
            await page.check("#as-file")
            await page.locator("#preview-send").click()
            await page.locator("#preview:not([open])").wait_for(state="attached")
        await page.get_by_text("A file: dot.png").nth(1).wait_for()
        await page.evaluate(give, "paste")
        await page.locator("#preview[open]").wait_for()
        await page.keyboard.press("Escape")
        await page.locator("#preview:not([open])").wait_for(state="attached")
        assert len([seen for seen in playground.person("Friend").messages if not seen.from_bot]) == 2


async def test_what_people_write_is_never_read_as_html(playground: Playground) -> None:
    nasty = "<img src=x onerror=alert(1)><b>bold?</b> &amp;"
    async with running(playground), opened(playground, **DESKTOP) as page:
        await page.fill("#text", nasty)
        await page.keyboard.press("Enter")
        await page.locator(".mine .words", has_text=nasty).wait_for()
        assert await page.locator("#log img, .mine b").count() == 0


async def test_a_spoiler_is_hidden_until_it_is_pressed_and_a_command_can_be_tapped(
    playground: Playground,
) -> None:
    async with running(playground), opened(playground, **DESKTOP) as page:
        await page.fill("#text", "/start")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Hidden text").click()
        await page.locator(".spoiler.shown").wait_for()
        await page.get_by_role("button", name="/help").click()
        await page.locator(".mine", has_text="/help").wait_for()


async def test_what_the_bot_is_doing_shows_for_five_seconds_at_most(playground: Playground) -> None:
    async with running(playground), opened(playground, **DESKTOP) as page:
        await page.fill("#text", "wait")
        await page.keyboard.press("Enter")
        await page.get_by_text("typing…").wait_for()
        await page.get_by_text("typing…").wait_for(state="hidden", timeout=10_000)


async def test_the_page_says_who_is_away_and_comes_back_by_itself() -> None:
    async with Playground() as first:
        port = int(first.address.rsplit(":", 1)[1].strip("/"))
        async with opened(first, **DESKTOP) as page:
            await page.get_by_text("The bot is away").wait_for()
            await shoot(page, "away")
            await first.__aexit__(None, None, None)
            await page.get_by_text("The playground is away").wait_for()
            async with Playground(port) as second, running(second):
                await page.locator("#state.there").wait_for()
                assert await page.locator("#away").is_hidden()
                await page.fill("#text", "boy")
                await page.keyboard.press("Enter")
                await page.get_by_text("girl, child, kid, man").wait_for()
                await page.close()


async def test_two_hundred_messages_are_drawn_quickly(playground: Playground) -> None:
    person = playground.person("Friend")
    for number in range(200):
        await person.say(f"message {number}")
    async with opened(playground, **DESKTOP) as page:
        await page.get_by_text("message 199").wait_for()
        drawn = await page.evaluate("performance.now()")
        assert drawn < 10_000  # an idle machine needs a few hundred milliseconds
        await page.wait_for_function("document.querySelector('#scroll').scrollTop > 1000")


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "papers"),
    [
        ("text", "paper paper-glow surface theirs mine"),
        ("faint", "paper paper-glow surface theirs"),
        ("mine-faint", "mine"),
        ("accent", "surface theirs mine"),
        ("on-accent", "accent"),
        ("on-notice", "notice"),
    ],
)
def test_every_text_stands_out_from_its_ground(scheme: int, ink: str, papers: str) -> None:
    blocks = (PAGE / "chat.css").read_text("utf-8").split(":root")[1:3]
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", blocks[scheme]))
    for paper in papers.split():
        lighter, darker = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, f"--{ink} on --{paper}"
