"""What people read under a photo that was chosen in inline mode."""

from __future__ import annotations

import html

from engine.results import Match
from handlers.i18n.texts import Texts
from handlers.messages.html import QUERY_UNITS, quoted

SURE = 2 / 3  # probability from which on a photo is said to fit well


def caption(texts: Texts, query: str, match: Match) -> str:
    """Say what a photo was asked for, how well it fits, and where it is from."""
    shown = texts("inline-query", query=quoted(query, QUERY_UNITS))
    if match.source:
        shown = f'<a href="{html.escape(match.source)}">{shown}</a>'
    if match.confidence is None:
        return shown
    fit = "inline-unsure" if match.is_weak else "inline-sure" if match.confidence >= SURE else "inline-fits"
    return f"{shown} – {texts(fit)}"
