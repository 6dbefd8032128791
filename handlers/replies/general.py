"""Texts about the bot itself, and about errors."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from engine.errors import EngineError
from engine.results import GalleryInfo
from handlers.i18n.texts import Texts
from handlers.messages.html import MAX_QUERY_UNITS, MAX_SENTENCE_UNITS, MAX_WORD_UNITS, escape_html

# Commands in the order of the menus; the operator's menu has /stats as well.
PRIVATE = (
    "find", "similar", "analogy", "alike", "caption", "tags", "random", "map",
    "settings", "help", "privacy", "delete_me", "start",
)  # fmt: skip
GROUP = ("caption", "similar", "find", "tags", "analogy", "alike", "random", "help", "privacy")
ADMIN = (*PRIVATE, "stats")
MAX_ERROR_UNITS = 4 * MAX_SENTENCE_UNITS


def menu(texts: Texts, commands: Sequence[str] = PRIVATE) -> tuple[tuple[str, str], ...]:
    """Return the commands, each with its description."""
    return tuple((command, texts(f"menu-{command}")) for command in commands)


def unknown_command(texts: Texts, command: str) -> str:
    """Report an unknown command, and suggest the nearest one."""
    shown, near = escape_html(command, MAX_WORD_UNITS), nearest_command(command)
    return (
        texts("unknown-command-near", name=shown, near=near) if near else texts("unknown-command", name=shown)
    )


def nearest_command(command: str) -> str:
    """Return the command that was probably meant, or ""."""
    return next(iter(difflib.get_close_matches(command.lower(), PRIVATE, n=1)), "")


def random_photos(texts: Texts, gallery: GalleryInfo) -> str:
    """Say what the random photos of the gallery are, and what the numbers below do."""
    return texts("random-photos", size=gallery.size)


def gallery_progress(texts: Texts, gallery: GalleryInfo) -> tuple[str, ...]:
    """Return a sentence on each way in which the gallery is still growing."""
    sentences = []
    if gallery.fetched is not None:
        sentences.append(texts("gallery-fetching", percent=int(100 * gallery.fetched)))
    if gallery.pending:
        sentences.append(texts("gallery-indexing", count=gallery.pending))
    return tuple(sentences)


def error(texts: Texts, problem: EngineError) -> str:
    """Describe an error in the user's language, or in its own words if its key has no message."""
    if texts.has(problem.key):
        return texts(problem.key, **{name: _escaped(value) for name, value in problem.values.items()})
    return escape_html(str(problem), MAX_ERROR_UNITS)


def _escaped(value: str | int) -> str | int:
    """Escape user input; numbers stay numbers, so that Fluent formats them for the language."""
    return escape_html(value, MAX_QUERY_UNITS) if isinstance(value, str) else value
