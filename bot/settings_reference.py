"""The reference of all settings in Markdown, generated from `Settings`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.settings import Settings
from engine.settings import variable_name

COMMAND = "python -m bot settings"
OPERATION = "Operation"  # the group of fields that name none
GROUPS = ("Telegram", "Gallery", "Network", "Cluster", "Web", "Playground", OPERATION)
HEADER = f"""\
# Settings

Every setting is an environment variable; an empty one counts as unset. `python -m bot check` checks them.
This page is generated: `{COMMAND}` prints it.
"""
TYPES = {
    "boolean": "`true`, `false`",
    "array": "integers separated by commas",
    "integer": "an integer",
    "number": "a number",
    "path": "a path",
    "password": "a secret",
    "uri": "a URL",
    "place": "a path, `s3://…`, `gs://…`",
}
BOUNDS = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}


def settings_reference() -> str:
    """Return the page docs/SETTINGS.md."""
    return "\n".join([HEADER, *(line for group in GROUPS for line in _table(group))]).rstrip()


def _table(group: str) -> Iterator[str]:
    fields = Settings.model_json_schema(by_alias=False)["properties"]
    rows = [_row(name, field) for name, field in fields.items() if _group(field) == group]
    if rows:
        yield from (f"## {group}", "", "| variable | what it sets | default | allowed |", "|---|---|---|---|")
        yield from (*rows, "")


def _group(field: Mapping[str, Any]) -> str:
    group = field.get("group", OPERATION)
    return group if group in GROUPS else OPERATION


def _row(name: str, field: Mapping[str, Any]) -> str:
    cells = (f"`{variable_name(name, Settings)}`", field["description"], _default(field), _allowed(field))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _default(field: Mapping[str, Any]) -> str:
    """Return the default; a field describes it in words if it differs from machine to machine."""
    if "default_in_words" in field:
        return str(field["default_in_words"])
    default = field.get("default")
    if default in (None, []):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _allowed(field: Mapping[str, Any]) -> str:
    schema = field.get("anyOf", [field])[0]  # of "a path or None", the path
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("items", {}).get("format") == "ipvanynetwork":
        return "IP addresses or networks separated by commas"
    name = TYPES.get(schema.get("format", schema.get("type")), "text")
    return " ".join([name, *(f"{word} {schema[bound]}" for bound, word in BOUNDS.items() if bound in schema)])
