"""No period of a window's length holds more messages than its limit."""

from __future__ import annotations

import pytest

from bot.sending.sliding_window import SlidingWindow
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
