"""Telling a second, impatient press of a button from a new wish."""

from __future__ import annotations

from dataclasses import dataclass, field

PAUSE = 2.0  # seconds: a double press is faster than this, a person who wants it again is slower
REMEMBERED = 1_000  # presses kept at most; older ones are beyond any pause


@dataclass(slots=True)
class Presses:
    """Remembers when a button was last pressed."""

    _times: dict[tuple[int, int, str], float] = field(default_factory=dict)

    def is_new(self, chat: int, message: int, button: str, now: float) -> bool:
        """Tell whether this press is a wish of its own, and remember it."""
        key = (chat, message, button)
        last = self._times.pop(key, None)
        self._times[key] = now  # the newest press is always the last key
        while len(self._times) > REMEMBERED:
            del self._times[next(iter(self._times))]
        return last is None or now - last >= PAUSE
