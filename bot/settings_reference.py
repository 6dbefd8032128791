"""The reference of all settings, written from the settings themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.settings import Settings
from engine.settings import variable

COMMAND = "python -m bot settings"
OTHERS = "Operation"  # the group of what names none
GROUPS = ("Telegram", "Gallery", "Network", "Web", "Playground", OTHERS)
HEAD = f"""\
# Settings

Every setting is an environment variable; an empty one counts as unset. `python -m bot check` tells whether
they are right. This page is what `{COMMAND}` prints.
"""
KINDS = {
    "boolean": "`true`, `false`",
    "array": "numbers between commas",
    "integer": "a whole number",
    "number": "a number",
    "path": "a path",
    "password": "a secret",
    "uri": "an address",
}
BOUNDS = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}


def reference() -> str:
    """The whole page, as Markdown."""
    return "\n".join([HEAD, *(line for group in GROUPS for line in _table(group))]).rstrip()


def _table(group: str) -> Iterator[str]:
    fields = Settings.model_json_schema(by_alias=False)["properties"]
    rows = [_row(name, field) for name, field in fields.items() if _group(field) == group]
    if rows:
        yield from (f"## {group}", "", "| variable | what it sets | default | allowed |", "|---|---|---|---|")
        yield from (*rows, "")


def _group(field: Mapping[str, Any]) -> str:
    group = field.get("group", OTHERS)
    return group if group in GROUPS else OTHERS


def _row(name: str, field: Mapping[str, Any]) -> str:
    cells = (f"`{variable(name, Settings)}`", field["description"], _default(field), _allowed(field))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _default(field: Mapping[str, Any]) -> str:
    """What holds if nothing is said; a field tells it in words where it differs from host to host."""
    default = field.get("default")
    if default in (None, []):
        return ""
    if "default_in_words" in field:
        return str(field["default_in_words"])
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _allowed(field: Mapping[str, Any]) -> str:
    schema = field.get("anyOf", [field])[0]  # of "a path or nothing", the path
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    kind = KINDS.get(schema.get("format", schema.get("type")), "a text")
    return " ".join([kind, *(f"{word} {schema[bound]}" for bound, word in BOUNDS.items() if bound in schema)])
