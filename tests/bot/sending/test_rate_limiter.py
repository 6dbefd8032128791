"""Messages stay within Telegram's limits, and none is lost or sent twice where that can be helped."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from telegram import InputMediaPhoto
from telegram.error import BadRequest, ChatMigrated, NetworkError, TimedOut
from telegram.ext import ExtBot

from bot.playground import Person, Playground
from bot.sending import rate_limiter as module
from bot.sending.rate_limiter import RateLimiter
from bot.sending.retrying_request import RetryingRequest
from bot.sending.sliding_window import Limits, Window
from bot.storage.inbox import Inbox
from bot.storage.outbox import answering

pytestmark = pytest.mark.asyncio(loop_scope="session")

Bot = ExtBot[Any]


def bot_of(playground: Playground, limits: Limits) -> Bot:
    here = {"base_url": playground.base_url, "base_file_url": playground.base_file_url}
    return ExtBot(playground.token, rate_limiter=RateLimiter(limits), **here)


@pytest_asyncio.fixture(loop_scope="session")
async def bot(playground: Playground) -> AsyncIterator[Bot]:
    async with bot_of(playground, Limits(burst=50)) as bot:
        yield bot


@pytest_asyncio.fixture(loop_scope="session")
async def bob(playground: Playground) -> Person:
    bob = playground.person("Bob")
    await bob.start()
    return bob


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def met(ada: Person) -> None:
    """A bot may write only to those who wrote to it."""
    await ada.start()


def said(person: Person) -> list[str]:
    return [seen.text or "photo" for seen in person.messages if seen.from_bot]


async def test_however_much_is_sent_at_once_no_limit_is_exceeded(
    playground: Playground, ada: Person, bob: Person, photo: bytes
) -> None:
    playground.rates.enforced = True
    album = [InputMediaPhoto(photo)] * 4
    async with bot_of(playground, Limits(burst=1)) as bot, asyncio.TaskGroup() as sending:
        for number in range(3):
            sending.create_task(bot.send_message(ada.id, str(number)))
        for _ in range(2):
            sending.create_task(bot.send_media_group(bob.id, album))
    assert said(ada) == ["0", "1", "2"]
    assert len(said(bob)) == 8
    assert playground.rates.breaches() == []
    assert all(call.reply["ok"] for call in playground.traffic)  # nothing was refused


async def test_a_minute_of_a_group_and_a_second_of_all_hold_no_more_wherever_they_begin() -> None:
    now = 0.0
    window = Window(20, 60, lambda: now)
    for now in (10.0, 50.0):  # noqa: B007 - the window's clock
        with window.taking(10):
            assert window.pause(11) == float("inf")  # what is on its way has no end yet
    assert window.pause(10) == pytest.approx(20)
    assert window.pause(11) == pytest.approx(60)
    now = 70.0
    assert window.pause(10) == 0
    assert window.pause(1, reserve=10) == pytest.approx(40)


async def test_a_flood_holds_up_its_chat_only_and_keeps_its_order(
    bot: Bot, playground: Playground, ada: Person, bob: Person
) -> None:
    playground.faults.next("flood", "sendMessage", seconds=1)
    begun = time.monotonic()
    first = asyncio.create_task(bot.send_message(ada.id, "first"))
    await asyncio.sleep(0.2)
    second = asyncio.create_task(bot.send_message(ada.id, "second"))
    await bot.send_message(bob.id, "at once")
    assert not first.done()
    await asyncio.gather(first, second)
    assert time.monotonic() - begun > 1
    assert said(ada) == ["first", "second"]
    assert said(bob) == ["at once"]


async def test_an_album_that_a_flood_cut_in_two_is_sent_again_and_not_for_ever(
    bot: Bot, playground: Playground, ada: Person, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    album = [InputMediaPhoto(photo)] * 3
    playground.faults.next("album_flood", seconds=1, sent=1)
    assert len(await bot.send_media_group(ada.id, album)) == 3
    assert len(said(ada)) == 1 + 3
    monkeypatch.setattr(module, "HALVES", 1)
    playground.faults.next("album_flood", count=2, seconds=1, sent=1)
    with pytest.raises(BadRequest):
        await bot.send_media_group(ada.id, album)
    assert len(said(ada)) == 1 + 3 + 2


@pytest.mark.parametrize(
    ("faults", "copies"),
    [
        (["cut_before"], 1),
        (["cut_after"], 2),
        (["error", "error"], 1),
        (["cut_before", "cut_after"], 2),
        (["cut_after", "cut_before", "cut_before"], 2),
    ],
)
async def test_what_a_cut_or_an_error_took_is_sent_again(
    bot: Bot, playground: Playground, ada: Person, faults: list[Any], copies: int
) -> None:
    for fault in faults:
        playground.faults.next(fault, "sendMessage")
    await bot.send_message(ada.id, "hi")
    assert said(ada) == ["hi"] * copies


async def test_a_line_that_is_cut_each_time_brings_four_copies_at_most(
    bot: Bot, playground: Playground, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_BACKOFF", 0.1)
    playground.faults.next("cut_after", "sendMessage", count=9)
    with pytest.raises(NetworkError):
        await bot.send_message(ada.id, "hi")
    assert said(ada) == ["hi"] * 4


@pytest.mark.parametrize("others_get_through", [False, True])
async def test_an_outage_is_waited_out_but_not_what_fails_while_others_get_through(
    bot: Bot,
    playground: Playground,
    ada: Person,
    bob: Person,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    others_get_through: bool,
) -> None:
    monkeypatch.setattr(module, "LONGEST_BACKOFF", 0.02)
    playground.faults.next("error", "sendMessage", count=3 * module.FAILURES)
    async with Inbox.open(tmp_path / "inbox") as inbox, answering(inbox, 1, again=False):
        answer = asyncio.create_task(bot.send_message(ada.id, "hi"))
        while others_get_through and not answer.done():
            await bot.get_me()
            await asyncio.sleep(0.001)
        if others_get_through:
            with pytest.raises(NetworkError):
                await answer
        else:
            await answer
    assert said(ada) == [] if others_get_through else ["hi"]


async def test_what_was_sent_before_a_restart_counts_after_it(
    playground: Playground, ada: Person, tmp_path: Path
) -> None:
    group = playground.group("Friends", ada)
    async with Inbox.open(tmp_path / "inbox") as inbox:
        await inbox.add([{"update_id": 1}])
        for _ in range(2):
            async with bot_of(playground, Limits(100, 3, 100)) as bot, answering(inbox, 1, again=False):
                limiter = bot.rate_limiter
                assert isinstance(limiter, RateLimiter)
                await limiter.recall(inbox)
                begun = time.monotonic()
                async with asyncio.timeout(5):
                    await bot.send_message(ada.id, "hi")
                assert time.monotonic() - begun > module.SETTLING * 0.9
                with suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        for _ in range(3):
                            await bot.send_message(group.id, "hi")
    assert playground.rates.most(60, group.id) == 3


async def test_what_was_said_in_a_topic_that_is_gone_is_answered_outside_of_it(
    bot: Bot, playground: Playground, ada: Person
) -> None:
    group = playground.group("Friends", ada, topics=True)
    sent = await bot.send_message(group.id, "hi", message_thread_id=99)
    assert (sent.text, sent.message_thread_id) == ("hi", None)


async def test_what_timed_out_has_probably_arrived_and_is_not_sent_again(
    bot: Bot, playground: Playground, ada: Person
) -> None:
    playground.faults.next("slow", "sendMessage", seconds=0.5)
    with pytest.raises(TimedOut):
        await bot.send_message(ada.id, "hi", read_timeout=0.1)
    await asyncio.sleep(1)
    assert said(ada) == ["hi"]


async def test_while_telegram_is_out_of_reach_an_answer_waits(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    playground = Playground(port)
    there = playground.person("Ada")
    async with Inbox.open(tmp_path / "inbox") as inbox:
        bot: Bot = ExtBot(
            playground.token, f"http://127.0.0.1:{port}/bot", rate_limiter=RateLimiter(Limits())
        )
        await bot.request.initialize()
        with pytest.raises(NetworkError):  # nobody asked: no reason to wait
            await bot.send_message(there.id, "hi")
        async with answering(inbox, 1, again=False):
            answer = asyncio.create_task(bot.send_message(there.id, "hi"))
        await asyncio.sleep(0.3)
        assert not answer.done()
        async with playground:
            await there.start()
            await answer
            assert said(there) == ["hi"]
            await bot.request.shutdown()


async def test_a_file_that_does_not_come_is_asked_for_again(
    playground: Playground, ada: Person, photo: bytes
) -> None:
    sent = await ada.send_photo(photo)
    here = {"base_url": playground.base_url, "base_file_url": playground.base_file_url}
    async with ExtBot[Any](playground.token, request=RetryingRequest(), **here) as bot:
        file = await bot.get_file(sent.photo)
        playground.faults.next("cut_before", "download")
        playground.faults.next("error", "download")
        playground.faults.next("flood", "download", seconds=1)
        assert await file.download_as_bytearray() == playground.file(sent.photo)


async def test_what_no_request_can_be_made_of_is_tried_once(bot: Bot) -> None:
    async with asyncio.timeout(1):
        with pytest.raises(NetworkError, match="UnicodeEncodeError"):
            await bot.get_file("half a letter: \ud83d")


async def test_a_group_that_moved_is_followed_and_not_asked_again() -> None:
    limiter, asked = RateLimiter(Limits()), []

    async def telegram(endpoint: str, data: dict[str, Any]) -> bool:
        asked.append(data)
        if data["chat_id"] == -5:
            raise ChatMigrated(-1005)
        return True

    for _ in range(2):
        given = {"chat_id": -5, "text": "hi", "reply_parameters": {"message_id": 1}}
        await limiter.process_request(telegram, (), {}, "sendMessage", given, None)
    assert [data["chat_id"] for data in asked] == [-5, -1005, -1005]
    assert "reply_parameters" not in asked[-1]  # the numbers of messages are others there
