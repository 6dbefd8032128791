"""What an inbox promises, whichever database it is in."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.storage import inbox as inbox_module
from bot.storage.inbox import Inbox
from tests.bot.harness import TIMEOUT, deliver
from tests.bot.storage.conftest import Database


def update(number: int, chat: int = 7) -> dict[str, object]:
    return {"update_id": number, "message": {"text": "a \u0000 and a lone \ud83d", "chat": {"id": chat}}}


async def test_an_update_that_is_delivered_twice_is_new_once(inbox: Inbox) -> None:
    assert await deliver(inbox, [update(1), update(2)]) == [update(1), update(2)]
    await inbox.mark_answered([1])
    assert await deliver(inbox, [update(1), update(2), update(3)]) == [update(3)]
    assert await inbox.waiting() == [update(2), update(3)]


async def test_replies_are_known_until_their_update_is_answered(inbox: Inbox) -> None:
    await deliver(inbox, [update(1), update(2)])
    replies = [("sendPhoto", True), ("sendMessage", {"message_id": 7, "text": "an answer to it"})]
    for method, reply in replies:
        await inbox.record_reply(1, method, reply)
    assert await inbox.recorded_replies(1) == replies
    await inbox.record_reply(2, "sendPhoto", True)
    await inbox.mark_answered([1])
    await inbox.record_reply(1, "sendPhoto", True)  # too late to matter
    assert await inbox.recorded_replies(1) == []
    assert await inbox.recorded_replies(2) == [("sendPhoto", True)]


async def test_attempts_are_counted_until_an_answer_was_near(inbox: Inbox) -> None:
    await deliver(inbox, [update(1), update(2)])
    assert [await inbox.start_attempt(1) for _ in range(3)] == [0, 1, 2]
    assert await inbox.start_attempt(2) == 0
    assert await inbox.crash_suspects() == {1}
    await inbox.clear_suspicion(1)
    assert await inbox.crash_suspects() == set()


async def test_an_update_id_is_known_for_two_days(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    await deliver(inbox, [update(1), update(2)])
    await inbox.mark_answered([1])
    now = time.time()
    for hours, waiting in ((47, [update(2)]), (49, [update(1), update(2)])):
        monkeypatch.setattr(inbox_module.time, "time", lambda seconds=now + hours * 3600: seconds)
        await inbox.prune()
        await inbox.add([update(1)])
        assert await inbox.waiting() == waiting  # what is not answered is never dropped


async def test_what_is_not_answered_waits_for_the_next_process(database: Database) -> None:
    async with database.inbox() as inbox:
        await deliver(inbox, [update(1), update(2, chat=8)])
        await inbox.start_attempt(2)
    async with database.inbox() as inbox:
        left = await inbox.held()
        async with asyncio.timeout(TIMEOUT):
            async for updates, is_retry in inbox.assigned(lambda: 0.0):
                left += updates
                assert is_retry == (update(2, chat=8) in updates)
                if len(left) == 2:
                    break
        assert left == [update(1), update(2, chat=8)]
        assert await inbox.start_attempt(2) == 1
