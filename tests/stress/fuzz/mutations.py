"""Mutated updates: hypothesis changes fields of realistic ones, as the Bot API schema allows.

Without a schema, one is inferred from the seeds: which fields an object has, and of which types they are.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from hypothesis import strategies as st

from tests.bot.playground import schema
from tests.bot.playground.schema import ARRAY, CONSTANT, LISTED, TELLING
from tests.stress.fuzz.seeds import ALBUM, FILES, UPDATES, Json

Types = Mapping[str, Json]  # by name: fields with their types, or subtypes
Draw = st.DrawFn

MAX_CHANGES = 4  # of one update
MAX_DEPTH = 3  # of nested objects that are generated, not taken from a seed
# Edges of 32, 53 and 64 bits, of dates, and beyond any.
INTEGERS: Final = (
    0,
    1,
    -1,
    2**31,
    -(2**31) - 1,
    2**52,
    2**53 + 1,
    2**63 - 1,
    2**63,
    -(2**64),
    10**30,
    253402300800,
)
IDS: Final = (0, 1, -1, 2**31, -(2**31) - 1, 2**52 - 1, -(2**52))  # Telegram promises no more than 52 bits
DATES: Final = (0, 1, 1_700_000_000, 2**31, 2**32)
TEXTS: Final = (
    "", " ", "\n", "\x00", "\u200b", "\u200b\u2060\ufeff", "\u202eevil\u202c", "\ud83d", "\udc00a",
    "a\ud800b", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f3f3\ufe0f\u200d\U0001f308", "🙂" * 999,
    "e\u0301" * 40, "\u0301" * 4_000, "שלום עולם", "مرحبا", "你好", "ﷺ" * 300, "İıſß", "ＭＡＮ：ＭＥＮ",
    "<b>", "</pre><code>", "&amp;&#0;&#x110000;", "<a href='javascript:1'>x", "{0} {name} %s %(a)s", "$(id)",
    "../../etc/passwd", "'; DROP TABLE people;--", "http://127.0.0.1/", "attach://photo", "null", "NaN",
    "/", "/ ", "/@", "//", "@", "?", "::", "a:b::c:?", "- + -", "+ " * 50, "-" * 300, "-1", "٣",
    "x" * 299, "x" * 301, "boy " * 1_500, "a" * 100_000,
)  # fmt: skip
CALLBACK_DATA: Final = (
    "1:more:find:5:10", "1:more:find:99:99", "1:more:find:-1:10", "1:like:AAAAAAAAAAA:1:0",
    "1:up:AAAAAAAAAAA:0:0", "1:up:kindred:0:0", "1:caption:describe:9:0", "1:pick:album:0:5",
    "2:more:find:1:10", "1:close:find:0:10", "1:tags:find:0:0", "s1:album:-1", "s1:language:xx", "s1:quiet:١",
    "d1:", "try:", ":" * 64,
)  # fmt: skip


def mutated_cases() -> st.SearchStrategy[list[Json]]:
    """Return a strategy for one update most of the time, and sometimes for the items of an album."""
    types = known_types()
    single = st.composite(_mutated)(types, st.sampled_from(UPDATES)).map(lambda update: [update])
    item = st.composite(_mutated)(types, st.just({"update_id": 1, "message": ALBUM}))
    return st.integers(0, 19).flatmap(lambda die: single if die else st.lists(item, min_size=1, max_size=11))


def known_types() -> Types:
    """Return types by name: those of the Bot API if its schema is there, or else inferred ones."""
    return schema.load().types if schema.at_hand() else inferred_types(UPDATES)


def inferred_types(updates: Iterable[Json]) -> Types:
    """Infer types from examples: objects under the same name are of one type."""
    objects: dict[str, list[Json]] = {}
    for update in updates:
        for name, value in _named_objects(update, "Update"):
            objects.setdefault(name, []).append(value)
    return {name: {"fields": [*_fields(found)]} for name, found in objects.items()}


def _named_objects(value: Any, name: str) -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict):
        yield name, value
        for field, inner in value.items():
            yield from _named_objects(inner, _alias(field))
    elif isinstance(value, list):
        for inner in value:
            yield from _named_objects(inner, name)


def _alias(field: str) -> str:
    """Return the name that stands for all fields of the same type."""
    return "message" if field.endswith(("message", "_post")) else "from" if field == "user" else field


def _fields(objects: list[Json]) -> Iterator[Json]:
    for name in dict.fromkeys(name for one in objects for name in one):
        values = [one[name] for one in objects if name in one]
        types = sorted({_type_of(value, _alias(name)) for value in values})
        bits = "52 significant bits" if name == "id" else ""
        yield {"name": name, "types": types, "required": len(values) == len(objects), "description": bits}


def _type_of(value: Any, name: str) -> str:
    if isinstance(value, list):
        return ARRAY + (_type_of(value[0], name) if value else "Integer")
    simple = {bool: "Boolean", int: "Integer", float: "Float", str: "String"}
    return simple.get(type(value), name)


def _mutated(draw: Draw, types: Types, seeds: st.SearchStrategy[Json]) -> Json:
    """Draw a seed and mutate some of its fields, at any depth."""
    update: Json = copy.deepcopy(draw(seeds))
    for _ in range(draw(st.integers(0, MAX_CHANGES))):
        objects = [(parent, types[name]["fields"]) for parent, name in _objects(types, update, "Update")]
        possible = [(parent, field) for parent, fields in objects for field in fields]
        present = [(parent, field) for parent, field in possible if field["name"] in parent]
        texts = [(parent, field) for parent, field in present if isinstance(parent[field["name"]], str)]
        choices = draw(st.sampled_from([texts or present, present, possible]))
        _mutate(draw, types, *draw(st.sampled_from(choices)))
    return update


def _mutate(draw: Draw, types: Types, parent: Json, field: Json) -> None:
    """Give a field another value, or remove it if it is optional."""
    if field["name"] in parent and not field["required"] and not draw(st.integers(0, 3)):
        del parent[field["name"]]
    elif isinstance(now := parent.get(field["name"]), str) and draw(st.booleans()):
        at = draw(st.integers(0, len(now)))  # so that it is still a command, a mention, a button
        parent[field["name"]] = now[:at] + draw(_texts()) + now[at:]
    else:
        parent[field["name"]] = _value(draw, types, field, 0)


def _objects(types: Types, value: Any, name: str) -> Iterator[tuple[Json, str]]:
    """Yield every object of an update with its type."""
    if isinstance(value, list):
        for inner in value:
            yield from _objects(types, inner, name.removeprefix(ARRAY))
    elif isinstance(value, dict) and name in types:
        name = _subtype(types, value, name)
        if fields := types[name].get("fields"):
            yield value, name
            for field in fields:
                for inner in field["types"]:
                    yield from _objects(types, value.get(field["name"]), inner)


def _subtype(types: Types, value: Json, name: str) -> str:
    """Return the member of a union that an object is: the first whose discriminators agree."""
    for subtype in types[name].get("subtypes", ()):
        constants = _discriminators(types[subtype])
        if all(value.get(field) == constant for field, constant in constants.items()):
            return str(subtype)
    return name


def _discriminators(kind: Json) -> Json:
    """Return the fields of a type whose constant value names the type."""
    fields = [field for field in kind.get("fields", ()) if field["name"] in TELLING]
    matches = {field["name"]: CONSTANT.search(field["description"]) for field in fields}
    return {name: match[1] for name, match in matches.items() if match}


def _value(draw: Draw, types: Types, field: Json, depth: int) -> Any:
    """Draw a value for a field; a file id is one of a file that exists."""
    if field["name"] == "data":
        return draw(st.sampled_from(CALLBACK_DATA) | _texts())
    if "52 significant bits" in field["description"]:
        return draw(st.sampled_from(IDS) | st.integers(-(2**52), 2**52))
    if field["name"].endswith("date"):
        return draw(st.sampled_from(DATES) | st.sampled_from(INTEGERS))
    if field["name"] == "file_id":
        return draw(st.sampled_from(FILES))
    if (listed := LISTED.findall(field["description"])) and field["types"] == ["String"]:
        return draw(st.sampled_from(listed) | _texts())
    return _typed(draw, types, draw(st.sampled_from(field["types"])), depth)


def _typed(draw: Draw, types: Types, name: str, depth: int) -> Any:
    if name.startswith(ARRAY):
        count = draw(st.integers(0, 2 if depth < MAX_DEPTH else 0))
        return [_typed(draw, types, name.removeprefix(ARRAY), depth + 1) for _ in range(count)]
    simple = {
        "Integer": st.sampled_from(INTEGERS) | st.integers(-(2**52), 2**52),
        "Float": st.floats(allow_nan=False, allow_infinity=False),
        "Boolean": st.booleans(),
        "String": _texts(),
    }
    return draw(simple[name]) if name in simple else _object(draw, types, name, depth)


def _object(draw: Draw, types: Types, name: str, depth: int) -> Json:
    """Draw an object: its required fields, and sometimes an optional one."""
    while subtypes := types[name].get("subtypes"):
        name = draw(st.sampled_from(subtypes))
    constants, fields = _discriminators(types[name]), types[name].get("fields", [])
    chosen = [field for field in fields if field["required"]]
    if fields and depth < MAX_DEPTH and draw(st.booleans()):
        chosen.append(draw(st.sampled_from(fields)))
    return {
        field["name"]: constants.get(field["name"]) or _value(draw, types, field, depth + 1)
        for field in chosen
    }


def _texts() -> st.SearchStrategy[str]:
    any_character = st.characters(codec=None, exclude_categories=())  # lone surrogates, too
    return st.sampled_from(TEXTS) | st.text(any_character, max_size=40)
