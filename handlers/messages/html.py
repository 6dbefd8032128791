"""Text for Telegram's HTML: truncated to UTF-16 units, and escaped."""

from __future__ import annotations

import html

# Limits in UTF-16 units, as Telegram counts them.
MAX_QUERY_UNITS = 100  # of a query that an answer repeats
MAX_SENTENCE_UNITS = 300
MAX_WORD_UNITS = 30


def escape_html(text: str, max_units: int) -> str:
    """Truncate and escape text that is not the bot's own."""
    return html.escape(truncate(text, max_units), quote=False)


def truncate(text: str, max_units: int) -> str:
    """Truncate a text to UTF-16 units, never inside a character; a lone surrogate becomes a "?"."""
    encoded = text.encode("utf-16-le", errors="replace")
    if len(encoded) <= 2 * max_units:
        return encoded.decode("utf-16-le")
    return encoded[: 2 * (max_units - 1)].decode("utf-16-le", errors="ignore").rstrip() + "…"


def truncate_start(text: str, max_units: int) -> str:
    """Drop the beginning of a text that is longer than `max_units` UTF-16 units, never inside a character."""
    encoded = text.encode("utf-16-le", errors="replace")
    if len(encoded) <= 2 * max_units:
        return encoded.decode("utf-16-le")
    return "…" + encoded[-2 * (max_units - 1) :].decode("utf-16-le", errors="ignore").lstrip()


def format_score(score: float) -> str:
    """Format a score with two decimals."""
    return f"{score:.2f}"
