"""Captions of inline results."""

from __future__ import annotations

import html
from typing import Final

from engine.results import Match
from handlers.i18n.texts import Texts
from handlers.messages.html import MAX_QUERY_UNITS, escape_html
from handlers.replies.closeness import Closeness, of_match
from handlers.replies.photos import near_duplicates_note

FITS: Final = {
    Closeness.VERY: "inline-sure",
    Closeness.CLOSE: "inline-fits",
    Closeness.LOOSE: "inline-unsure",
}


def inline_caption(texts: Texts, query: str, match: Match) -> str:
    """Caption a photo with its query, a link to its source, how well it fits, and how many are like it."""
    caption = texts("inline-query", query=escape_html(query, MAX_QUERY_UNITS))
    if match.source:
        caption = f'<a href="{html.escape(match.source)}">{caption}</a>'
    caption = " ".join([caption, *near_duplicates_note(texts, match)])
    if match.confidence is None:
        return caption
    return f"{caption} – {texts(FITS[of_match(match)])}"
