"""No period of a window's length holds more messages than its limit."""

from __future__ import annotations

import pytest

from bot.sending.sliding_window import ChatThrottle, SendLimits, SlidingWindow
from tests.bot.sending.simulated_clock import SimulatedClock

START = SimulatedClock().now


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def window(clock: SimulatedClock) -> SlidingWindow:
    return SlidingWindow(20, 60, clock)


def test_no_minute_holds_more_than_the_limit_wherever_it_begins(
    window: SlidingWindow, clock: SimulatedClock
) -> None:
    for second in (10, 50):
        clock.now = START + second
        with window.count(10):
            pass
    assert window.delay(10) == pytest.approx(20)
    assert window.delay(11) == pytest.approx(60)
    clock.now = START + 70
    assert window.delay(10) == 0


def test_messages_in_flight_have_no_end_yet(window: SlidingWindow) -> None:
    with window.count(10):
        assert window.delay(10) == 0
        assert window.delay(11) == float("inf")


def test_a_blocked_window_is_open_again_when_the_time_is_over(
    window: SlidingWindow, clock: SimulatedClock
) -> None:
    window.block(5)
    window.block(3)  # a shorter one changes nothing
    assert window.delay(1) == pytest.approx(5)
    assert not window.idle
    clock.now += 5
    assert window.delay(1) == 0
    assert window.idle


def test_messages_of_an_earlier_process_count_for_the_rest_of_their_period(window: SlidingWindow) -> None:
    window.count_past(20, 45.0)
    assert window.delay(1) == pytest.approx(15)


def test_what_no_longer_counts_takes_no_memory(window: SlidingWindow, clock: SimulatedClock) -> None:
    with window.count(1):
        pass
    clock.now += 59.9
    assert not window.idle
    assert len(window.batches) == 1
    clock.now += 0.1
    assert window.delay(20) == 0
    assert window.batches == []
    assert window.idle


def test_what_was_sent_last_is_waited_for_last(window: SlidingWindow, clock: SimulatedClock) -> None:
    with window.count(5):
        clock.now += 10
        with window.count(10):
            pass
        clock.now += 10  # the first batch arrives after the second
    assert window.delay(5) == 0
    assert window.delay(6) == 50
    assert window.delay(15) == 50
    assert window.delay(16) == 60


def test_the_limits_are_those_that_telegram_publishes(clock: SimulatedClock) -> None:
    limits = SendLimits()
    assert (limits.burst, limits.group, limits.overall) == (1, 20, 30)
    (burst,) = ChatThrottle.for_chat(limits, clock, private=True).windows
    assert (burst.limit, burst.period) == (1, 1)
    burst, group = ChatThrottle.for_chat(SendLimits(burst=3), clock, private=False).windows
    assert (burst.limit, burst.period) == (3, 3)
    assert (group.limit, group.period) == (20, 60)


async def test_a_chat_is_idle_when_nothing_is_sent_or_counts(clock: SimulatedClock) -> None:
    throttle = ChatThrottle.for_chat(SendLimits(), clock, private=False)
    assert throttle.idle
    async with throttle.lock:
        assert not throttle.idle
    with throttle.windows[1].count(1):
        pass
    clock.now += 59
    assert not throttle.idle
    clock.now += 1
    assert throttle.idle
