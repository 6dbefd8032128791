"""Messages stay within Telegram's limits; failed calls are repeated where that cannot do harm."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from telegram import InputMediaPhoto
from telegram.error import BadRequest, ChatMigrated, NetworkError, TimedOut
from telegram.ext import ExtBot

from bot.playground import Person, Playground
from bot.sending import rate_limiter, retry_policy
from bot.sending.rate_limiter import RateLimiter
from bot.sending.retrying_request import RetryingRequest
from bot.sending.sliding_window import SendLimits
from bot.storage.inbox import Inbox
from bot.storage.outbox import use_outbox
from tests.bot.sending.simulated_clock import SimulatedClock

pytestmark = pytest.mark.asyncio(loop_scope="session")

TIMEOUT = 60.0  # seconds: a busy machine must not fail a test

Bot = ExtBot[Any]
MakeBot = Callable[[SendLimits], Bot]


@pytest.fixture
def clock() -> SimulatedClock:
    """The clock of both the bot and Telegram."""
    return SimulatedClock()


@pytest_asyncio.fixture(loop_scope="session")
async def playground(clock: SimulatedClock) -> AsyncIterator[Playground]:
    async with Playground(clock=clock) as playground:
        yield playground


@pytest.fixture
def make_bot(playground: Playground, clock: SimulatedClock) -> MakeBot:
    def make(limits: SendLimits) -> Bot:
        limiter = RateLimiter(limits, clock, clock.sleep, clock.wait)
        return ExtBot(
            playground.token,
            base_url=playground.base_url,
            base_file_url=playground.base_file_url,
            rate_limiter=limiter,
        )

    return make


@pytest_asyncio.fixture(loop_scope="session")
async def bot(make_bot: MakeBot) -> AsyncIterator[Bot]:
    async with make_bot(SendLimits(burst=50)) as bot:
        yield bot


@pytest_asyncio.fixture(loop_scope="session")
async def ada(playground: Playground) -> Person:
    """A person who has written to the bot, so that it may write to her."""
    ada = playground.person("Ada")
    await ada.start()
    return ada


@pytest_asyncio.fixture(loop_scope="session")
async def bob(playground: Playground) -> Person:
    bob = playground.person("Bob")
    await bob.start()
    return bob


def received(person: Person) -> list[str]:
    return [message.text or "photo" for message in person.messages if message.from_bot]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not condition():  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.001)


async def test_however_much_is_sent_at_once_no_limit_is_exceeded(
    make_bot: MakeBot, playground: Playground, ada: Person, bob: Person, photo: bytes
) -> None:
    playground.rates.enforced = True
    album = [InputMediaPhoto(photo)] * 4
    async with make_bot(SendLimits(burst=1)) as bot, asyncio.TaskGroup() as sending:
        for number in range(3):
            sending.create_task(bot.send_message(ada.id, str(number)))
        for _ in range(2):
            sending.create_task(bot.send_media_group(bob.id, album))
    assert received(ada) == ["0", "1", "2"]
    assert len(received(bob)) == 8
    assert playground.rates.breaches() == []
    assert all(call.reply["ok"] for call in playground.call_log)  # nothing was refused


async def test_flood_control_delays_only_the_chat_it_names_and_keeps_its_order(
    bot: Bot, playground: Playground, clock: SimulatedClock, ada: Person, bob: Person
) -> None:
    playground.faults.next("flood", "sendMessage", seconds=1)
    clock.stop()
    refused_at = clock.now
    first = asyncio.create_task(bot.send_message(ada.id, "first"))
    await until(lambda: any(call.fault == "flood" for call in playground.call_log))
    second = asyncio.create_task(bot.send_message(ada.id, "second"))
    await bot.send_message(bob.id, "at once")
    assert not first.done()
    clock.start()
    await asyncio.gather(first, second)
    assert clock.now - refused_at > 1
    assert received(ada) == ["first", "second"]
    assert received(bob) == ["at once"]


async def test_an_album_that_flood_control_interrupts_is_sent_again_but_not_for_ever(
    bot: Bot, playground: Playground, ada: Person, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    album = [InputMediaPhoto(photo)] * 3
    playground.faults.next("album_flood", seconds=1, sent=1)
    assert len(await bot.send_media_group(ada.id, album)) == 3
    assert len(received(ada)) == 1 + 3
    monkeypatch.setattr(retry_policy, "MAX_PARTIAL_ALBUMS", 1)
    playground.faults.next("album_flood", count=2, seconds=1, sent=1)
    with pytest.raises(BadRequest):
        await bot.send_media_group(ada.id, album)
    assert len(received(ada)) == 1 + 3 + 2


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
async def test_a_message_lost_to_a_cut_connection_or_an_error_is_sent_again(
    bot: Bot, playground: Playground, ada: Person, faults: list[Any], copies: int
) -> None:
    for fault in faults:
        playground.faults.next(fault, "sendMessage")
    await bot.send_message(ada.id, "hi")
    assert received(ada) == ["hi"] * copies


async def test_a_connection_that_is_always_cut_leaves_four_copies_at_most(
    bot: Bot, playground: Playground, ada: Person
) -> None:
    playground.faults.next("cut_after", "sendMessage", count=9)
    with pytest.raises(NetworkError):
        await bot.send_message(ada.id, "hi")
    assert received(ada) == ["hi"] * (1 + retry_policy.MAX_UNCERTAIN_SENDS)


async def test_an_answer_outlasts_an_outage(
    bot: Bot, playground: Playground, ada: Person, tmp_path: Path
) -> None:
    playground.faults.next("error", "sendMessage", count=3 * retry_policy.MAX_FAILURES)
    async with Inbox.open(tmp_path / "inbox") as inbox, use_outbox(inbox, 1, retried=False):
        await bot.send_message(ada.id, "hi")
    assert received(ada) == ["hi"]


async def test_an_answer_that_fails_while_other_calls_succeed_is_given_up(
    bot: Bot, playground: Playground, clock: SimulatedClock, ada: Person, tmp_path: Path
) -> None:
    playground.faults.next("error", "sendMessage", count=3 * retry_policy.MAX_FAILURES)
    async with Inbox.open(tmp_path / "inbox") as inbox, use_outbox(inbox, 1, retried=False):
        answer = asyncio.create_task(bot.send_message(ada.id, "hi"))
        while not answer.done():
            clock.stop()
            await bot.get_me()
            clock.start()
            await asyncio.sleep(0.001)
        with pytest.raises(NetworkError):
            await answer
    assert received(ada) == []


async def test_messages_sent_before_a_restart_count_after_it(
    make_bot: MakeBot, playground: Playground, clock: SimulatedClock, ada: Person, tmp_path: Path
) -> None:
    group = playground.group("Friends", ada)
    async with Inbox.open(tmp_path / "inbox") as inbox:
        await inbox.add([{"update_id": 1}, {"update_id": 2}])
        for update_id in (1, 2):
            async with make_bot(SendLimits(100, 3, 100)) as bot, use_outbox(inbox, update_id, retried=False):
                limiter = bot.rate_limiter
                assert isinstance(limiter, RateLimiter)
                await limiter.restore(inbox)
                started_at = clock.now
                await bot.send_message(ada.id, "hi")
                assert clock.now - started_at >= rate_limiter.IN_FLIGHT_SECONDS
                for _ in range(3):
                    await bot.send_message(group.id, "hi")
    assert playground.rates.most(60, group.id) == 3


async def test_an_answer_for_a_deleted_topic_is_sent_outside_of_it(
    bot: Bot, playground: Playground, ada: Person
) -> None:
    group = playground.group("Friends", ada, topics=True)
    sent = await bot.send_message(group.id, "hi", message_thread_id=99)
    assert (sent.text, sent.message_thread_id) == ("hi", None)


async def test_a_message_that_timed_out_has_probably_arrived_and_is_not_sent_again(
    bot: Bot, playground: Playground, ada: Person
) -> None:
    playground.faults.next("slow", "sendMessage", seconds=0.3)
    with pytest.raises(TimedOut):
        await bot.send_message(ada.id, "hi", read_timeout=0.05)
    await until(lambda: bool(received(ada)))
    assert received(ada) == ["hi"]


async def test_an_answer_waits_while_telegram_cannot_be_reached(
    tmp_path: Path, clock: SimulatedClock
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    playground = Playground(port)
    person = playground.person("Ada")
    async with Inbox.open(tmp_path / "inbox") as inbox:
        limiter = RateLimiter(SendLimits(), clock, clock.sleep, clock.wait)
        bot: Bot = ExtBot(playground.token, f"http://127.0.0.1:{port}/bot", rate_limiter=limiter)
        await bot.request.initialize()
        with pytest.raises(NetworkError):  # no update is being answered: no reason to wait
            await bot.send_message(person.id, "hi")
        async with use_outbox(inbox, 1, retried=False):
            answer = asyncio.create_task(bot.send_message(person.id, "hi"))
        attempts = clock.sleeps + 5
        await until(lambda: clock.sleeps >= attempts)
        assert not answer.done()
        async with playground:
            await person.start()
            await answer
            assert received(person) == ["hi"]
            await bot.request.shutdown()


async def test_a_download_that_fails_is_repeated(
    playground: Playground,
    clock: SimulatedClock,
    ada: Person,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(RetryingRequest, "_sleep", staticmethod(clock.sleep))
    sent = await ada.send_photo(photo)
    endpoints = {"base_url": playground.base_url, "base_file_url": playground.base_file_url}
    async with ExtBot[Any](playground.token, request=RetryingRequest(), **endpoints) as bot:
        file = await bot.get_file(sent.photo)
        playground.faults.next("cut_before", "download")
        playground.faults.next("error", "download")
        playground.faults.next("flood", "download", seconds=1)
        assert await file.download_as_bytearray() == playground.file(sent.photo)


async def test_a_call_that_cannot_be_encoded_is_tried_once(bot: Bot, clock: SimulatedClock) -> None:
    with pytest.raises(NetworkError, match="UnicodeEncodeError"):
        await bot.get_file("a lone surrogate: \ud83d")
    assert clock.sleeps == 0


async def test_a_migrated_group_is_followed_and_its_old_id_not_tried_again(clock: SimulatedClock) -> None:
    limiter, sent = RateLimiter(SendLimits(), clock, clock.sleep, clock.wait), []

    async def call_telegram(endpoint: str, data: dict[str, Any]) -> bool:
        sent.append(data)
        if data["chat_id"] == -5:
            raise ChatMigrated(-1005)
        return True

    for _ in range(2):
        data = {"chat_id": -5, "text": "hi", "reply_parameters": {"message_id": 1}}
        await limiter.process_request(call_telegram, (), {}, "sendMessage", data, None)
    assert [data["chat_id"] for data in sent] == [-5, -1005, -1005]
    assert "reply_parameters" not in sent[-1]  # messages have other ids in the supergroup
