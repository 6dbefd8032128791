"""Every error key of the engine has a sentence in every language, and it is filled in completely."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine
from engine import errors
from engine.errors import BadInputError, BusyError, EngineError, GalleryError, UnknownWordError
from handlers.i18n.errors import error_sentence
from handlers.i18n.texts import LANGUAGES, texts_in
from handlers.replies import general

ENGINE = Path(engine.__file__).parent
COMMAND_LINE = ENGINE / "cli"  # its errors about files are for the host
USER_ERRORS = {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, BadInputError)
}
WITHOUT_ARGUMENTS = {"UnknownImageError"}
OWN_SIGNATURE = {"UnknownWordError"}
SAMPLES: dict[str, dict[str, str | int]] = {
    "photo-too-wide": {"width": "13000", "height": "6800"},
    "unknown-word": {"word": "boi"},
    "unknown-word-near": {"word": "boi", "near": "boy / boys"},
    "unknown-part": {"text": "qwxz"},
    "too-many-labels": {"count": 12_345, "limit": 100},
    "gallery-too-small": {"fewest": 4, "count": 3},
}


def raised_errors(path: Path) -> Iterator[ast.Call]:
    """Every place of a module that raises an error for users."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Raise)
            and isinstance(node.exc, ast.Call)
            and isinstance(node.exc.func, ast.Name)
            and node.exc.func.id in USER_ERRORS - OWN_SIGNATURE - WITHOUT_ARGUMENTS
        ):
            yield node.exc


def engine_keys() -> set[str]:
    """Every key that a module of the engine raises or chooses."""
    source = "".join(path.read_text(encoding="utf-8") for path in ENGINE.rglob("*.py"))
    chosen = re.search(r"def _empty_query_key.*?\n\n|def _empty_query_key.*", source, re.S)
    assert chosen
    return {*re.findall(r'key="([\w-]+)"', source), *re.findall(r'"([a-z]+(?:-[a-z]+)+)"', chosen[0])}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", sorted(engine_keys()))
def test_every_error_key_has_a_complete_sentence(key: str, language: str) -> None:
    error = EngineError(key=key, **SAMPLES.get(key, {}))
    assert texts_in(language).has(key)
    sentence = error_sentence(error, language)
    assert len(sentence.split()) > 2
    assert "{" not in sentence and "$" not in sentence
    assert sentence.startswith(general.error(texts_in(language), error))
    assert not sentence.endswith(":")  # there are no buttons below it


def test_every_error_for_users_has_a_key_and_no_message() -> None:
    modules = [path for path in ENGINE.rglob("*.py") if COMMAND_LINE not in path.parents]
    calls = [call for path in modules for call in raised_errors(path)]
    assert len(calls) > 8
    assert all(any(word.arg == "key" for word in call.keywords) and not call.args for call in calls)


def test_an_error_itself_is_a_code_with_facts() -> None:
    assert str(BusyError()) == "busy"
    assert str(UnknownWordError("boi")) == "unknown-word: word=boi"
    assert str(UnknownWordError("boi", ("boy", "boys"))) == "unknown-word-near: word=boi, near=boy / boys"


def test_sentences_are_plain_text() -> None:
    assert error_sentence(UnknownWordError("<boi>")) == (
        "I don't know the word “<boi>”. Please try another one."
    )
    assert error_sentence(UnknownWordError("boi", ("boy", "boys"))).endswith("Did you mean boy / boys?")
    assert error_sentence(EngineError(key="too-many-labels", count=12_345, limit=100)) == (
        "Those are 12,345 labels. Please give me 100 or fewer."
    )


def test_a_sentence_that_leads_to_buttons_ends_with_what_they_say() -> None:
    assert error_sentence(EngineError(key="nothing-to-read")).endswith(
        " Try one of these: boy, a dog running"
    )
    assert error_sentence(EngineError(key="find-what"), "de").endswith(
        "oder probier es so: ein Hund rennt, Katze + Sofa, Schiff - Segel"
    )


def test_an_error_for_the_host_keeps_its_message() -> None:
    assert (
        error_sentence(GalleryError("No image in photos can be read.")) == "No image in photos can be read."
    )
