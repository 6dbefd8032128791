"""The chat page in a real browser: phone and desktop, light and dark, keyboard only."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from bot.playground import Playground
from tests.bot.browser import (
    DESKTOP,
    PHONE,
    ROOT,
    SMALL,
    check_accessibility,
    luminance,
    needs_axe,
    opened,
    shoot,
    wait_for_count,
)
from tests.bot.playground.conftest import picture
from tests.bot.playground.little_bot import OFFERED, OFFERS, running

pytestmark = pytest.mark.browser

STYLES = ROOT / "bot" / "http" / "static"


async def overflow(page: Any) -> int:
    """Return by how many pixels the page is wider than its window."""
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


@pytest.mark.parametrize(
    ("look", "scheme"),
    [(PHONE, "light"), (DESKTOP, "light"), (SMALL, "dark")],
    ids=["phone-light", "desktop-light", "small-dark"],
)
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
        await wait_for_count(page, ".album .tile", 10)
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
        await page.get_by_text("Thank you!").wait_for(state="attached")  # it is hidden after some seconds
        await shoot(page, f"{name}-7-toast")
        assert await overflow(page) == 0


async def tabbed(page: Any, test: str, key: str = "Tab", most: int = 60) -> None:
    """Press Tab until the focused element, `one`, fits."""
    for _ in range(most):
        await page.keyboard.press(key)
        if await page.evaluate(f"(one => {test})(document.activeElement)"):
            ring = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert ring == "solid", "the focus cannot be seen"
            return
    raise AssertionError(f"{key} never leads to where {test}")


async def test_the_keyboard_alone_is_enough(playground: Playground, photo: Path) -> None:
    async with running(playground), opened(playground, **DESKTOP) as page:
        keys = page.keyboard
        choosers: asyncio.Queue[Any] = asyncio.Queue()
        page.on("filechooser", choosers.put_nowait)  # early: it takes Playwright a while to catch them
        await page.get_by_text("online").wait_for()
        await keys.type("/s")  # the field has the focus from the start
        await page.get_by_role("option", name="/start").wait_for()
        assert await page.get_attribute("#text", "aria-activedescendant") == "command-start"
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
        await tabbed(page, "one.textContent === 'More like this'", "Shift+Tab")  # back through the album
        await shoot(page, "keyboard-focus")
        await keys.press("Enter")
        await page.get_by_text("said again, edited").wait_for()
        assert await page.get_by_text("edited", exact=True).count() == 1
        await tabbed(page, "one.matches('.album .tile')")
        await keys.press("Enter")
        await page.locator("#lightbox[open] img").wait_for()
        await keys.press("ArrowRight")
        await keys.press("Escape")
        await tabbed(page, "one.id === 'language'", "Shift+Tab")
        await keys.type("Ger")
        await page.wait_for_function("document.querySelector('#language').value === 'de'")


@needs_axe
async def test_axe_finds_nothing_on_the_chat_page(playground: Playground, photo: Path) -> None:
    async with running(playground), opened(playground, **PHONE) as page:
        await page.get_by_role("button", name="/start").wait_for()
        await check_accessibility(page)
        await page.get_by_role("button", name="/start").click()
        await page.get_by_role("button", name="Hidden text").wait_for()
        await page.fill("#text", "/")
        await page.locator("#command-start").wait_for()
        await check_accessibility(page)
        await page.fill("#text", "")
        await page.set_input_files("#files", photo)
        await page.locator("#preview[open] img").wait_for()
        await check_accessibility(page)
        await page.locator("#preview-send").click()
        await page.get_by_text("The ten photos most like yours").wait_for()
        await page.locator(".mine .more").last.click()
        await check_accessibility(page)
        await page.get_by_role("menuitem", name="Reply").click()
        await page.get_by_role("button", name="👎").click()
        await page.get_by_role("button", name="OK").wait_for()
        await check_accessibility(page)
        await page.get_by_role("button", name="OK").click()
        await page.locator(".album .tile").first.click()
        await check_accessibility(page)
        await page.get_by_role("button", name="Close", exact=True).click()
        await page.locator("#text").press_sequentially("@kindred_playground_bot hill")
        await page.locator(".result img").first.wait_for()
        await check_accessibility(page)


async def test_a_message_is_replied_to_and_edited(playground: Playground) -> None:
    ada = playground.person("Ada")
    await ada.send_photo(picture(hue=150), caption="A hill?")

    async def choose(label: str, where: str) -> None:
        message = page.locator(".message", has_text=where).first
        await message.hover()
        await message.locator(".more").click()
        await page.get_by_role("menuitem", name=label).click()

    async with running(playground), opened(playground, "?name=Ada", **DESKTOP) as page:
        await choose("Reply", "A hill?")
        await page.fill("#text", "/start wrongly")
        await page.keyboard.press("Enter")
        await page.locator(".mine .quote", has_text="A hill?").wait_for()
        await choose("Edit", "/start wrongly")
        await page.fill("#text", "/start rightly")
        await page.keyboard.press("Enter")
        await page.locator(".mine .words", has_text="rightly").wait_for()
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await choose("Copy", "A hill?")
        await page.wait_for_function("navigator.clipboard.readText().then((text) => text === 'A hill?')")


@pytest.mark.parametrize("look", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_the_language_and_a_strange_name_fit_and_a_reload_changes_nothing(
    playground: Playground, look: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    strange = "<b>O'Neil</b> & \u202eSøn 👩‍👩‍👧 of the very very long and unbreakable-name"
    async with (
        running(playground),
        opened(playground, f"?name={quote(strange)}", color_scheme="dark", **look) as page,
    ):
        await page.locator("#state", has_text="O'Neil").wait_for()
        await page.select_option("#language", "fa")
        await page.fill("#text", "/start")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Enter")
        await page.get_by_text("Hello, Ada!").wait_for()
        assert playground.person(strange).messages[0].wire["from"]["language_code"] == "fa"
        await page.fill("#text", "an unfinished")
        await page.reload()
        await page.get_by_text("Hello, Ada!").wait_for()
        assert await page.input_value("#language") == "fa"
        assert await page.input_value("#text") == "an unfinished"
        await shoot(page, f"language-{request.node.callspec.id}")
        assert await overflow(page) == 0


async def test_a_link_to_the_bot_is_followed_in_the_chat(playground: Playground) -> None:
    ada = playground.person("Ada")
    await ada.say("t.me/kindred_playground_bot and https://t.me/kindred_playground_bot?start=deep")
    async with opened(playground, "?name=Ada", **DESKTOP) as page:
        await page.get_by_role("link").click()
        await page.locator(".mine", has_text="/start deep").wait_for()


@pytest.mark.parametrize("look", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_the_bot_is_asked_inline_and_a_result_is_posted(
    playground: Playground, photo: Path, look: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    async with running(playground), opened(playground, **look) as page:
        await page.get_by_role("button", name="boy").click()
        await page.get_by_text("girl, child").wait_for()
        await page.locator("#text").press_sequentially("@kindred_playground_bot hill")
        await page.locator(".result img").first.wait_for()
        await wait_for_count(page, ".result", OFFERED)
        await page.keyboard.press("ArrowDown")
        await shoot(page, f"inline-{request.node.callspec.id}")
        await page.locator(".result").last.scroll_into_view_if_needed()
        await page.locator(".result").nth(OFFERS - 1).wait_for()
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Enter")
        await page.locator(".mine", has_text="via @kindred").wait_for()
        await page.set_input_files("#files", photo)
        await page.locator("#preview-send").click()
        await page.get_by_role("button", name="Find more").first.click()
        await page.locator(".result").first.wait_for()
        assert await page.input_value("#text") == "@kindred_playground_bot mountain"
        await page.get_by_role("button", name="How this works").click()
        await page.locator(".mine", has_text="/start inline").wait_for()
        assert await overflow(page) == 0


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
            await page.select_option("#kind", "file")
            await page.locator("#preview-send").click()
            await page.locator("#preview:not([open])").wait_for(state="attached")
        await page.get_by_text("A file: dot.png").nth(1).wait_for()
        await page.evaluate(give, "paste")
        await page.locator("#preview[open]").wait_for()
        await page.keyboard.press("Escape")
        await page.locator("#preview:not([open])").wait_for(state="attached")
        assert len([seen for seen in playground.person("Friend").messages if not seen.from_bot]) == 2


async def test_a_file_that_is_no_picture_shows_as_a_file(playground: Playground, tmp_path: Path) -> None:
    (tmp_path / "no.jpg").write_text("no picture at all")
    async with running(playground), opened(playground, **DESKTOP) as page:
        await page.set_input_files("#files", tmp_path / "no.jpg")
        await page.select_option("#kind", "file")
        await page.locator("#preview-send").click()
        await page.locator("span.face svg").wait_for()
        assert await page.locator("#log img").count() == 0


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


async def test_a_chat_action_shows_for_five_seconds_at_most(playground: Playground) -> None:
    async with running(playground), opened(playground, **DESKTOP) as page:
        await page.clock.install()
        await page.fill("#text", "wait")
        await page.keyboard.press("Enter")
        await page.get_by_text("typing…").wait_for()
        await page.clock.fast_forward(5_000)
        await page.get_by_text("typing…").wait_for(state="hidden", timeout=10_000)


async def test_the_page_says_who_is_away_and_reconnects_by_itself() -> None:
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


async def test_a_text_shows_at_once_on_a_slow_line_and_comes_back_if_it_was_not_sent(
    playground: Playground,
) -> None:
    released, lost = asyncio.Event(), asyncio.Event()

    async def hold_back(route: Any) -> None:
        await released.wait()
        await (route.abort() if lost.is_set() else route.continue_())

    async with running(playground), opened(playground, expected=("ERR_FAILED",), **PHONE) as page:
        await page.route("**/api/say*", hold_back)
        await page.fill("#text", "a slow line")
        await page.keyboard.press("Enter")
        await page.locator(".mine", has_text="a slow line").get_by_text("sending…").wait_for()
        assert await page.locator("#welcome").is_hidden()
        assert await page.evaluate(AT_THE_END)
        await shoot(page, "pending")
        released.set()
        await page.get_by_text("girl, child").wait_for()
        await page.get_by_text("sending…").wait_for(state="detached")
        await wait_for_count(page, ".mine", 1)
        lost.set()
        await page.fill("#text", "a lost line")
        await page.keyboard.press("Enter")
        await page.get_by_text("This was not sent.").wait_for()
        await wait_for_count(page, ".mine", 1)
        assert await page.input_value("#text") == "a lost line"


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
        ("accent", "paper paper-glow surface theirs mine"),
        ("on-accent", "accent"),
        ("on-notice", "notice"),
    ],
)
def test_every_text_stands_out_from_its_ground(scheme: int, ink: str, papers: str) -> None:
    blocks = (STYLES / "chat.css").read_text("utf-8").split(":root")[1:3]
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", blocks[scheme]))
    for paper in papers.split():
        lighter, darker = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, f"--{ink} on --{paper}"


async def test_a_notice_stands_above_the_chat_while_there_is_one(playground: Playground) -> None:
    words = ["Flickr8K is being fetched: 45%. Until it is whole, a few starter photos are searched."]
    playground.show_notice(lambda _: words[-1])
    async with running(playground), opened(playground, **PHONE) as page:
        await page.get_by_text("45%").wait_for()
        await shoot(page, "notice")
        assert await overflow(page) == 0
        words.append("")
        await page.locator("#notice").wait_for(state="hidden")


async def test_a_time_reads_from_the_left_in_a_message_from_the_right(playground: Playground) -> None:
    async with running(playground), opened(playground, **DESKTOP) as page:
        await page.get_by_text("online").wait_for()
        await page.fill("#text", "مرحبا")
        await page.get_by_role("button", name="Send", exact=True).click()
        sent = page.locator(".mine .words", has_text="مرحبا", has=page.locator("time"))
        await sent.wait_for()  # while it is under way it has no time
        directions = await sent.evaluate(
            "words => [words, words.querySelector('time')].map(part => getComputedStyle(part).direction)"
        )
        assert directions == ["rtl", "ltr"]
