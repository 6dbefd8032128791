"""Debouncing of button presses, and the latest keyboard of each message."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from handlers.keyboards.answer_keyboard import AnswerKeyboard

DEBOUNCE_INTERVAL = 2.0  # seconds: longer than a double press, shorter than an intended repetition
MAX_ENTRIES = 1_000  # presses, and keyboards; older ones are past any interval

MessageKey = tuple[int, int]  # chat id and message id
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(slots=True)
class PressDebouncer:
    """Remembers recent presses, and the keyboards that they changed.

    Two simultaneous presses carry the same keyboard; only the debouncer knows how the first one changed it.

    Attributes:
        clock: the time in seconds.
        voting: held while a vote is counted.
    """

    clock: Callable[[], float] = time.monotonic
    voting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _blocked_until: dict[tuple[MessageKey, str], float] = field(default_factory=dict)
    _keyboards: dict[MessageKey, AnswerKeyboard] = field(default_factory=dict)

    @contextmanager
    def debounce(self, message: MessageKey, data: str, interval: float = 0.0) -> Iterator[bool]:
        """Yield whether a press is new.

        A repetition is not new while the block runs, nor for an interval after it ended without an error.

        Args:
            message: the message whose button was pressed.
            data: the callback data of the button.
            interval: seconds.
        """
        button = (message, data)
        if self.clock() < self._blocked_until.get(button, -math.inf):
            yield False
            return
        _store(self._blocked_until, button, math.inf)
        until = -math.inf  # after an error, the press may be repeated at once
        try:
            yield True
            until = self.clock() + interval
        finally:
            _store(self._blocked_until, button, until)

    def latest_keyboard(self, message: MessageKey, shown: AnswerKeyboard) -> AnswerKeyboard:
        """Return the latest keyboard of a message, or else the one `shown` when the button was pressed."""
        return self._keyboards.get(message, shown)

    def store_keyboard(self, message: MessageKey, keyboard: AnswerKeyboard) -> None:
        """Store the latest keyboard of a message."""
        _store(self._keyboards, message, keyboard)


def _store(entries: dict[Key, Value], key: Key, value: Value) -> None:
    entries.pop(key, None)
    entries[key] = value  # the newest is always the last
    while len(entries) > MAX_ENTRIES:
        del entries[next(iter(entries))]
