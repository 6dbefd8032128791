"""Putting what is not ours into Telegram's HTML."""

from __future__ import annotations

import html

QUERY_UNITS = 100  # of a person's text, when we repeat it
SENTENCE_UNITS = 300
WORD_UNITS = 30


def quoted(text: str, units: int) -> str:
    """Shorten and escape a text that is not ours."""
    return html.escape(shortened(text, units), quote=False)


def shortened(text: str, units: int) -> str:
    """Cut a text to so many UTF-16 units, never through a character; half a character becomes a "?"."""
    encoded = text.encode("utf-16-le", errors="replace")
    if len(encoded) <= 2 * units:
        return encoded.decode("utf-16-le")
    return encoded[: 2 * (units - 1)].decode("utf-16-le", errors="ignore").rstrip() + "…"


def score(value: float) -> str:
    """Write a score."""
    return f"{value:.2f}"
