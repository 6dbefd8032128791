"""Updates are answered even if the process is killed, and forgotten once answered."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.playground import Person, Playground
from bot.storage import database
from bot.storage import inbox as inbox_module
from bot.storage.inbox import Inbox
from handlers.store import StoreUnavailableError
from tests.bot.fork_server import ForkServer, Process
from tests.bot.harness import TIMEOUT

pytestmark = pytest.mark.asyncio(loop_scope="session")


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


async def test_who_has_a_database_alone_asks_telegram_for_updates(inbox: Inbox) -> None:
    assert inbox.may_poll is True


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
        await inbox.record_the_rest()
        assert await inbox.waiting() == [update(3)]


async def test_replies_that_could_not_be_recorded_are_recorded_before_the_next_one(inbox: Inbox) -> None:
    """Else the text of an answer would be known and its album not: a restart would send that again."""
    await inbox.add([update(1), update(2)])
    await inbox._database.execute("PRAGMA query_only = ON")
    await inbox.record_reply(1, "sendMediaGroup", [{"message_id": 5}])
    await inbox.record_reply(2, "sendMessage", {"message_id": 6})
    assert await inbox.recorded_replies(1) == []
    await inbox._database.execute("PRAGMA query_only = OFF")
    await inbox.record_reply(1, "sendMessage", {"message_id": 7})
    album, text = ("sendMediaGroup", [{"message_id": 5}]), ("sendMessage", {"message_id": 7})
    assert await inbox.recorded_replies(1) == [album, text]
    assert await inbox.recorded_replies(2) == [("sendMessage", {"message_id": 6})]
    await inbox.record_the_rest()
    assert len(await inbox.recorded_replies(1)) == 2  # nothing is recorded twice


async def test_a_reply_that_could_not_be_recorded_is_recorded_when_there_is_room(inbox: Inbox) -> None:
    await inbox.add([update(1)])
    await inbox._database.execute("PRAGMA query_only = ON")
    await inbox.record_reply(1, "sendMessage", True)
    await inbox._database.execute("PRAGMA query_only = OFF")
    await inbox.record_the_rest()
    assert await inbox.recorded_replies(1) == [("sendMessage", True)]


async def test_a_reply_whose_answer_is_cancelled_meanwhile_is_recorded_once(inbox: Inbox) -> None:
    """Else a second message of the same kind would count as sent after a restart."""
    await inbox.add([update(1)])
    count = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT sum(i) FROM n"
    )
    busy = asyncio.create_task(inbox._database.execute_fetchall(count))
    recording = asyncio.create_task(inbox.record_reply(1, "sendMessage", {"message_id": 5}))
    await asyncio.sleep(0.01)  # the database has both statements
    recording.cancel()
    await asyncio.wait([busy, recording])
    await inbox.record_the_rest()
    assert await inbox.recorded_replies(1) == [("sendMessage", {"message_id": 5})]


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


async def pragma(inbox: Inbox, name: str) -> Any:
    """Return what SQLite says of a setting of the database."""
    rows = await inbox._database.execute_fetchall(f"PRAGMA {name}")
    return next(iter(rows))[0]


async def test_what_is_stored_survives_a_power_cut_and_what_is_deleted_no_search_of_the_disk(
    inbox: Inbox,
) -> None:
    full, on = 2, 1
    assert await pragma(inbox, "synchronous") == full  # each commit is flushed before it returns
    assert await pragma(inbox, "journal_mode") == "wal"
    assert await pragma(inbox, "secure_delete") == on
    assert await pragma(inbox, "user_version") == 1  # a newer number would lock out an older Kindred
    assert await pragma(inbox, "busy_timeout") == 10_000  # ms, for another process that writes


async def test_an_update_is_suspected_after_two_attempts_without_an_answer(inbox: Inbox) -> None:
    await inbox.add([update(1), update(2), update(3)])
    assert [await inbox.start_attempt(1) for _ in range(3)] == [0, 1, 2]
    assert await inbox.start_attempt(2) == 0
    assert [await inbox.start_attempt(3) for _ in range(2)] == [0, 1]
    assert await inbox.crash_suspects() == {1, 3}
    await inbox.clear_suspicion(1)
    assert await inbox.crash_suspects() == {3}
    assert await inbox.start_attempt(1) == 1
    await inbox.mark_answered([3])
    assert await inbox.crash_suspects() == {1}
    assert await inbox.start_attempt(9) == 0  # there is no such update


async def test_the_updates_of_an_album_are_answered_together(inbox: Inbox) -> None:
    await inbox.add([update(number) for number in (1, 2, 3)])
    await inbox.record_reply(3, "sendMessage", {"message_id": 7})
    await inbox.mark_answered([1, 2])
    assert await inbox.waiting() == [update(3)]
    assert await inbox.recorded_replies(3) == [("sendMessage", {"message_id": 7})]


async def test_what_was_sent_counts_for_a_minute(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr(inbox_module.time, "time", lambda: now)
    await inbox.record_sending(-5, 10)
    now += 20
    await inbox.record_sending(7, 1)
    now += 39
    assert await inbox.recent_sends() == [(-5, 10, 59.0), (7, 1, 39.0)]
    now += 1
    assert await inbox.recent_sends() == [(7, 1, 40.0)]
    now += 1
    await inbox.record_sending(7, 2)
    assert await inbox._database.execute_fetchall("SELECT count(*) FROM sent") == [(2,)]
    now -= 30  # a clock that is set back
    assert await inbox.recent_sends() == [(7, 1, 11.0), (7, 2, 0.0)]


async def test_an_answer_may_just_have_been_sent_if_an_update_waits_or_came_in_the_last_minute(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000_000.0
    monkeypatch.setattr(inbox_module.time, "time", lambda: now)
    assert not await inbox.recently_active()
    await inbox.add([update(1)])
    now += 3_600
    assert await inbox.recently_active()
    await inbox.mark_answered([1])
    assert not await inbox.recently_active()
    now -= 3_600 - 59
    assert await inbox.recently_active()
    now += 1
    assert not await inbox.recently_active()


async def test_an_inbox_that_cannot_be_written_is_logged_and_assumes_the_worst(
    inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    for table in ("updates", "effects", "sent"):
        await inbox._database.execute(f"DROP TABLE {table}")
    assert await inbox.start_attempt(1) == 0
    assert await inbox.crash_suspects() == frozenset()
    assert await inbox.recent_sends() == []
    assert await inbox.recently_active()
    assert await inbox.recorded_replies(1) == []
    await inbox.clear_suspicion(1)
    await inbox.record_sending(1, 1)
    await inbox.record_reply(1, "sendMessage", True)
    await inbox.mark_answered([1])
    await inbox.prune()
    assert len(caplog.messages) == 10
    assert all("cannot be written" in message for message in caplog.messages)
    with pytest.raises(StoreUnavailableError):  # what is not stored must not be confirmed
        await inbox.add([update(1)])


async def test_what_is_recorded_is_not_written_again(inbox: Inbox, caplog: pytest.LogCaptureFixture) -> None:
    await inbox.add([update(1), update(2)])
    await inbox.record_reply(1, "sendMessage", True)
    await inbox.mark_answered([1])
    await inbox._database.execute("PRAGMA query_only = ON")
    await inbox.record_the_rest()
    assert not caplog.messages


async def test_answered_updates_are_erased_from_the_log_when_ids_are_dropped(
    inbox: Inbox, tmp_path: Path
) -> None:
    """While another update waits, the write-ahead log keeps what was answered."""
    await inbox.add([update(1), update(2)])
    await inbox.mark_answered([1])
    log = tmp_path / "inbox.sqlite3-wal"
    assert (await asyncio.to_thread(log.stat)).st_size
    await inbox.prune()
    assert not (await asyncio.to_thread(log.stat)).st_size


async def test_a_file_that_cannot_be_opened_is_named_with_the_reason(tmp_path: Path) -> None:
    for file, reason in (
        (tmp_path / "nowhere" / "inbox.sqlite3", "No such file or directory"),
        (tmp_path, "unable to open database file"),
    ):
        with pytest.raises(database.StoreError) as caught:
            async with Inbox.open(file):
                pass
        assert str(caught.value) == f"{file} cannot be opened: {reason}."


async def test_a_damaged_file_that_cannot_be_replaced_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def recover(*_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(database, "recover", recover)
    file = tmp_path / "inbox.sqlite3"
    file.write_bytes(b"no database" * 1_000)
    with pytest.raises(database.StoreError) as caught:
        async with Inbox.open(file):
            pass
    assert str(caught.value).startswith(f"{file} is damaged, and cannot be replaced: ")
    assert "No space left" in str(caught.value)


async def test_ids_are_forgotten_after_exactly_two_days(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000_000.0
    monkeypatch.setattr(inbox_module.time, "time", lambda: now)
    await inbox.add([update(1)])
    await inbox.mark_answered([1])
    for later, expected in ((48 * 3600, []), (48 * 3600 + 1, [update(1)])):
        monkeypatch.setattr(inbox_module.time, "time", lambda seconds=now + later: seconds)
        await inbox.prune()
        assert await inbox.add([update(1)]) == expected


@pytest.mark.parametrize("stored", ["[1]", '{"update_id": true}', '{"update_id": "1"}', "{}", "{"])
async def test_a_stored_update_that_is_none_is_given_up(
    inbox: Inbox, caplog: pytest.LogCaptureFixture, stored: str
) -> None:
    await inbox.add([update(1), update(2)])
    await inbox._database.execute("UPDATE updates SET said = ? WHERE id = 1", (stored,))
    assert await inbox.waiting() == [update(2)]
    assert caplog.messages == ["A stored update cannot be read and is given up"]


def started(server: ForkServer, playground: Playground, home: Path) -> Process:
    return server.start(
        "tests.bot.bot_process", playground.base_url, playground.token, str(home),
        environment={}, output_file=home / "output.log",
    )  # fmt: skip


@pytest.mark.parametrize("signals", [[signal.SIGKILL], [signal.SIGTERM, signal.SIGTERM]])
async def test_a_killed_bot_resumes_after_a_restart_and_repeats_nothing(
    fork_server: ForkServer,
    playground: Playground,
    ada: Person,
    photo: bytes,
    tmp_path: Path,
    signals: list[signal.Signals],
) -> None:
    hold, held = tmp_path / "hold", tmp_path / "held"
    hold.touch()  # the text under the album waits
    bot = started(fork_server, playground, tmp_path)
    await ada.send_photo(photo)
    await ada.say("boy")
    async with asyncio.timeout(TIMEOUT):
        while not held.exists():  # noqa: ASYNC110 - by then the album is recorded
            await asyncio.sleep(0.01)
    album = [message for message in ada.messages if message.from_bot]
    for number in signals:
        os.kill(bot.id, number)
        await asyncio.sleep(0.5)
    # The text would have had five seconds.
    assert await bot.wait(3) in {-signal.SIGKILL, 128 + signal.SIGTERM}
    assert [message for message in ada.messages if message.from_bot] == album
    hold.unlink()
    (tmp_path / "changed").touch()  # other images are found now: what was sent is not taken for them
    bot = started(fork_server, playground, tmp_path)
    await ada.wait_for(lambda message: "girl" in message.text, TIMEOUT)
    bot.terminate()
    assert await bot.wait(TIMEOUT) == 0
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
