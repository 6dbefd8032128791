"""What waits books its room: at the limits of chat, group and token, nothing is overtaken for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from bot.sending.rate_limiter import ALBUM_RESERVE, RateLimiter
from bot.sending.sliding_window import GROUP_PERIOD, SendLimits
from tests.bot.sending.stepped_clock import SteppedClock

LIMITS = SendLimits()
EPSILON = 1e-6  # seconds


class Telegram:
    """A limiter, and what it let through.

    Attributes:
        clock: The limiter's clock.
        sent: The number of each message, how many messages it is, when it was wanted, and when it was sent.
    """

    def __init__(self) -> None:
        self.clock = SteppedClock()
        self.limiter = RateLimiter(LIMITS, self.clock, self.clock.sleep, self.clock.wait)
        self.sent: list[tuple[int, int, float, float]] = []

    async def send(self, number: int, chat: int, messages: int = 1) -> None:
        """Send a message or an album, which takes Telegram no time."""
        wanted_at = self.clock.now

        async def request(*_: Any, **__: Any) -> bool:
            self.sent.append((number, messages, wanted_at, self.clock.now))
            return True

        data: dict[str, Any] = {"chat_id": chat}
        if messages > 1:
            data["media"] = [{}] * messages
        endpoint = "sendMediaGroup" if messages > 1 else "sendMessage"
        await self.limiter.process_request(request, (), {}, endpoint, data, None)

    async def keep_sending(self, chat: Callable[[int], int], interval: float) -> None:
        """Want a single message every so many seconds, for ever."""
        async with asyncio.TaskGroup() as group:
            for number in range(10_000):
                group.create_task(self.send(number, chat(number)))
                await self.clock.sleep(interval)

    def most_in(self, seconds: float) -> int:
        """Return the most messages that were sent in any period."""
        return max(
            sum(messages for _, messages, _, at in self.sent if start <= at < start + seconds - EPSILON)
            for *_, start in self.sent
        )


@asynccontextmanager
async def together(*work: Any) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def delays(telegram: Telegram, *, albums: bool) -> list[float]:
    return [at - wanted for _, messages, wanted, at in telegram.sent if (messages > 1) == albums]


async def test_an_album_is_not_starved_by_single_messages() -> None:
    for rate in (20, 25, 40):  # a second; more than fits, too
        telegram = Telegram()
        async with together(telegram.keep_sending(lambda number: number + 1, 1 / rate)):
            await telegram.clock.run(2.0)
            async with together(telegram.send(-1, 5_000_000, 10)):
                await telegram.clock.run(6.0)
        assert len(delays(telegram, albums=True)) == 1
        assert max(delays(telegram, albums=True)) <= 1.0 + EPSILON, rate
        assert telegram.most_in(1.0) <= LIMITS.overall


async def test_albums_leave_room_for_single_messages() -> None:
    telegram = Telegram()
    albums = [telegram.send(-number, 5_000_000 + number, 10) for number in range(60)]
    async with together(*albums, telegram.keep_sending(lambda number: number + 1, 1 / ALBUM_RESERVE)):
        await telegram.clock.run(10.0)
    assert len(delays(telegram, albums=True)) >= 18  # two a second
    singles = delays(telegram, albums=False)
    assert len(singles) >= 10 * (ALBUM_RESERVE - 1)
    assert max(singles) <= 1.0 + EPSILON
    assert telegram.most_in(1.0) <= LIMITS.overall


async def test_an_album_that_is_given_up_frees_its_room() -> None:
    telegram = Telegram()
    async with together(*(telegram.send(number, number + 1) for number in range(25))):
        await telegram.clock.run(0.0)
        async with together(telegram.send(-1, 5_000_000, 10)):
            await telegram.clock.run(0.1)
            late = [telegram.send(100 + number, 1_000 + number) for number in range(5)]
            async with together(*late):
                await telegram.clock.run(0.2)
                assert len(telegram.sent) == 25  # the album has booked what is left
        late = [telegram.send(200 + number, 2_000 + number) for number in range(5)]
        async with together(*late):
            await telegram.clock.run(0.3)
            assert len(telegram.sent) == 30


async def test_single_messages_beyond_the_limit_are_sent_in_order() -> None:
    telegram = Telegram()
    async with together(*(telegram.send(number, number + 1) for number in range(100))):
        await telegram.clock.run(5.0)
    assert [number for number, *_ in telegram.sent] == [*range(100)]
    assert telegram.most_in(1.0) <= LIMITS.overall


async def test_in_a_group_and_in_a_chat_an_album_is_overtaken_by_nothing() -> None:
    for chat in (7, -7):
        telegram = Telegram()
        sizes = [1] * 15 + [10] + [1] * 10
        work = [telegram.send(number, chat, size) for number, size in enumerate(sizes)]
        async with together(*work):
            await telegram.clock.run(200.0)
        assert [number for number, *_ in telegram.sent] == [*range(len(sizes))]
        if chat < 0:
            assert telegram.most_in(GROUP_PERIOD) <= LIMITS.group
