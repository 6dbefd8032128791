"""What people read about the bot itself, and when something is not right."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from engine.errors import EngineError
from engine.results import GalleryInfo
from handlers.i18n.texts import Texts
from handlers.messages.html import QUERY_UNITS, SENTENCE_UNITS, WORD_UNITS, quoted

# As they stand in the menu; to the host one more is offered, /stats.
PRIVATE = (
    "find", "similar", "analogy", "alike", "caption", "tags", "random", "map",
    "settings", "help", "privacy", "delete_me", "start",
)  # fmt: skip
GROUP = ("caption", "similar", "find", "tags", "analogy", "alike", "random", "help", "privacy")
ADMIN = (*PRIVATE, "stats")
ERROR_UNITS = 4 * SENTENCE_UNITS


def menu(texts: Texts, names: Sequence[str] = PRIVATE) -> tuple[tuple[str, str], ...]:
    """List commands, each with what it does."""
    return tuple((name, texts(f"menu-{name}")) for name in names)


def unknown_command(texts: Texts, name: str) -> str:
    """Say that a command does not exist, and name the nearest one that does."""
    shown = quoted(name, WORD_UNITS)
    near = difflib.get_close_matches(name.lower(), PRIVATE, n=1)
    if near:
        return texts("unknown-command-near", name=shown, near=near[0])
    return texts("unknown-command", name=shown)


def some_photos(texts: Texts, gallery: GalleryInfo) -> str:
    """Caption photos that nobody asked for in particular."""
    credit = quoted(gallery.credit, SENTENCE_UNITS)
    shown = texts("some-photos", name=quoted(gallery.name, WORD_UNITS), size=gallery.size)
    return f"{shown}\n\n<blockquote expandable>{credit}</blockquote>" if credit else shown


def error(texts: Texts, problem: EngineError) -> str:
    """Say what an error means for the person: in their language where it is known, else in its own words."""
    if texts.has(problem.key):
        return texts(problem.key, **{name: _value(value) for name, value in problem.values.items()})
    return quoted(str(problem), ERROR_UNITS)


def _value(value: str | int) -> str | int:
    """Quote what may be a person's; a number is written the way of the language."""
    return quoted(value, QUERY_UNITS) if isinstance(value, str) else value
