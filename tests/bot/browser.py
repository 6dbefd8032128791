"""A page of the playground in a real browser: what every browser test needs."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.playground import Playground

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "out" / "screenshots"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "device_scale_factor": 2}
SMALL = {"viewport": {"width": 360, "height": 640}, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}


@asynccontextmanager
async def opened(playground: Playground, **look: Any) -> AsyncIterator[Any]:
    """Open the page in the browser of this machine; what goes wrong in its scripts fails the test."""
    api = pytest.importorskip("playwright.async_api", reason="no browser: playwright is not installed")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no browser: Chromium was not found, so the page was not tried in one")
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with api.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=found, args=flags)
        context = await browser.new_context(**look)
        page = await context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        requested: list[str] = []
        page.on("request", lambda request: requested.append(request.url))
        try:
            await page.goto(playground.address)
            yield page
        finally:
            await browser.close()
    unwanted = [line for line in wrong if "ERR_CONNECTION_REFUSED" not in line]
    assert not unwanted, unwanted
    assert not [url for url in requested if not url.startswith((playground.address, "blob:", "data:"))]


async def shoot(page: Any, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.wait_for_timeout(250)  # a frame or two: pictures decode, the page scrolls
    await page.screenshot(path=SCREENSHOTS / f"{name}.png")
