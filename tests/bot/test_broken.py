"""What breaks while the bot runs is seen and told, and nobody's question is lost."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from bot.playground import Person, Playground
from bot.settings import Settings
from bot.storage import database as remembering
from bot.storage.store import SQLiteStore
from bot.updates import receiver
from engine.settings import ARTIFACT_DIR
from handlers.store import Preferences
from tests.bot.harness import TIMEOUT, ScriptedEngine, build_bot, running_bot, wait_until_inbox_empty

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT = Path(__file__).resolve().parents[2]


async def started(playground: Playground, home: Path, how: str) -> asyncio.subprocess.Process:
    named = {"TOKEN": playground.token, "BASE_URL": playground.base_url, "GRACE": "1", "HOME": str(home)}
    named |= {"BASE_FILE_URL": playground.base_file_url}
    usual = {name: value for name, value in os.environ.items() if not name.startswith("KINDRED_")}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bot.broken_bot", how),
        cwd=ROOT,
        env=usual | {f"KINDRED_{name}": value for name, value in named.items()},
        stderr=asyncio.subprocess.PIPE,
    )


async def ended(bot: asyncio.subprocess.Process) -> list[str]:
    async with asyncio.timeout(TIMEOUT):
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
    await ada.wait_for(lambda seen: seen.reply_to == asked.id and "dog" in seen.text, TIMEOUT)
    await grace.wait_for(lambda seen: seen.from_bot and "dog" in seen.text, TIMEOUT)
    bot.terminate()
    await ended(bot)
    assert bot.returncode == 0
    assert silent_since > 1  # nothing said meanwhile that it was well


async def test_a_bot_that_is_stopped_while_its_engine_hangs_does_not_wait_for_it(
    playground: Playground, ada: Person, photo: bytes, tmp_path: Path
) -> None:
    bot = await started(playground, tmp_path, "hangs")
    await ada.send_photo(photo)
    async with asyncio.timeout(TIMEOUT):
        while not any("action" in call.parameters for call in playground.traffic):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    begun = time.monotonic()
    bot.send_signal(signal.SIGTERM)
    await ended(bot)
    assert bot.returncode in {0, 1}  # it may have been silent for so long that it counts as hung
    assert time.monotonic() - begun < 25  # a container is killed after 30 seconds


async def test_weights_that_are_damaged_are_one_line_and_the_process_ends(
    playground: Playground, tmp_path: Path
) -> None:
    damaged = tmp_path / "artifact"
    shutil.copytree(ARTIFACT_DIR, damaged)
    os.truncate(damaged / "network.safetensors", 1_000_000)
    named = {"TOKEN": playground.token, "HOME": str(tmp_path), "ARTIFACT": str(damaged)}
    bot = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        cwd=ROOT,
        env=dict(os.environ) | {f"KINDRED_{name}": value for name, value in named.items()},
        stderr=asyncio.subprocess.PIPE,
    )
    (line,) = await ended(bot)
    assert bot.returncode == 1
    assert line.startswith("kindred: ")
    assert "network.safetensors is not the file that manifest.json was written for" in line


@pytest.mark.parametrize("why", ["full", "locked"])
async def test_while_the_disk_is_full_or_held_nothing_is_confirmed_and_after_that_all_is_answered(
    playground: Playground,
    settings: Settings,
    scripted: ScriptedEngine,
    ada: Person,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    why: str,
) -> None:
    monkeypatch.setattr(remembering, "BUSY_TIMEOUT", 0.2)
    monkeypatch.setattr(receiver, "MAX_BACKOFF", 0.2)
    caplog.set_level(logging.INFO, "bot.updates.receiver")
    file = tmp_path / "inbox.sqlite3"
    async with SQLiteStore.open(tmp_path / "bot.sqlite3") as store:
        application = build_bot(settings, playground, scripted, store)
        async with running_bot(application, inbox=file) as order:
            await ada.say("boy")
            await ada.replies(1, TIMEOUT)
            await wait_until_inbox_empty(order)
            database, other = order.inbox._database, sqlite3.connect(file, isolation_level=None)
            if why == "full":
                await database.execute_fetchall("PRAGMA max_page_count = 1")  # as many as there are
            else:
                other.execute("BEGIN IMMEDIATE")
            told = [await ada.say(f"{n} " + "x" * 4_000) for n in range(8)]
            async with asyncio.timeout(TIMEOUT):
                while "cannot be stored" not in caplog.text:  # noqa: ASYNC110 - no event tells
                    await asyncio.sleep(0.05)
            await asyncio.sleep(1)
            assert not [seen for seen in ada.messages if seen.from_bot and seen.id > told[0].id]
            assert caplog.text.count("cannot be stored, and stay with Telegram") == 1
            assert not caplog.text.count("Traceback")
            if why == "full":
                await database.execute_fetchall("PRAGMA max_page_count = 1000000")
            else:
                other.execute("ROLLBACK")
            other.close()
            await ada.replies(len(told), TIMEOUT)
            await wait_until_inbox_empty(order)
    assert "hands out updates again" in caplog.text


async def test_a_clock_that_jumps_a_year_and_back_keeps_nobody_waiting_and_forgets_nobody(
    playground: Playground,
    settings: Settings,
    scripted: ScriptedEngine,
    ada: Person,
    grace: Person,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = time.time
    async with SQLiteStore.open(tmp_path / "bot.sqlite3") as store:
        await store.keep_preferences(grace.id, Preferences(album=3))
        application = build_bot(settings, playground, scripted, store)
        async with running_bot(application) as order:
            for days in (0, 400, 0, -400, 0):
                monkeypatch.setattr(time, "time", lambda days=days: usual() + days * 86_400)
                await ada.say("boy")
                await ada.replies(1, TIMEOUT)
            await order.inbox.prune()
            await wait_until_inbox_empty(order)
        assert await store.preferences(grace.id) == Preferences(album=3)
