"""Checks of requests and replies against the Bot API's schema.

Any test may call it: `assert not schema.faults(playground.call_log)`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.playground import Exchange

Json = dict[str, Any]

VARIABLE = "BOT_API_SCHEMA"
DEFAULT = Path(__file__).resolve().parents[4] / "shared" / "botapi" / "api-10.0.json"
ARRAY = "Array of "
ATTACHED = re.compile(r"attach://([^\"\\]+)")
CONSTANT = re.compile(r"(?:always|must be) [\"“]?(\w+)")
LISTED = re.compile(r"[\"“](\w+)[\"”]")
# PTB 22.8 sends the default parse mode also where there is no text; Telegram accepts it.
SURPLUS = {("editmessagereplymarkup", "parse_mode")}
TELLING = {"type", "source", "status"}  # fields that distinguish the members of a union
CLOSED = {("MessageEntity", "type"), ("Chat", "type")}  # their descriptions list every value
SIMPLE: Mapping[str, Callable[[object], bool]] = {
    "Integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "Boolean": lambda value: isinstance(value, bool),
    "String": lambda value: isinstance(value, str),
}


class Schema:
    """The Bot API: methods with their fields and returns, types with their fields."""

    def __init__(self, api: Json) -> None:
        self._methods = {name.lower(): method for name, method in api["methods"].items()}
        self.types = api["types"]

    def faults(self, traffic: Iterable[Exchange]) -> list[str]:
        """Return a description of each violation."""
        return [fault for exchange in traffic for fault in self._faults_of(exchange)]

    def _faults_of(self, exchange: Exchange) -> list[str]:
        method = self._methods.get(exchange.method.lower())
        if method is None:
            return [] if exchange.reply.get("error_code") == 404 else [f"{exchange.method}: no such method"]
        return self._request(exchange, method) + self._reply(exchange, method)

    def _request(self, exchange: Exchange, method: Json) -> list[str]:
        fields = {field["name"]: field for field in method.get("fields", [])}
        given = exchange.parameters.keys() | exchange.uploads.keys()
        attached = set(ATTACHED.findall(" ".join(exchange.parameters.values())))
        path = exchange.method
        surplus = {name for called, name in SURPLUS if called == path.lower()}
        faults = [f"{path}: unknown parameter {name}" for name in given - fields.keys() - attached - surplus]
        faults += [f"{path}: attach://{name} was not uploaded" for name in attached - exchange.uploads.keys()]
        if exchange.ok:
            required = {name for name, field in fields.items() if field["required"]}
            faults += [f"{path}: {name} is required" for name in required - given]
        for name, value in exchange.parameters.items():
            if name in fields and exchange.ok:
                faults += self._any(
                    _parsed(value, fields[name]["types"]), fields[name]["types"], f"{path}.{name}"
                )
        return faults

    def _reply(self, exchange: Exchange, method: Json) -> list[str]:
        reply, path = exchange.reply, f"{exchange.method} ->"
        if reply["ok"]:
            odd = reply.keys() ^ {"ok", "result"}
            return [f"{path} odd envelope {odd}" for _ in odd] or self._any(
                reply["result"], method["returns"], path
            )
        good = isinstance(reply.get("error_code"), int) and isinstance(reply.get("description"), str)
        odd = reply.keys() - {"ok", "error_code", "description", "parameters"}
        return [] if good and not odd else [f"{path} odd refusal {reply}"]

    def _any(self, value: object, types: list[str], path: str) -> list[str]:
        attempts = [self._one(value, name, path) for name in types]
        return min(attempts, key=len, default=[])

    def _one(self, value: object, name: str, path: str) -> list[str]:
        if name in SIMPLE:
            return [] if SIMPLE[name](value) else [f"{path}: {value!r} is no {name}"]
        if name == "InputFile":
            return [] if isinstance(value, str) else [f"{path}: {value!r} names no file"]
        if name.startswith(ARRAY):
            if not isinstance(value, list):
                return [f"{path}: {value!r} is no array"]
            inner = name.removeprefix(ARRAY)
            return [fault for n, item in enumerate(value) for fault in self._one(item, inner, f"{path}[{n}]")]
        if not isinstance(value, dict):
            return [f"{path}: {value!r} is no {name}"]
        return self._object(value, name, path)

    def _object(self, value: Json, name: str, path: str) -> list[str]:
        if subtypes := self.types[name].get("subtypes"):
            chosen = [subtype for subtype in subtypes if self._claims(value, subtype)]
            if not chosen and not TELLING & value.keys():
                chosen = subtypes  # as of InputMessageContent, whose members have no such field
            if not chosen:
                return [f"{path}: {value!r} is no {name}: it could be none of {subtypes}"]
            return min((self._object(value, one, path) for one in chosen), key=len)
        fields = {field["name"]: field for field in self.types[name].get("fields", [])}
        faults = [f"{path}: {name} has no field {key}" for key in value.keys() - fields.keys()]
        required = {key for key, field in fields.items() if field["required"]}
        faults += [f"{path}: {name} needs {key}" for key in required - value.keys()]
        for key in value.keys() & fields.keys():
            faults += self._any(value[key], fields[key]["types"], f"{path}.{key}")
            listed = set(LISTED.findall(fields[key]["description"]))
            if (name, key) in CLOSED and value[key] not in listed:
                faults.append(f"{path}.{key}: {value[key]!r} is none of {sorted(listed)}")
        return faults

    def _claims(self, value: Json, name: str) -> bool:
        """Return whether an object is of this type, by its discriminating field."""
        if name in {"Message", "InaccessibleMessage"}:
            return (value.get("date") == 0) == (name == "InaccessibleMessage")
        for field in self.types[name]["fields"]:
            if field["name"] in TELLING and (constant := CONSTANT.search(field["description"])):
                return bool(value.get(field["name"]) == constant[1])
        return False


def _parsed(value: str, types: list[str]) -> object:
    """Return the value of a parameter: JSON where its type is not String."""
    if types == ["String"] or "InputFile" in types:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def at_hand() -> bool:
    """Return whether a schema is available."""
    return _path().is_file()


def _path() -> Path:
    named = os.environ.get(VARIABLE)
    return Path(named) if named else DEFAULT


@cache
def load() -> Schema:
    """Return the schema, or skip the test."""
    named, path = os.environ.get(VARIABLE), _path()
    if not path.is_file():
        where = f"{VARIABLE}={named} is no file" if named else f"{VARIABLE} is not set"
        pytest.skip(f"no schema: {where}, so requests and replies were not checked against the Bot API")
    return Schema(json.loads(path.read_text("utf-8")))
