"""What people read about the bot itself, and when something is not right."""

from __future__ import annotations

import difflib

from engine.errors import EngineError
from handlers.replies.markup import SENTENCE_UNITS, WORD_UNITS, quoted
from handlers.texts import Texts

MENU = ("similar", "analogy", "find", "help", "privacy", "start")
ERROR_UNITS = 4 * SENTENCE_UNITS


def menu(texts: Texts) -> tuple[tuple[str, str], ...]:
    """List the commands, each with what it does."""
    return tuple((name, texts(f"menu-{name}")) for name in MENU)


def unknown_command(texts: Texts, name: str) -> str:
    """Say that a command does not exist, and name the nearest one that does."""
    shown = quoted(name, WORD_UNITS)
    near = difflib.get_close_matches(name.lower(), MENU, n=1)
    if near:
        return texts("unknown-command-near", name=shown, near=near[0])
    return texts("unknown-command", name=shown)


def error(texts: Texts, problem: EngineError) -> str:
    """Say what an error means for the person: in their language where it is known, else in its own words."""
    if texts.has(problem.key):
        return texts(problem.key, **{name: _value(value) for name, value in problem.values.items()})
    return quoted(str(problem), ERROR_UNITS)


def _value(value: str | int) -> str | int:
    """Quote what may be a person's; a number is written the way of the language."""
    return quoted(value, WORD_UNITS) if isinstance(value, str) else value
