"""Every curl example, of the API page and of docs/API.md, runs when it is pasted into bash."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.metrics import Metrics
from bot.web import WebServer
from bot.web.operations import OPERATIONS
from bot.web.reference import BASE_URL, EXAMPLE_IMAGE, api_reference
from engine.api import EngineAPI
from tests.bot.browser import DESKTOP, opened

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="no bash or no curl"),
]

KEY = "sesame"
# As people have it, but an HTTP error fails, and no proxy of this machine is asked.
CURL = "curl() { command curl --disable --noproxy '*' --silent --show-error --fail-with-body \"$@\"; }\n"


@pytest_asyncio.fixture(loop_scope="session")
async def keyed(engine: EngineAPI, metrics: Metrics) -> AsyncIterator[WebServer]:
    """A web front with a key, as a host serves it."""
    async with WebServer(engine, metrics, key=KEY) as web:
        yield web


async def paste(example: str, folder: Path) -> bytes:
    """Run an example in a shell of a person who is in this folder, and return what it prints."""
    shell = await asyncio.create_subprocess_exec(
        "bash", "-c", CURL + example,
        cwd=folder, env={"PATH": "/usr/bin:/bin", "KINDRED_WEB_KEY": KEY},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed, complaint = await shell.communicate()
    assert shell.returncode == 0, (example, printed, complaint)
    return printed


@pytest.mark.browser
async def test_the_examples_of_the_api_page_run_when_pasted(
    keyed: WebServer, photo: bytes, tmp_path: Path
) -> None:
    async with opened(keyed, "api", **DESKTOP) as page:
        await page.evaluate(f"sessionStorage.setItem('kindred-key', '{KEY}')")
        await page.reload()
        await page.wait_for_function("() => document.querySelector('#captions input[name=image]')?.value")
        examples = await page.locator(".curl").all_text_contents()
        assert len(examples) == len(OPERATIONS)
        for example in examples:
            await paste(example, tmp_path)
        (tmp_path / (odd := 'a, b; it\'s "c" \\.jpg')).write_bytes(photo)
        await page.locator("#captions summary").click()
        await page.set_input_files("#captions input[type=file]", tmp_path / odd)
        assert b'"captions"' in await paste(await page.locator("#captions .curl").inner_text(), tmp_path)


async def test_the_examples_of_the_reference_run_when_pasted(
    keyed: WebServer, engine: EngineAPI, tmp_path: Path
) -> None:
    (tmp_path / EXAMPLE_IMAGE).write_bytes(await engine.picture(EXAMPLE_IMAGE))
    examples = re.findall(r"```sh\n(.*)\n```", api_reference())
    assert len(examples) == len(OPERATIONS)
    for example in examples:
        assert await paste(example.replace(f"{BASE_URL}/", keyed.address), tmp_path)
