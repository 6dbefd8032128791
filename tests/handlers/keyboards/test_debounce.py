"""Repeated presses are debounced, and the latest keyboard of a message is stored."""

from __future__ import annotations

import pytest

from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.debounce import DEBOUNCE_INTERVAL, MAX_ENTRIES, PressDebouncer


@pytest.fixture
def now() -> list[float]:
    return [10.0]


@pytest.fixture
def debouncer(now: list[float]) -> PressDebouncer:
    return PressDebouncer(clock=lambda: now[0])


def is_new(
    debouncer: PressDebouncer,
    message: tuple[int, int] = (1, 1),
    data: str = "a",
    interval: float = DEBOUNCE_INTERVAL,
) -> bool:
    with debouncer.debounce(message, data, interval) as new:
        return new


def test_a_repeated_press_during_the_first_is_not_new(debouncer: PressDebouncer, now: list[float]) -> None:
    with debouncer.debounce((1, 1), "a") as first:
        now[0] += 1_000
        assert first
        assert not is_new(debouncer)
        assert is_new(debouncer, data="b")
        assert is_new(debouncer, (1, 2))
        assert is_new(debouncer, (2, 1))
    assert is_new(debouncer)


def test_a_repeated_press_within_the_interval_is_not_new(debouncer: PressDebouncer, now: list[float]) -> None:
    assert is_new(debouncer)
    now[0] += DEBOUNCE_INTERVAL / 2
    assert not is_new(debouncer)
    now[0] += DEBOUNCE_INTERVAL / 2
    assert is_new(debouncer)


def test_a_failed_press_can_be_repeated_at_once(debouncer: PressDebouncer) -> None:
    with pytest.raises(RuntimeError), debouncer.debounce((1, 1), "a", DEBOUNCE_INTERVAL):
        raise RuntimeError
    assert is_new(debouncer)


def test_the_latest_keyboard_of_a_message_is_stored(debouncer: PressDebouncer) -> None:
    shown, stored = AnswerKeyboard("find"), AnswerKeyboard("find", votes=False)
    assert debouncer.latest_keyboard((1, 1), shown) == shown
    debouncer.store_keyboard((1, 1), stored)
    assert debouncer.latest_keyboard((1, 1), shown) == stored


def test_old_presses_and_keyboards_are_dropped(debouncer: PressDebouncer) -> None:
    for message in range(MAX_ENTRIES + 1):
        is_new(debouncer, (1, message))
        debouncer.store_keyboard((1, message), AnswerKeyboard("album"))
    assert is_new(debouncer, (1, 0))
    assert not is_new(debouncer, (1, MAX_ENTRIES))
    assert debouncer.latest_keyboard((1, 0), AnswerKeyboard("find")) == AnswerKeyboard("find")
    assert debouncer.latest_keyboard((1, MAX_ENTRIES), AnswerKeyboard("find")) == AnswerKeyboard("album")
