"""Updates that are not quite right: hypothesis changes realistic ones, field by field, as the schema allows.

Where there is no schema, one is read off the seeds: which fields stand together, and of what type they are.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from hypothesis import strategies as st

from tests.bot.playground import schema
from tests.bot.playground.schema import ARRAY, CONSTANT, LISTED, TELLING
from tests.stress.seeds import ALBUM, FILES, UPDATES, Json

Types = Mapping[str, Json]  # by name: fields with their types, or subtypes
Draw = st.DrawFn

MOST_CHANGES = 4  # of one update
DEEPEST = 3  # objects within each other that are made up, not taken from a seed
# Signs of 32, 53 and 64 bits, of years, of none at all.
NUMBERS: Final = (
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
DATA: Final = (
    "1:more:find:5:10", "1:more:find:99:99", "1:more:find:-1:10", "1:like:AAAAAAAAAAA:1:0",
    "1:up:AAAAAAAAAAA:0:0", "1:up:kindred:0:0", "1:caption:describe:9:0", "1:pick:album:0:5",
    "2:more:find:1:10", "1:close:find:0:10", "1:tags:find:0:0", "s1:album:-1", "s1:language:xx", "s1:quiet:١",
    "d1:", "try:", ":" * 64,
)  # fmt: skip


def cases() -> st.SearchStrategy[list[Json]]:
    """One update most of the time; sometimes the pieces of an album."""
    types = known_types()
    one = st.composite(_changed)(types, st.sampled_from(UPDATES)).map(lambda update: [update])
    piece = st.composite(_changed)(types, st.just({"update_id": 1, "message": ALBUM}))
    return st.integers(0, 19).flatmap(lambda die: one if die else st.lists(piece, min_size=1, max_size=11))


def known_types() -> Types:
    """Types by name: those of the Bot API if its schema is at hand."""
    return schema.load().types if schema.at_hand() else types_of(UPDATES)


def types_of(updates: Iterable[Json]) -> Types:
    """Read types off examples: objects under the same name are of one type."""
    objects: dict[str, list[Json]] = {}
    for update in updates:
        for name, value in _named(update, "Update"):
            objects.setdefault(name, []).append(value)
    return {name: {"fields": [*_fields(found)]} for name, found in objects.items()}


def _named(value: Any, name: str) -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict):
        yield name, value
        for field, inner in value.items():
            yield from _named(inner, _alias(field))
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner, name)


def _alias(field: str) -> str:
    """Fields that hold what others hold, too."""
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


def _changed(draw: Draw, types: Types, seeds: st.SearchStrategy[Json]) -> Json:
    """Take a seed and change some of its fields, wherever they are in it."""
    update: Json = copy.deepcopy(draw(seeds))
    for _ in range(draw(st.integers(0, MOST_CHANGES))):
        places = [(held, types[name]["fields"]) for held, name in _places(types, update, "Update")]
        every = [(held, field) for held, fields in places for field in fields]
        there = [(held, field) for held, field in every if field["name"] in held]
        texts = [(held, field) for held, field in there if isinstance(held[field["name"]], str)]
        _change(draw, types, *draw(st.sampled_from(draw(st.sampled_from([texts or there, there, every])))))
    return update


def _change(draw: Draw, types: Types, held: Json, field: Json) -> None:
    """Let a field have another value, or take it away if it may be missing."""
    if field["name"] in held and not field["required"] and not draw(st.integers(0, 3)):
        del held[field["name"]]
    elif isinstance(now := held.get(field["name"]), str) and draw(st.booleans()):
        at = draw(st.integers(0, len(now)))  # so that it is still a command, a mention, a button
        held[field["name"]] = now[:at] + draw(_texts()) + now[at:]
    else:
        held[field["name"]] = _value(draw, types, field, 0)


def _places(types: Types, value: Any, name: str) -> Iterator[tuple[Json, str]]:
    """Every object of an update with its type."""
    if isinstance(value, list):
        for inner in value:
            yield from _places(types, inner, name.removeprefix(ARRAY))
    elif isinstance(value, dict) and name in types:
        name = _subtype(types, value, name)
        if fields := types[name].get("fields"):
            yield value, name
            for field in fields:
                for inner in field["types"]:
                    yield from _places(types, value.get(field["name"]), inner)


def _subtype(types: Types, value: Json, name: str) -> str:
    """Tell which member of a union an object is: the first whose telling field agrees."""
    for subtype in types[name].get("subtypes", ()):
        told = _told(types[subtype])
        if all(value.get(field) == constant for field, constant in told.items()):
            return str(subtype)
    return name


def _told(kind: Json) -> Json:
    """Fields of a type whose value says which type it is."""
    telling = [field for field in kind.get("fields", ()) if field["name"] in TELLING]
    found = {field["name"]: CONSTANT.search(field["description"]) for field in telling}
    return {name: match[1] for name, match in found.items() if match}


def _value(draw: Draw, types: Types, field: Json, depth: int) -> Any:
    """Make up a value for a field; what names a file mostly names one there is."""
    if field["name"] == "data":
        return draw(st.sampled_from(DATA) | _texts())
    if "52 significant bits" in field["description"]:
        return draw(st.sampled_from(IDS) | st.integers(-(2**52), 2**52))
    if field["name"].endswith("date"):
        return draw(st.sampled_from(DATES) | st.sampled_from(NUMBERS))
    if field["name"] == "file_id":
        return draw(st.sampled_from(FILES))
    if (listed := LISTED.findall(field["description"])) and field["types"] == ["String"]:
        return draw(st.sampled_from(listed) | _texts())
    return _typed(draw, types, draw(st.sampled_from(field["types"])), depth)


def _typed(draw: Draw, types: Types, name: str, depth: int) -> Any:
    if name.startswith(ARRAY):
        count = draw(st.integers(0, 2 if depth < DEEPEST else 0))
        return [_typed(draw, types, name.removeprefix(ARRAY), depth + 1) for _ in range(count)]
    simple = {
        "Integer": st.sampled_from(NUMBERS) | st.integers(-(2**52), 2**52),
        "Float": st.floats(allow_nan=False, allow_infinity=False),
        "Boolean": st.booleans(),
        "String": _texts(),
    }
    return draw(simple[name]) if name in simple else _object(draw, types, name, depth)


def _object(draw: Draw, types: Types, name: str, depth: int) -> Json:
    """Make up an object: all it needs, and sometimes one thing more."""
    while subtypes := types[name].get("subtypes"):
        name = draw(st.sampled_from(subtypes))
    told, fields = _told(types[name]), types[name].get("fields", [])
    wanted = [field for field in fields if field["required"]]
    if fields and depth < DEEPEST and draw(st.booleans()):
        wanted.append(draw(st.sampled_from(fields)))
    return {
        field["name"]: told.get(field["name"]) or _value(draw, types, field, depth + 1) for field in wanted
    }


def _texts() -> st.SearchStrategy[str]:
    anything = st.characters(codec=None, exclude_categories=())
    return st.sampled_from(TEXTS) | st.text(anything, max_size=40)
