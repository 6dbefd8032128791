"""Processes of one bot that send at the same time exceed none of Telegram's limits together."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from telegram import InputMediaPhoto
from telegram.ext import ExtBot

pytest.importorskip("psycopg", reason="no PostgreSQL: ModuleNotFoundError")

from bot.playground import Person, Playground
from bot.sending import shared_limits
from bot.sending.rate_limiter import RateLimiter
from bot.sending.shared_limits import SharedLimits
from bot.sending.sliding_window import SendLimits
from bot.storage.postgres import front as front_module
from bot.storage.postgres.opening import opened_postgres
from bot.storage.postgres.send_log import Entry, SendLog, Sent
from tests.postgres import SharedDatabase


@pytest.fixture
def database(postgres_url: str) -> SharedDatabase:
    return SharedDatabase(postgres_url)


@asynccontextmanager
async def joined(database: SharedDatabase) -> AsyncIterator[SendLog]:
    """Join as one more front."""
    async with opened_postgres(database.url, database.bot) as storage:
        await storage.inbox._front.join()
        yield storage.send_log


@asynccontextmanager
async def bots(
    count: int, database: SharedDatabase, playground: Playground, limits: SendLimits
) -> AsyncIterator[list[ExtBot[Any]]]:
    """Processes' bots, each with a limiter of its own."""
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(count):
            shared = SharedLimits(limits, await stack.enter_async_context(joined(database)))
            bot = ExtBot[Any](
                playground.token,
                base_url=playground.base_url,
                base_file_url=playground.base_file_url,
                rate_limiter=RateLimiter(limits, shared=shared),
            )
            opened.append(await stack.enter_async_context(bot))
        yield opened


async def test_two_processes_together_exceed_no_limit(
    database: SharedDatabase, playground: Playground, photo: bytes
) -> None:
    people = [playground.person(f"Ada {number}") for number in range(24)]
    for person in people:
        await person.start()
    playground.rates.enforced = True
    async with bots(2, database, playground, SendLimits()) as senders, asyncio.TaskGroup() as sending:
        for person, bot in zip(people, itertools.cycle(senders)):
            for other in (bot, senders[0]):  # both processes send to half of the chats
                sending.create_task(other.send_message(person.id, "hi"))
        for bot in senders:
            sending.create_task(bot.send_media_group(people[0].id, [InputMediaPhoto(photo)] * 10))
    assert playground.rates.breaches() == []
    assert len(playground.rates.sent) == 48 + 20
    assert playground.rates.most(1) > 15  # neither has half of the limit to itself
    assert all(call.reply["ok"] for call in playground.call_log)  # nothing was refused


async def test_a_groups_limit_holds_for_both(
    database: SharedDatabase, playground: Playground, ada: Person
) -> None:
    await ada.start()
    group = playground.group("Friends", ada)
    limits = SendLimits(burst=100, group=3, overall=100)
    async with bots(2, database, playground, limits) as (first, second):
        for bot in (first, second, first):
            await bot.send_message(group.id, "hi")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(second.send_message(group.id, "hi"), 0.5)
    assert playground.rates.most(60, group.id) == 3


async def test_a_message_waits_for_those_before_it_and_for_none_behind_it(database: SharedDatabase) -> None:
    async with joined(database) as first, joined(database) as second:
        entries = [
            await log.enter(chat, messages, lambda _: 0.0)
            for log, chat, messages in ((first, "1", 10), (second, "2", 20), (first, "3", 1))
        ]
        assert await first.ahead(entries[0]) == []
        assert await second.ahead(entries[1]) == [Sent(10, None)]
        await second.arrived(entries[1])
        (album, single) = await first.ahead(entries[2])
        assert (album, single.messages) == (Sent(10, None), 20)
        assert single.seconds_ago is not None
        assert 0 <= single.seconds_ago < 1


async def test_a_request_that_is_cancelled_while_it_waits_holds_no_room(database: SharedDatabase) -> None:
    async with joined(database) as log:
        limits = SharedLimits(SendLimits(overall=1), log)
        async with limits.counted(1, 1):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3), limits.counted(2, 1):
                    raise AssertionError
        last = await log.enter("3", 1, lambda _: 0.0)
        assert all(sent.seconds_ago is not None for sent in await log.ahead(last))


async def test_what_a_dead_process_was_sending_counts_until_it_must_have_arrived(
    database: SharedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_module, "BEAT_INTERVAL", 0.05)
    async with joined(database) as dead, joined(database) as log:
        await dead.enter("1", 5, lambda _: 0.0)
        entry = await log.enter("2", 1, lambda _: 0.0)
        assert await log.ahead(entry) == [Sent(5, None)]
        await dead._front._leave()
        (sent,) = await log.ahead(entry)
        assert sent.seconds_ago is not None
        assert sent.seconds_ago < 1


async def test_a_front_that_was_removed_while_it_waited_sends_nothing(database: SharedDatabase) -> None:
    async with joined(database) as log:
        limits = SharedLimits(SendLimits(overall=1), log)
        first = await log.enter("1", 1, lambda _: 0.0)
        assert isinstance(first, Entry)

        async def send() -> None:
            async with limits.counted(2, 1):
                raise AssertionError

        sending = asyncio.create_task(send())
        await asyncio.sleep(0.2)
        await log._connections.fetch("DELETE FROM fronts")
        await log.arrived(first)
        _, waiting = await asyncio.wait([sending], timeout=1.5)
        assert waiting
        sending.cancel()


async def test_an_answer_of_before_a_long_pause_is_asked_for_again(
    database: SharedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_limits, "MAX_AGE", 0.2)
    asked = []
    async with joined(database) as log:
        ahead = log.ahead

        async def ahead_of_a_pause(entry: Entry) -> list[Sent]:
            asked.append(entry)
            sent = await ahead(entry)
            await asyncio.sleep(0.3 * (len(asked) == 1))
            return sent

        monkeypatch.setattr(log, "ahead", ahead_of_a_pause)
        async with SharedLimits(SendLimits(), log).counted(1, 1):
            assert len(asked) > 1
