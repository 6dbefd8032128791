"""The explorer and the API page in a real browser: phone and desktop, light and dark, keyboard only."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from bot.http.assets import FOLDER
from bot.metrics import Metrics
from bot.web import WebServer
from bot.web.server import PAGE_DIR
from engine.api import EngineAPI
from tests.bot.browser import (
    DESKTOP,
    PHONE,
    check_accessibility,
    luminance,
    needs_axe,
    opened,
    shoot,
    wait_for_count,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# Each size and each scheme once: colours do not depend on the size.
LOOKS = pytest.mark.parametrize(
    ("look", "scheme"), [(PHONE, "dark"), (DESKTOP, "light")], ids=["phone-dark", "desktop-light"]
)
TIMEOUT_MS = 60_000  # a busy machine must not fail a test
LOADED = "() => [...document.querySelectorAll('.spot.near img')].every((one) => one.naturalWidth)"
DROP = """(name) => {
    const data = new DataTransfer();
    data.items.add(new File(["%PDF-1.7"], name, { type: "application/pdf" }));
    window.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
}"""
STARTS_IN_VIEW = """(one) => {
    const { top } = one.getBoundingClientRect();
    return top >= 0 && top < innerHeight / 2;
}"""
IS_IN_WINDOW = """(one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
}"""
CHANGED = "(before) => document.querySelector('.captions li').innerText !== before"
IN_VIEW = """() => {
    const elements = [document.activeElement, document.querySelector("#map")];
    const [spot, map] = elements.map((one) => one.getBoundingClientRect());
    const isInside = (low, high) => spot[low] >= map[low] && spot[high] <= map[high];
    return isInside("left", "right") && isInside("top", "bottom");
}"""


async def overflow(page: Any) -> int:
    """Return how many pixels the page overflows to the right."""
    return int(await page.evaluate("document.documentElement.scrollWidth - innerWidth"))


async def focused(page: Any) -> str:
    """Return the accessible name of the focused element."""
    words = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
    return str(await page.evaluate(words))


@LOOKS
async def test_the_explorer_browses_searches_and_takes_a_photo(
    web: WebServer,
    photo: bytes,
    tmp_path: Path,
    look: dict[str, Any],
    scheme: str,
    request: pytest.FixtureRequest,
) -> None:
    name = f"explorer-{request.node.callspec.id}"
    (tmp_path / "cat.jpg").write_bytes(photo)
    async with opened(web, color_scheme=scheme, **look) as page:
        page.set_default_timeout(TIMEOUT_MS)
        await page.get_by_role("button", name="Photo 1 of").wait_for()
        await page.wait_for_function(LOADED)
        await shoot(page, f"{name}-1-photos")
        await page.get_by_role("button", name="Photo 2 of").click()
        await page.get_by_role("heading", name="Kindred photos").wait_for()
        await page.locator(".kindred li").nth(5).wait_for()
        assert await page.locator("#answers").evaluate(STARTS_IN_VIEW)
        await shoot(page, f"{name}-2-kin")
        await page.get_by_role("button", name="See it on the map").click()
        await page.locator(".spot.chosen:focus").wait_for()
        assert await page.locator("#map").evaluate(IS_IN_WINDOW)
        await shoot(page, f"{name}-3-on-the-map")
        await page.fill("#text", "dog")
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="Words near it").wait_for()
        await shoot(page, f"{name}-4-search")
        await page.get_by_role("button", name="See it on the map").click()
        await page.get_by_role("button", name="beach", exact=True).wait_for()
        assert await focused(page) == "dog"
        await shoot(page, f"{name}-5-words")
        await page.set_input_files("#file", tmp_path / "cat.jpg")
        await page.get_by_role("button", name="Why these words?").click()
        await page.locator("img.why").wait_for()
        await page.locator("img.why").scroll_into_view_if_needed()
        await shoot(page, f"{name}-6-why")
        assert await overflow(page) == 0


async def test_the_explorer_works_with_the_keyboard_alone(web: WebServer) -> None:
    async with opened(web, **DESKTOP) as page:
        page.set_default_timeout(TIMEOUT_MS)
        keys = page.keyboard
        await page.get_by_role("button", name="Photo 1 of").wait_for()
        for _ in range(3):
            await keys.press("Tab")
        assert "What to look for" in await focused(page)
        await keys.type("a person riding a motorcycle")
        await keys.press("Enter")
        await page.locator("#answer h2:focus", has_text="motorcycle").wait_for()
        await keys.press("Tab")
        assert await focused(page) == "See them on the map"
        await keys.press("Enter")
        await page.locator(".spot.kin:focus[aria-label*='motorcycle, photo']").wait_for()
        first = await focused(page)
        await keys.press("ArrowRight")
        if await focused(page) == first:  # it is the rightmost one
            await keys.press("ArrowLeft")
        await page.locator(".spot:focus[aria-label*=', photo']").wait_for()
        second = await focused(page)
        assert second != first
        await keys.press("+")
        await keys.press("+")
        assert await focused(page) == second
        await page.wait_for_timeout(100)  # a frame
        assert await page.evaluate(IN_VIEW)
        await shoot(page, "explorer-keyboard")
        await keys.press("Enter")
        await page.locator("#answer h2:focus", has_text="This photo").wait_for()
        assert await page.locator(".spot.chosen").get_attribute("aria-label") == second
        alternative = await page.locator("#answer img.shown").get_attribute("alt")
        assert second.removeprefix("perhaps ").startswith(f"{alternative}, photo ")
        await page.locator(".kindred img:not([alt^='Kindred photo'])").first.wait_for()
        for _ in range(20):
            await keys.press("Tab")
            if await page.locator(".kindred li:first-child :focus").count():
                break
        caption = page.locator(".captions li").first
        before = await caption.inner_text()
        await keys.press("Enter")
        await page.wait_for_function(CHANGED, arg=before)
        await page.go_back()  # to the query before
        await caption.get_by_text(before.splitlines()[0]).wait_for()


async def test_a_map_is_dragged_and_zoomed(web: WebServer) -> None:
    async with opened(web, **DESKTOP) as page:
        spot = page.get_by_role("button", name="Photo 1 of")
        await spot.wait_for()
        await page.wait_for_function(LOADED)
        box = await page.locator("#map").bounding_box()
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await page.mouse.move(*middle)
        await page.mouse.wheel(0, -600)
        await page.wait_for_timeout(200)
        start = await spot.bounding_box()
        await page.mouse.down()
        await page.mouse.move(middle[0] + 40, middle[1] + 30, steps=5)
        await page.mouse.up()
        await page.wait_for_timeout(200)
        end = await spot.bounding_box()
        moved = (end["x"] - start["x"], end["y"] - start["y"])
        assert moved == pytest.approx((40, 30), abs=2)
        assert await page.locator("#answer h2").inner_text() == "Wander, or ask"  # a drag is no press


async def test_an_error_takes_the_place_of_the_answer_before(web: WebServer, tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    async with opened(web, expected=("400",), **PHONE) as page:
        await page.get_by_role("button", name="Photo 1 of").wait_for()
        for wrong, sentence in (
            ("qwxz", "I don't know those words"),
            (tmp_path / "broken.jpg", "I can't open that as a picture"),
            ("report.pdf", "“report.pdf” is not a photo. Please choose a picture"),
        ):
            await page.get_by_role("button", name="Photo 1 of").click()
            await page.get_by_role("heading", name="Kindred photos").wait_for()
            if isinstance(wrong, Path):
                await page.set_input_files("#file", wrong)
            elif wrong.endswith(".pdf"):
                await page.evaluate(DROP, wrong)
            else:
                await page.fill("#text", wrong)
                await page.keyboard.press("Enter")
            await page.get_by_role("status").get_by_text(sentence).wait_for()
            assert await page.locator("#answer").inner_text() == ""
            await wait_for_count(page, ".spot:is(.chosen, .kin)", 0)
            assert await page.locator("#status").evaluate(IS_IN_WINDOW)
        await shoot(page, "explorer-refused")


async def test_a_slow_map_has_a_placeholder_and_a_draft_survives_a_reload(web: WebServer) -> None:
    async with opened(web, **PHONE) as page:
        arrived = asyncio.Event()

        async def hold_back(route: Any) -> None:
            await arrived.wait()
            await route.continue_()

        await page.get_by_role("button", name="Photo 1 of").wait_for()
        await page.route("**/v1/maps/images", hold_back)
        await page.locator("#text").press_sequentially("two children pl")
        await page.reload()
        await page.locator("#map[aria-busy=true]").wait_for()
        await page.get_by_role("status").get_by_text("Drawing the map…").wait_for()
        await page.wait_for_function("document.getElementById('text').value === 'two children pl'")
        await shoot(page, "explorer-loading")
        arrived.set()
        await page.get_by_role("button", name="Photo 1 of").wait_for()
        await wait_for_count(page, "#map[aria-busy]", 0)


async def test_the_page_asks_for_the_key_if_one_is_needed(engine: EngineAPI, metrics: Metrics) -> None:
    async with (
        WebServer(engine, metrics, key="sesame") as web,
        opened(web, expected=("401",), **PHONE) as page,
    ):
        page.set_default_timeout(TIMEOUT_MS)
        await page.get_by_role("heading", name="This server needs a key").wait_for()
        await shoot(page, "explorer-key")
        await page.keyboard.type("wrong")
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="This server needs a key").wait_for()
        await page.keyboard.type("sesame")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Photo 1 of").wait_for()
        await page.get_by_role("link", name="API").click()
        await page.locator("#similar summary").click()
        await page.locator("#similar").get_by_role("button", name="Try it").click()
        await page.locator("#similar").get_by_text("200 OK").wait_for()
        assert "Bearer $KINDRED_WEB_KEY" in await page.locator("#similar .curl").inner_text()


@LOOKS
async def test_every_operation_can_be_tried_on_the_api_page(
    web: WebServer,
    photo: bytes,
    tmp_path: Path,
    look: dict[str, Any],
    scheme: str,
    request: pytest.FixtureRequest,
) -> None:
    name = f"api-{request.node.callspec.id}"
    (tmp_path / "cat's.jpg").write_bytes(photo)
    async with opened(web, "api", color_scheme=scheme, **look) as page:
        page.set_default_timeout(TIMEOUT_MS)
        await page.locator("#analogy summary").click()
        await shoot(page, f"{name}-1")
        await page.locator("#analogy").get_by_role("button", name="Try it").click()
        await page.locator("#analogy output pre").get_by_text('"women"').wait_for()
        await page.locator("#labels summary").click()
        await page.locator("#labels input[type=file]").set_input_files(tmp_path / "cat's.jpg")
        await page.locator("#labels").get_by_role("button", name="Try it").click()
        await page.locator("#labels output pre").get_by_text("a cat").wait_for()
        assert r"cat'\''s.jpg" in await page.locator("#labels .curl").inner_text()
        await page.locator("#picture summary").click()
        await page.locator("#picture input[name=image]").fill("cat.jpg")
        await page.locator("#picture input[name=image]").press("Enter")
        await page.locator("#picture output img").wait_for()
        await page.locator("#labels").scroll_into_view_if_needed()
        await shoot(page, f"{name}-2")
        assert await overflow(page) == 0


@needs_axe
async def test_axe_finds_nothing_on_the_explorer_and_the_api_page(
    web: WebServer, photo: bytes, tmp_path: Path
) -> None:
    (tmp_path / "cat.jpg").write_bytes(photo)
    async with opened(web, expected=("400",), **PHONE) as page:
        page.set_default_timeout(TIMEOUT_MS)
        await page.get_by_role("button", name="Photo 1 of").wait_for()
        await check_accessibility(page)
        await page.set_input_files("#file", tmp_path / "cat.jpg")
        await page.get_by_role("button", name="Why these words?").click()
        await page.locator("img.why").wait_for()
        await check_accessibility(page)
        await page.get_by_role("button", name="Words", exact=True).click()
        await page.get_by_role("button", name="beach", exact=True).wait_for()
        await page.fill("#text", "dog")
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="Words near it").wait_for()
        await check_accessibility(page)
        await page.fill("#text", "qwxz")
        await page.keyboard.press("Enter")
        await page.get_by_text("I don't know those words").wait_for()
        await check_accessibility(page)
        await page.get_by_role("link", name="API").click()
        await page.locator("#similar summary").wait_for()  # `all` waits for nothing
        for operation in await page.locator("details").all():
            await operation.locator("summary").click()
        await page.locator("#similar").get_by_role("button", name="Try it").click()
        await page.locator("#similar output pre").wait_for()
        await check_accessibility(page)


async def test_every_word_of_the_map_has_enough_contrast() -> None:
    inks = re.findall(r"--ink: (#\w{6})", (PAGE_DIR / "explorer.css").read_text("utf-8"))
    grounds = re.findall(r"--paper(?:-glow)?: (#\w{6})", (FOLDER / "chat.css").read_text("utf-8"))
    assert (len(inks), len(grounds)) == (18, 4)
    for ink, scheme in zip(inks, (*[grounds[:2]] * 9, *[grounds[2:]] * 9), strict=True):
        for ground in scheme:
            lighter, darker = sorted((luminance(ink), luminance(ground)), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, f"{ink} on {ground}"
