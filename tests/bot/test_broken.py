"""What breaks while the bot runs is reported, and no question is lost."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from bot import lifecycle
from bot.playground import Person, Playground
from bot.settings import Settings
from bot.storage import database
from bot.storage.store import SQLiteStore
from bot.updates import receiver
from engine.settings import ARTIFACT_DIR
from handlers.store import Preferences
from tests.bot.fork_server import ForkServer, Process
from tests.bot.harness import TIMEOUT, ScriptedEngine, build_bot, running_bot, wait_until_inbox_empty


def start(server: ForkServer, playground: Playground, home: Path, failure: str) -> Process:
    """Start a bot whose engine fails like this."""
    environment = {
        "KINDRED_TOKEN": playground.token,
        "KINDRED_BASE_URL": playground.base_url,
        "KINDRED_BASE_FILE_URL": playground.base_file_url,
        "KINDRED_GRACE": "0.5",
        "KINDRED_BURST": "100",
        "KINDRED_HOME": str(home),
    }
    return server.start(
        "tests.bot.broken_bot", failure, environment=environment, output_file=home / f"{failure}.log"
    )


@pytest.mark.parametrize("failure", ["hangs", "dies"])
async def test_an_engine_that_hangs_or_dies_ends_the_process_and_the_next_one_answers(
    fork_server: ForkServer,
    playground: Playground,
    ada: Person,
    grace: Person,
    photo: bytes,
    tmp_path: Path,
    failure: str,
) -> None:
    bot = start(fork_server, playground, tmp_path, failure)
    question = await ada.send_photo(photo)
    await grace.say("a dog on a beach")
    await grace.send_photo(photo)
    assert await bot.wait(TIMEOUT) == 1
    lines = bot.output.splitlines()
    assert sum("CRITICAL" in line and "silent" in line and "started again" in line for line in lines) == 1
    assert "Traceback" not in bot.output or failure == "dies"  # Python's own word on the thread
    silent_since = time.time() - (tmp_path / "alive").stat().st_mtime
    bot = start(fork_server, playground, tmp_path, "works")
    await ada.wait_for(lambda seen: seen.reply_to == question.id and "dog" in seen.text, TIMEOUT)
    await grace.wait_for(lambda seen: seen.from_bot and "dog" in seen.text, TIMEOUT)
    bot.terminate()
    assert await bot.wait(TIMEOUT) == 0
    assert silent_since > 0.4  # of the second that it hung: no heartbeat in its last half


async def test_a_bot_that_is_stopped_while_its_engine_hangs_does_not_wait_for_it(
    fork_server: ForkServer, playground: Playground, ada: Person, photo: bytes, tmp_path: Path
) -> None:
    bot = start(fork_server, playground, tmp_path, "hangs")
    await ada.send_photo(photo)
    async with asyncio.timeout(TIMEOUT):
        while not any("action" in call.parameters for call in playground.call_log):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    bot.terminate()
    # The engine may have been silent for so long that it counts as hung. A container is killed after 30 s.
    assert await bot.wait(25) in {0, 1}


async def test_a_bot_of_which_something_does_not_end_is_stopped_by_its_deadline(
    fork_server: ForkServer, playground: Playground, ada: Person, photo: bytes, tmp_path: Path
) -> None:
    assert 20 + lifecycle.STOP_MARGIN < 30  # seconds after which a container is killed; 20 are the grace
    bot = start(fork_server, playground, tmp_path, "stays")
    await ada.send_photo(photo)
    async with asyncio.timeout(TIMEOUT):
        while not any("action" in call.parameters for call in playground.call_log):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    bot.terminate()
    assert await bot.wait(25) == 0
    assert "Not all has ended in time" in bot.output


async def test_weights_that_are_damaged_are_one_line_and_the_process_ends(
    fork_server: ForkServer, playground: Playground, tmp_path: Path
) -> None:
    damaged = tmp_path / "artifact"
    shutil.copytree(ARTIFACT_DIR, damaged)
    os.truncate(damaged / "network.safetensors", 1_000_000)
    environment = {
        "KINDRED_TOKEN": playground.token,
        "KINDRED_HOME": str(tmp_path),
        "KINDRED_ARTIFACT": str(damaged),
    }
    bot = fork_server.start("bot", "run", environment=environment, output_file=tmp_path / "output.log")
    assert await bot.wait(TIMEOUT) == 1
    (line,) = bot.output.splitlines()
    assert line.startswith("kindred: ")
    assert "network.safetensors is not the file that manifest.json was written for" in line


@pytest.mark.parametrize("fault", ["full", "locked"])
async def test_while_the_disk_is_full_or_locked_nothing_is_confirmed_and_later_all_is_answered(
    playground: Playground,
    settings: Settings,
    scripted: ScriptedEngine,
    ada: Person,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 0.1)
    monkeypatch.setattr(receiver, "MAX_BACKOFF", 0.1)
    caplog.set_level(logging.INFO, "bot.updates.receiver")
    file = tmp_path / "inbox.sqlite3"
    async with SQLiteStore.open(tmp_path / "bot.sqlite3") as store:
        application = build_bot(settings, playground, scripted, store)
        async with running_bot(application, inbox=file) as dispatcher:
            await ada.say("boy")
            await ada.replies(1, TIMEOUT)
            await wait_until_inbox_empty(dispatcher)
            inbox = dispatcher.inbox._database
            other_process = sqlite3.connect(file, isolation_level=None)
            if fault == "full":
                await inbox.execute_fetchall("PRAGMA max_page_count = 1")  # as many as there are
            else:
                other_process.execute("BEGIN IMMEDIATE")
            questions = [await ada.say(f"{n} " + "x" * 4_000) for n in range(8)]
            await polled(playground, 4)
            assert not [seen for seen in ada.messages if seen.from_bot and seen.id > questions[0].id]
            assert caplog.text.count("cannot be stored, and stay with Telegram") == 1
            assert not caplog.text.count("Traceback")
            if fault == "full":
                await inbox.execute_fetchall("PRAGMA max_page_count = 1000000")
            else:
                other_process.execute("ROLLBACK")
            other_process.close()
            await ada.replies(len(questions), TIMEOUT)
            await wait_until_inbox_empty(dispatcher)
    assert "hands out updates again" in caplog.text


async def polled(playground: Playground, times: int) -> None:
    """Wait until the bot has fetched updates so many times more."""
    before = len(playground.call_log)

    def polls() -> int:
        return sum(call.method.lower() == "getupdates" for call in playground.call_log[before:])

    async with asyncio.timeout(TIMEOUT):
        while polls() < times:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_clock_that_jumps_a_year_and_back_delays_and_deletes_nothing(
    playground: Playground,
    settings: Settings,
    scripted: ScriptedEngine,
    ada: Person,
    grace: Person,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real_time = time.time
    async with SQLiteStore.open(tmp_path / "bot.sqlite3") as store:
        await store.keep_preferences(grace.id, Preferences(album=3))
        application = build_bot(settings, playground, scripted, store)
        async with running_bot(application) as dispatcher:
            for days in (0, 400, 0, -400, 0):
                monkeypatch.setattr(time, "time", lambda days=days: real_time() + days * 86_400)
                await ada.say("boy")
                await ada.replies(1, TIMEOUT)
            await dispatcher.inbox.prune()
            await wait_until_inbox_empty(dispatcher)
        assert await store.preferences(grace.id) == Preferences(album=3)
