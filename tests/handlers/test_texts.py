"""The files of sentences."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Junk, Message, VariableReference
from fluent.syntax.visitor import Visitor

from handlers.texts import LANGUAGES, LOCALES, SOURCE, texts_in

HANDLERS = LOCALES.parent


class Variables(Visitor):
    """Collects the names of the values that a sentence needs."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802 - the library's way
        self.names.add(node.id.name)


def sentences(language: str) -> dict[str, set[str]]:
    """Sentences of a language, each with the values it needs."""
    parsed = FluentParser().parse((LOCALES / f"{language}.ftl").read_text(encoding="utf-8"))
    assert not [entry for entry in parsed.body if isinstance(entry, Junk)]
    found: dict[str, set[str]] = {}
    for entry in parsed.body:
        if isinstance(entry, Message):
            assert entry.id.name not in found, f"{entry.id.name} is there twice"
            (variables := Variables()).visit(entry)
            found[entry.id.name] = variables.names
    return found


def said(path: Path) -> Iterator[str]:
    """Names of sentences in a module: of `texts("...")`, and of `key="..."` in errors."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        speaker = getattr(node.func, "attr", getattr(node.func, "id", ""))
        named = node.args[:1] if speaker in {"texts", "texts_for"} else []
        named += [keyword.value for keyword in node.keywords if keyword.arg == "key"]
        yield from (name.value for name in named if isinstance(name, ast.Constant) and name.value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_every_sentence_with_the_same_values(language: str) -> None:
    assert sentences(language) == sentences(SOURCE)


def test_every_sentence_that_is_said_is_there() -> None:
    names = {name for path in HANDLERS.rglob("*.py") for name in said(path)}
    assert names
    assert names <= sentences(SOURCE).keys()


@pytest.mark.parametrize("code", ["en", "EN-gb", None, "", "tlh"])
def test_who_speaks_none_of_the_languages_reads_english(code: str | None) -> None:
    assert texts_in(code).language == SOURCE


def test_a_sentence_nobody_wrote_is_a_mistake() -> None:
    with pytest.raises(LookupError, match="no-such-thing"):
        texts_in(SOURCE)("no-such-thing")
