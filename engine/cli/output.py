"""Answers and errors of the command line as text."""

from __future__ import annotations

import json
from typing import Any

from engine.cli.command import Answer
from engine.errors import EngineError
from handlers.i18n.errors import error_sentence
from handlers.i18n.texts import texts_in


def to_json(answer: Answer) -> str:
    """Format an answer as JSON."""
    return json.dumps(answer, indent=2, ensure_ascii=False)


def to_json_line(answer: Answer) -> str:
    """Format an answer as JSON in one line."""
    return json.dumps(answer, ensure_ascii=False)


def to_text(answer: Answer, indent: str = "") -> str:
    """Format an answer for people: one line for each result, a heading for each part."""
    if isinstance(answer, list):
        return "\n".join(indent + _row(row) for row in answer)
    lines = []
    for name, value in answer.items():
        if isinstance(value, dict | list):
            lines.append(f"{indent}{name}\n{to_text(value, indent + '  ')}")
        else:
            lines.append(f"{indent}{name}: {_cell(value)}")
    return "\n".join(lines)


def to_error_line(error: EngineError) -> str:
    """Format an error as one line, with the sentence that the bot says for it."""
    return " ".join(error_sentence(error).split())


def _row(row: dict[str, Any]) -> str:
    """Format a result with numbers first, so that they are aligned; booleans appear in JSON only."""
    cells = [_cell(value) for value in reversed(row.values()) if not isinstance(value, bool)]
    return "  ".join(cell for cell in cells if cell)


def _cell(value: object) -> str:
    if isinstance(value, list):  # of names: their number is enough for people
        return texts_in(None)("near-duplicates", count=len(value)) if value else ""
    return f"{value:.3f}" if isinstance(value, float) else str(value)
