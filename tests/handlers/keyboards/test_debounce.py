"""A double press is one wish, and what a press made of a keyboard is known to the next one."""

from __future__ import annotations

import pytest

from handlers.keyboards.answer_keyboard import AnswerKeyboard
from handlers.keyboards.debounce import PAUSE, REMEMBERED, PressDebouncer


@pytest.fixture
def now() -> list[float]:
    return [10.0]


@pytest.fixture
def presses(now: list[float]) -> PressDebouncer:
    return PressDebouncer(clock=lambda: now[0])


def is_new(
    presses: PressDebouncer, place: tuple[int, int] = (1, 1), data: str = "a", pause: float = PAUSE
) -> bool:
    with presses.answering(place, data, pause) as new:
        return new


def test_the_same_press_while_the_first_is_answered_is_none(
    presses: PressDebouncer, now: list[float]
) -> None:
    with presses.answering((1, 1), "a") as first:
        now[0] += 1_000
        assert first
        assert not is_new(presses)
        assert is_new(presses, data="b")
        assert is_new(presses, (1, 2))
        assert is_new(presses, (2, 1))
    assert is_new(presses)


def test_for_a_pause_after_the_answer_it_is_none_either(presses: PressDebouncer, now: list[float]) -> None:
    assert is_new(presses)
    now[0] += PAUSE / 2
    assert not is_new(presses)
    now[0] += PAUSE / 2
    assert is_new(presses)


def test_a_press_that_could_not_be_answered_may_be_repeated_at_once(presses: PressDebouncer) -> None:
    with pytest.raises(RuntimeError), presses.answering((1, 1), "a", PAUSE):
        raise RuntimeError
    assert is_new(presses)


def test_the_buttons_of_a_message_are_known_as_they_were_left(presses: PressDebouncer) -> None:
    shown, left = AnswerKeyboard("find"), AnswerKeyboard("find", thumbs=False)
    assert presses.panel((1, 1), shown) == shown
    presses.keep((1, 1), left)
    assert presses.panel((1, 1), shown) == left


def test_old_presses_are_forgotten(presses: PressDebouncer) -> None:
    for message in range(REMEMBERED + 1):
        is_new(presses, (1, message))
        presses.keep((1, message), AnswerKeyboard("album"))
    assert is_new(presses, (1, 0))
    assert not is_new(presses, (1, REMEMBERED))
    assert presses.panel((1, 0), AnswerKeyboard("find")) == AnswerKeyboard("find")
    assert presses.panel((1, REMEMBERED), AnswerKeyboard("find")) == AnswerKeyboard("album")
