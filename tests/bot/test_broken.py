"""What breaks while the bot runs is seen and told, and nobody's question is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from bot.playground import Person, Playground
from tests.bot.stage import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT = Path(__file__).resolve().parents[2]


async def started(playground: Playground, home: Path, how: str) -> asyncio.subprocess.Process:
    named = {"TOKEN": playground.token, "BASE_URL": playground.base_url, "GRACE": "1", "HOME": str(home)}
    named |= {"BASE_FILE_URL": playground.base_file_url}
    usual = {name: value for name, value in os.environ.items() if not name.startswith("KINDRED_")}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bot.broken", how),
        cwd=ROOT,
        env=usual | {f"KINDRED_{name}": value for name, value in named.items()},
        stderr=asyncio.subprocess.PIPE,
    )


async def ended(bot: asyncio.subprocess.Process) -> list[str]:
    async with asyncio.timeout(PATIENCE):
        _, said = await bot.communicate()
    return said.decode().splitlines()


@pytest.mark.parametrize("how", ["hangs", "dies"])
async def test_an_engine_that_hangs_or_dies_ends_the_process_and_who_asked_is_answered_by_the_next(
    playground: Playground, ada: Person, grace: Person, photo: bytes, tmp_path: Path, how: str
) -> None:
    bot = await started(playground, tmp_path, how)
    asked = await ada.send_photo(photo)
    await grace.say("a dog on a beach")
    await grace.send_photo(photo)
    lines = await ended(bot)
    assert bot.returncode == 1
    assert sum("CRITICAL" in line and "silent" in line and "started again" in line for line in lines) == 1
    assert "Traceback" not in "".join(lines) or how == "dies"  # Python's own word on the thread
    silent_since = time.time() - (tmp_path / "alive").stat().st_mtime
    bot = await started(playground, tmp_path, "sound")
    await ada.wait_for(lambda seen: seen.reply_to == asked.id and "dog" in seen.text, PATIENCE)
    await grace.wait_for(lambda seen: seen.from_bot and "dog" in seen.text, PATIENCE)
    bot.terminate()
    await ended(bot)
    assert bot.returncode == 0
    assert silent_since > 1  # nothing said meanwhile that it was well


async def test_a_bot_that_is_stopped_while_its_engine_hangs_does_not_wait_for_it(
    playground: Playground, ada: Person, photo: bytes, tmp_path: Path
) -> None:
    bot = await started(playground, tmp_path, "hangs")
    await ada.send_photo(photo)
    async with asyncio.timeout(PATIENCE):
        while not any("action" in call.parameters for call in playground.traffic):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    begun = time.monotonic()
    bot.send_signal(signal.SIGTERM)
    await ended(bot)
    assert bot.returncode in {0, 1}  # it may have been silent for so long that it counts as hung
    assert time.monotonic() - begun < 25  # a container is killed after 30 seconds
