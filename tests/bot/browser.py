"""Pages in a real browser: one Chromium a session, a context a test."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.playground import Playground
from bot.web import WebServer

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "out" / "screenshots"
AXE = ROOT / "build" / "axe" / "axe.min.js"  # `make axe` fetches it
# The first has no window of its own to draw.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "device_scale_factor": 2}
SMALL = {"viewport": {"width": 360, "height": 640}, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}


_running: list[tuple[Any, Any]] = []  # the session's browser with its driver, once it was started


@asynccontextmanager
async def opened(
    server: Playground | WebServer, path: str = "", expected: tuple[str, ...] = (), **look: Any
) -> AsyncIterator[Any]:
    """Open a page in a fresh context of the session's browser; an error in its scripts fails the test.

    The browser also complains of every refusal: `expected` holds their statuses, or parts of other words.
    """
    context = await (await _browser()).new_context(**look)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    try:
        await page.goto(server.address + path)
        yield page
    finally:
        await context.close()
    known = (
        "ERR_CONNECTION_REFUSED",
        *expected,
    )
    unwanted = [line for line in wrong if not any(part in line for part in known)]
    assert not unwanted, unwanted
    assert not [url for url in requested if not url.startswith((server.address, "blob:", "data:"))]


async def _browser() -> Any:
    """Return the session's browser; start it for the first test that needs it."""
    if not _running:
        api = pytest.importorskip("playwright.async_api", reason="no browser: playwright is not installed")
        executable = next(filter(None, map(shutil.which, BROWSERS)), None)
        if executable is None:
            pytest.skip("no browser: Chromium was not found, so the page was not tried in one")
        flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        driver = await api.async_playwright().start()
        _running.append((await driver.chromium.launch(executable_path=executable, args=flags), driver))
    return _running[0][0]


async def close_browser() -> None:
    """Close the session's browser, if there is one."""
    while _running:
        browser, driver = _running.pop()
        await browser.close()
        await driver.stop()


async def wait_for_count(page: Any, selector: str, count: int) -> None:
    """Wait until the page shows so many elements: the photos of an album arrive one after the other."""
    matches = "([selector, count]) => document.querySelectorAll(selector).length === count"
    await page.wait_for_function(matches, arg=[selector, count])


async def shoot(page: Any, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.wait_for_timeout(250)  # a frame or two: pictures decode, the page scrolls
    await page.screenshot(path=SCREENSHOTS / f"{name}.png")


async def check_accessibility(page: Any) -> None:
    """Fail if axe-core finds anything on the page as it is now, light or dark."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text("utf-8"))
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        findings = (await page.evaluate("axe.run({ resultTypes: ['violations'] })"))["violations"]
        assert not findings, "\n".join(
            f"{scheme}: {rule['id']}: {node['target']}: {node['failureSummary']}"
            for rule in findings
            for node in rule["nodes"]
        )


needs_axe = pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: build/axe does not hold it")


def luminance(colour: str) -> float:
    """How bright a colour like #b3261e is, as WCAG counts contrast."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
