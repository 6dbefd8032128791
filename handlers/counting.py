"""What handlers tell whoever counts; the process behind them keeps the figures (`bot.metrics`)."""

from __future__ import annotations

from typing import Final, Protocol

# Labels of the figures: a fixed vocabulary, so that nothing a person writes can become one.
KINDS: Final = frozenset({
    # what the engine is asked
    "describe", "captions", "tags", "labels", "why", "similar", "analogy", "alike", "find", "focus",
    "maps", "picture", "gallery",
    # what else a person does
    "command", "button", "inline", "album", "feedback", "settings", "text", "other",
})  # fmt: skip


class Counter(Protocol):
    """Counts requests; `kind` is one of `KINDS`."""

    def answered(self, kind: str, seconds: float) -> None:
        """Count a request that was answered, and how long it took."""

    def failed(self, kind: str) -> None:
        """Count a request that could not be answered."""

    def voted(self, kind: str, up: bool) -> None:
        """Count a person's thumb, up or down, on an answer."""

    def reused(self, hits: int, misses: int) -> None:
        """Count the photos of an answer that Telegram held already, and those it had to be sent."""
