"""Which texts are in a script that no language of the bot is written in."""

from __future__ import annotations

import pytest

from handlers.queries.scripts import is_foreign


@pytest.mark.parametrize("text", ["كلب على الشاطئ", "犬", "नमस्ते", "/find קלב", "개!", "σκύλος"])
def test_a_text_of_another_script_is_foreign(text: str) -> None:
    assert is_foreign(text)


@pytest.mark.parametrize("text", ["", "/find", "123 🙃", "blorf", "ёлка", "Straße", "犬 dog", "/find qwx"])
def test_other_texts_are_not(text: str) -> None:
    assert not is_foreign(text)
