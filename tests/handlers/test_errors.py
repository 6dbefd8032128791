"""The engine's errors are said in every language, and in English as the engine says them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine
from engine import errors
from engine.errors import SENTENCES, BadInputError, BusyError, EngineError, UnknownWordError
from handlers.i18n.texts import texts_in
from handlers.replies import general

ENGINE = Path(engine.__file__).parent
COMMAND_LINE = {"asking.py", "__main__.py"}  # what they say, people of Telegram never read
KINDS = {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, BadInputError)
}
OWN_SENTENCE = {"UnknownWord"}


def raised(path: Path) -> Iterator[ast.Call]:
    """Every place of a module that tells a person what is wrong."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Raise)
            and isinstance(node.exc, ast.Call)
            and isinstance(node.exc.func, ast.Name)
            and node.exc.func.id in KINDS - OWN_SENTENCE
        ):
            yield node.exc


@pytest.mark.parametrize("key", SENTENCES)
def test_english_says_it_as_the_engine_does(key: str) -> None:
    names = re.findall(r"{(\w+)(:,)?}", SENTENCES[key])
    values: dict[str, str | int] = {name: 12_345 if grouped else "boy" for name, grouped in names}
    if key in {"too-many-labels", "gallery-too-small"}:
        values |= {name: 20 for name in values if values[name] == "boy"}
    error = EngineError(key=key, **values)
    assert general.error(texts_in("en"), error) == str(error)


def test_every_error_of_the_engine_that_a_person_can_mend_has_a_key() -> None:
    calls = [call for path in ENGINE.glob("*.py") if path.name not in COMMAND_LINE for call in raised(path)]
    assert len(calls) > 8
    assert all(any(word.arg == "key" for word in call.keywords) and not call.args for call in calls)
    named = {
        word.value.value for call in calls for word in call.keywords if isinstance(word.value, ast.Constant)
    }
    assert {key for key in named if isinstance(key, str)} <= SENTENCES.keys()


def test_errors_that_make_their_own_sentence_have_one() -> None:
    assert str(BusyError()) == SENTENCES["busy"]
    assert str(UnknownWordError("boi", ("boy", "boys"))).endswith("Did you mean boy / boys?")
    assert "“boi”. Please try another" in str(UnknownWordError("boi"))
