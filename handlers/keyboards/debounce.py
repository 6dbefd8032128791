"""Presses of buttons: which is a wish of its own, and how a keyboard stands after it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from handlers.keyboards.answer_keyboard import AnswerKeyboard

PAUSE = 2.0  # seconds: a double press is faster than this, who wants the same again is slower
REMEMBERED = 1_000  # buttons and keyboards kept at most; older ones are beyond any pause

Place = tuple[int, int]  # chat and message
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(slots=True)
class PressDebouncer:
    """Remembers for a while what was pressed, and the keyboards that were changed by it.

    Two presses at once carry the same keyboard: what the first one made of it is known only here.
    """

    clock: Callable[[], float] = time.monotonic
    _over: dict[tuple[Place, str], float] = field(default_factory=dict)  # until when a press is the same
    _panels: dict[Place, AnswerKeyboard] = field(default_factory=dict)

    @contextmanager
    def answering(self, place: Place, data: str, pause: float = 0.0) -> Iterator[bool]:
        """Tell whether a press is a wish of its own.

        While the block runs, and for so many seconds after it ended well, the same press again is none.
        """
        button = (place, data)
        if self.clock() < self._over.get(button, -math.inf):
            yield False
            return
        _keep(self._over, button, math.inf)
        until = -math.inf  # who was not answered may press again at once
        try:
            yield True
            until = self.clock() + pause
        finally:
            _keep(self._over, button, until)

    def panel(self, place: Place, shown: AnswerKeyboard) -> AnswerKeyboard:
        """Tell how the buttons of a message stand, `shown` being what the press brought along."""
        return self._panels.get(place, shown)

    def keep(self, place: Place, panel: AnswerKeyboard) -> None:
        """Remember how the buttons of a message stand from now on."""
        _keep(self._panels, place, panel)


def _keep(kept: dict[Key, Value], key: Key, value: Value) -> None:
    kept.pop(key, None)
    kept[key] = value  # the newest is always the last
    while len(kept) > REMEMBERED:
        del kept[next(iter(kept))]
