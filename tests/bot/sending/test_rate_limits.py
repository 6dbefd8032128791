"""What the rate limiter counts, for whom, and what it remembers."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from telegram.error import ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.sending.rate_limiter import RateLimiter, wait_at_most
from bot.sending.sliding_window import SendLimits
from bot.storage.inbox import Inbox
from bot.storage.outbox import use_outbox
from tests.bot.harness import TIMEOUT
from tests.bot.sending.stepped_clock import SteppedClock

pytestmark = pytest.mark.asyncio(loop_scope="session")

GROUP = -7


class Sending:
    """A limiter whose requests take no time, and when each message was sent.

    Attributes:
        clock: The limiter's clock.
        sent: The number of messages and the time of each request that succeeded.
        chats: The chat of each request.
    """

    def __init__(self, limits: SendLimits) -> None:
        self.clock = SteppedClock()
        self.limiter = RateLimiter(limits, self.clock, self.clock.sleep, self.clock.wait)
        self.sent: list[tuple[int, float]] = []
        self.chats: list[int | str | None] = []

    async def send(
        self,
        chat: int | str | None,
        messages: int = 1,
        endpoint: str = "sendMediaGroup",
        takes: float = 0.0,
        errors: Iterable[TelegramError] = (),
    ) -> None:
        failures = iter(errors)

        async def request(_: str, parameters: dict[str, Any]) -> bool:
            self.chats.append(parameters.get("chat_id"))
            for error in failures:
                raise error
            self.sent.append((messages, self.clock.now))
            if takes:
                await self.clock.sleep(takes)
            return True

        data: dict[str, Any] = {"media": [{}] * messages} | ({} if chat is None else {"chat_id": chat})
        await self.limiter.process_request(request, (), {}, endpoint, data, None)

    async def times(self, *requests: Any, until: float) -> list[float]:
        """Return when requests that begin now are sent."""
        tasks = [asyncio.ensure_future(request) for request in requests]
        await self.clock.run(until)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return [at for _, at in self.sent]


@pytest.fixture
def sending() -> Sending:
    return Sending(SendLimits())


async def test_thirty_single_messages_are_sent_in_a_second(sending: Sending) -> None:
    times = await sending.times(*(sending.send(chat) for chat in range(1, 32)), until=1.5)
    assert times == [0.0] * 30 + [1.0]


async def test_a_message_waits_for_those_in_flight_and_counts_from_when_they_arrived(
    sending: Sending,
) -> None:
    in_flight = [sending.send(chat, takes=0.5 if chat == 7 else 3.0) for chat in range(1, 31)]
    times = await sending.times(*in_flight, sending.send(99), sending.send(100), until=9.0)
    assert times == [0.0] * 30 + [1.5, 2.5]


async def test_an_album_waits_for_messages_in_flight(sending: Sending) -> None:
    in_flight = [sending.send(chat, takes=0.5) for chat in range(1, 31)]
    assert await sending.times(*in_flight, sending.send(99, 10), until=9.0) == [0.0] * 30 + [1.5]


async def test_what_waits_behind_an_album_goes_on_when_the_album_is_given_up(sending: Sending) -> None:
    await sending.times(*(sending.send(chat) for chat in range(1, 26)), until=0.1)
    album = asyncio.create_task(sending.send(99, 10))
    await sending.clock.run(0.2)
    waiting = [asyncio.create_task(sending.send(chat)) for chat in range(100, 105)]
    await sending.clock.run(0.3)
    assert len(sending.sent) == 25  # the album has booked what is left
    album.cancel()
    await sending.clock.run(0.4)
    await asyncio.gather(*waiting)
    assert [at for _, at in sending.sent[25:]] == [0.3] * 5


async def test_albums_of_two_leave_ten_messages_of_a_second_to_others(sending: Sending) -> None:
    albums = [sending.send(chat, 2) for chat in range(1, 12)]
    assert await sending.times(*albums, until=0.5) == [0.0] * 10
    assert await sending.times(*(sending.send(chat) for chat in range(20, 31)), until=0.9) == [
        *[0.0] * 10,
        *[0.5] * 10,
    ]


async def test_albums_are_twenty_messages_of_a_second_at_most(sending: Sending) -> None:
    albums = [sending.send(chat, 7) for chat in range(1, 4)]
    assert await sending.times(*albums, until=1.5) == [0.0, 0.0, 1.0]


async def test_a_burst_that_the_settings_allow_is_sent_at_once() -> None:
    sending = Sending(SendLimits(burst=3))
    assert await sending.times(*(sending.send(5) for _ in range(4)), until=3.5) == [0.0, 0.0, 0.0, 3.0]


async def test_a_chat_gets_one_message_a_second_and_an_album_is_one(sending: Sending) -> None:
    assert await sending.times(*(sending.send(5, 5) for _ in range(3)), until=2.5) == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("group", [GROUP, -1, "@channel"])
async def test_a_group_gets_twenty_messages_a_minute_and_each_photo_counts(
    sending: Sending, group: int | str
) -> None:
    times = await sending.times(*(sending.send(group, 7) for _ in range(4)), until=70)
    assert times == [0.0, 1.0, 60.0, 61.0]


async def test_what_is_no_message_waits_for_no_limit(sending: Sending) -> None:
    requests = [sending.send(5, endpoint="editMessageText") for _ in range(40)]
    assert await sending.times(*requests, until=0.5) == [0.0] * 40


async def test_messages_that_name_no_chat_share_limits_of_their_own(sending: Sending) -> None:
    no_chat = sending.limiter._throttle(None)
    assert sending.limiter._throttle(None) is no_chat
    assert len(no_chat.windows) == 1
    assert no_chat is not sending.limiter._throttle(1)
    assert no_chat is not sending.limiter._throttle(-1)


@pytest.mark.parametrize("chat", [5, GROUP])
async def test_flood_control_holds_back_its_chat_and_no_other(sending: Sending, chat: int) -> None:
    refused = sending.send(chat, errors=[RetryAfter(3)])
    times = await sending.times(refused, sending.send(chat), sending.send(8), until=9.0)
    assert times == pytest.approx([0.0, 3.1, 4.1])
    assert sending.chats == [chat, 8, chat, chat]


async def test_what_is_no_message_is_repeated_when_flood_control_ends(sending: Sending) -> None:
    edit = sending.send(5, endpoint="editMessageText", errors=[RetryAfter(3)])
    assert await sending.times(edit, until=9.0) == pytest.approx([3.1])


async def test_an_error_that_is_final_reaches_the_caller_at_once(sending: Sending) -> None:
    with pytest.raises(Forbidden):
        await sending.send(5, errors=[Forbidden("blocked by the user")])
    assert sending.chats == [5]


async def test_a_supergroup_is_written_to_in_place_of_its_group(sending: Sending) -> None:
    await sending.times(sending.send(GROUP, errors=[ChatMigrated(-100)]), until=9.0)
    await sending.times(sending.send(GROUP), until=18.0)
    assert sending.chats == [GROUP, -100, -100]


async def test_an_answer_is_given_up_only_while_other_calls_succeed(sending: Sending, tmp_path: Path) -> None:
    async with Inbox.open(tmp_path / "inbox.sqlite3") as inbox, use_outbox(inbox, 1, retried=False):
        outage = itertools.repeat(NetworkError("Bad Gateway"))
        answer = asyncio.create_task(sending.send(5, errors=outage))
        for second in range(1_000):
            await sending.clock.run(float(second))
            if second > 500:
                await sending.send(6, endpoint="getChat")
            if answer.done():
                break
    assert 500 < second < 900
    with pytest.raises(NetworkError):
        await answer


async def test_a_thousand_chats_are_remembered_and_then_those_that_matter() -> None:
    sending = Sending(SendLimits(overall=5_000))
    await asyncio.gather(*(sending.send(chat) for chat in range(1, 1_000)))
    await sending.clock.run(5.0)
    await sending.send(GROUP)
    assert len(sending.limiter._chats) == 1_000
    await sending.send(2_000)
    assert set(sending.limiter._chats) == {GROUP, 2_000}  # whose minute is not over


async def test_what_a_group_was_sent_is_recorded_for_the_next_process(
    sending: Sending, tmp_path: Path
) -> None:
    async with Inbox.open(tmp_path / "inbox.sqlite3") as inbox:
        await sending.send(GROUP, 2)
        async with use_outbox(inbox, 1, retried=False):
            await sending.send(5, 3)
            await sending.clock.run(3.0)
            await sending.send(GROUP, 4)
        assert [(chat, messages) for chat, messages, _ in await inbox.recent_sends()] == [(GROUP, 4)]


async def test_what_the_last_process_sent_counts_from_when_it_may_have_arrived(
    sending: Sending, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("bot.storage.inbox.time.time", lambda: now)
    async with Inbox.open(tmp_path / "inbox.sqlite3") as inbox:
        await sending.limiter.restore(inbox)
        assert sending.limiter._overall.delay(1) == 0  # it had nothing to do
        await inbox.record_sending(GROUP, 20)
        now += 10
        await inbox.record_sending(-8, 20)
        now += 1
        await inbox.add([{"update_id": 1}])
        await sending.limiter.restore(inbox)
    assert sending.limiter._overall.delay(1) == 1.5
    for group, seconds in ((GROUP, 60 - 11 + 1.5), (-8, 60.0)):
        burst, minute = sending.limiter._throttle(group).windows
        assert burst.delay(1) == 0
        assert minute.delay(1) == pytest.approx(seconds)


async def test_a_wait_ends_with_its_event_or_its_time() -> None:
    event = asyncio.Event()
    waiting = asyncio.create_task(wait_at_most(event, TIMEOUT))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    event.set()
    await waiting
    await wait_at_most(asyncio.Event(), 0.001)
