"""Updates are answered even if the process is killed, and forgotten once answered."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from bot.playground import Person, Playground
from bot.storage import database
from bot.storage import inbox as inbox_module
from bot.storage.inbox import Inbox
from tests.bot.harness import TIMEOUT

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT = Path(__file__).resolve().parents[3]


@pytest_asyncio.fixture(loop_scope="session")
async def inbox(tmp_path: Path) -> AsyncIterator[Inbox]:
    async with Inbox.open(tmp_path / "inbox.sqlite3") as inbox:
        yield inbox


def update(number: int) -> dict[str, object]:
    return {"update_id": number, "message": {"text": "a secret of Ada's"}}


async def test_an_update_that_is_delivered_twice_is_new_once(inbox: Inbox) -> None:
    assert await inbox.add([update(1), update(2)]) == [update(1), update(2)]
    await inbox.mark_answered([1])
    assert await inbox.add([update(1), update(2), update(3)]) == [update(3)]
    assert await inbox.waiting() == [update(2), update(3)]


async def test_an_answered_update_is_erased_from_every_file(inbox: Inbox, tmp_path: Path) -> None:
    def stored() -> bytes:
        return b"".join(file.read_bytes() for file in tmp_path.iterdir())

    await inbox.add([update(1)])
    await inbox.record_reply(1, "sendMessage", {"text": "an answer to it"})
    assert b"a secret" in stored()
    assert await inbox.recorded_replies(1) == [("sendMessage", {"text": "an answer to it"})]
    await inbox.mark_answered([1])
    assert b"a secret" not in stored()
    assert b"an answer" not in stored()
    await inbox.record_reply(1, "sendPhoto", True)  # too late to matter
    assert await inbox.recorded_replies(1) == []


async def test_an_answer_that_could_not_be_recorded_is_recorded_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 0.01)
    file = tmp_path / "inbox.sqlite3"
    async with Inbox.open(file) as inbox:
        await inbox.add([update(1), update(2), update(3)])
        with closing(sqlite3.connect(file, isolation_level=None)) as other_process:
            other_process.execute("BEGIN IMMEDIATE")
            await inbox.mark_answered([1])
            await inbox.mark_answered([2])
        assert await inbox.waiting() == [update(1), update(2), update(3)]
        await inbox.mark_the_rest()
        assert await inbox.waiting() == [update(3)]


async def test_an_update_is_stored_while_the_write_ahead_log_is_emptied_twice(inbox: Inbox) -> None:
    for number in range(100):  # most of the time, a checkpoint fails while another one runs
        emptied = inbox._empty_the_wal(), inbox._empty_the_wal()
        await asyncio.gather(emptied[0], inbox.add([update(number)]), emptied[1])
    assert len(await inbox.waiting()) == 100


async def test_an_update_id_is_known_for_two_days(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    await inbox.add([update(1), update(2)])
    await inbox.mark_answered([1])
    now = time.time()
    monkeypatch.setattr(inbox_module.time, "time", lambda: now + 47 * 3600)
    await inbox.prune()
    assert await inbox.add([update(1)]) == []
    monkeypatch.setattr(inbox_module.time, "time", lambda: now + 49 * 3600)
    await inbox.prune()
    assert await inbox.add([update(1)]) == [update(1)]
    assert len(await inbox.waiting()) == 2  # unanswered updates are never dropped


async def started(playground: Playground, home: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bot.bot_process",
        playground.base_url,
        playground.token,
        str(home),
        cwd=ROOT,
    )


@pytest.mark.parametrize("signals", [[signal.SIGKILL], [signal.SIGTERM, signal.SIGTERM]])
async def test_a_killed_bot_resumes_after_a_restart_and_repeats_nothing(
    playground: Playground, ada: Person, photo: bytes, tmp_path: Path, signals: list[signal.Signals]
) -> None:
    hold, held = tmp_path / "hold", tmp_path / "held"
    hold.touch()  # the text under the album waits
    bot = await started(playground, tmp_path)
    await ada.send_photo(photo)
    await ada.say("boy")
    async with asyncio.timeout(TIMEOUT):
        while not held.exists():  # noqa: ASYNC110 - by then the album is recorded
            await asyncio.sleep(0.01)
    album = [message for message in ada.messages if message.from_bot]
    for number in signals:
        bot.send_signal(number)
        await asyncio.sleep(0.5)
    async with asyncio.timeout(3):  # the text would have had five
        assert await bot.wait() in {-signal.SIGKILL, 128 + signal.SIGTERM}
    assert [message for message in ada.messages if message.from_bot] == album
    hold.unlink()
    (tmp_path / "changed").touch()  # other images are found now: what was sent is not taken for them
    bot = await started(playground, tmp_path)
    await ada.wait_for(lambda message: "girl" in message.text, TIMEOUT)
    bot.terminate()
    assert await bot.wait() == 0
    answers = [message for message in ada.messages if message.from_bot]
    assert [bool(message.photo) for message in answers] == [*[True] * 10, False, False]
    assert answers[:10] == album
    store = tmp_path / f"bot-{playground.token.partition(':')[0]}.sqlite3"
    with closing(sqlite3.connect(store)) as database:
        assert database.execute("SELECT count(*) FROM files").fetchone() == (0,)


async def test_readable_updates_of_a_damaged_inbox_are_still_answered(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "inbox.sqlite3"
    async with Inbox.open(file) as inbox:
        await inbox.add([update(number) for number in range(500)])
    content = bytearray(file.read_bytes())
    page = content.index(b'"update_id": 250,') // 4_096
    content[page * 4_096 : (page + 1) * 4_096] = b"\xff" * 4_096
    file.write_bytes(content)
    async with Inbox.open(file) as inbox:
        waiting = await inbox.waiting()
        assert 400 < len(waiting) < 500
        assert waiting[0] == update(0)
        assert waiting[-1] == update(499)
        assert await inbox.add([update(499), update(500)]) == [update(500)]
        await inbox._database.execute("UPDATE updates SET said = '{\"upd' WHERE id = 0")
        assert (await inbox.waiting())[0] == update(1)
    recovered, given_up = caplog.messages
    assert "was damaged" in recovered
    assert "given up" in given_up
