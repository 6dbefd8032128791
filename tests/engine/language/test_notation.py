"""Notation and cleaning: what is read the same in every language."""

import pytest

from engine.api import MAX_TEXT_LENGTH
from engine.errors import BadInputError, EmptyQueryError
from engine.language.cleaning import clean
from engine.language.notation import analogy, bare_word, command, words
from engine.results import IntentKind


@pytest.mark.parametrize(
    "text",
    [
        "man:men::woman:?",
        "man:men::woman:",
        "man:men::woman",
        "man : men :: woman : ?",
        "  Man :MEN::  woman: ?? ",
        "man：men：：woman：？",
        "man∶men∷woman∶?",
        "man:men=woman:?",
        "man:men as woman:?",
        "man:men::woman:what",
        "man:men::woman:women",
        "“man”:“men”::“woman”:?",
        "man is to men as woman is to ?",
        "man is to men as woman is to?",
        "man is to men as woman is to",
        "Man is to men, as woman is to …",
        "man is to men as woman is to ...",
        "man is to men as woman is to what?",
        "MAN IS TO MEN AS WOMAN IS TO WHAT",
        "man is to men what woman is to ___",
        "man to men as woman to ?",
        "man\u200b:men::woman:?",
    ],
)
def test_every_form_of_an_analogy_is_parsed(text: str) -> None:
    assert analogy(clean(text)) == ("man", "men", "woman")


@pytest.mark.parametrize("text", ["a dog", "12:30", "std::vector", "new york is to usa as paris is to ?"])
def test_other_text_is_no_analogy(text: str) -> None:
    assert analogy(text) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [("boy", "boy"), (" Boy! ", "Boy"), ("“t-shirt”", "t-shirt"), ("dog’s", "dog's"), ("é", "é")],
)
def test_a_single_word_is_bare(text: str, word: str) -> None:
    assert bare_word(clean(text)) == word


@pytest.mark.parametrize("text", ["boy girl", "🐶", "c++"])
def test_other_text_is_no_bare_word(text: str) -> None:
    assert bare_word(text) is None


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("man men woman", ["man", "men", "woman"]),
        ("man, men; Woman ?", ["man", "men", "Woman"]),
        ("dog and cat", ["dog", "cat"]),
        ("Hund und Katze?", ["Hund", "Katze"]),
        ("man men ???", ["man", "men"]),
    ],
)
def test_the_words_of_a_command_are_parted_by_signs_and_blanks(arguments: str, expected: list[str]) -> None:
    assert words(arguments) == expected


def test_a_command_names_the_kind_of_intent() -> None:
    assert command("/find a dog") == (IntentKind.DESCRIPTION, "a dog")
    assert command("/Similar@kindred_bot boy") == (IntentKind.SIMILAR, "boy")
    assert command("/find") == (IntentKind.DESCRIPTION, "")
    assert command("find a dog") is None
    assert command("/settings") is None


def test_invisible_characters_are_removed_and_blanks_collapsed() -> None:
    assert clean("a\x00dog\t\n\u2028 \u202erun\u200bning\u00ad \ud83d ") == "a dog running"
    assert clean("a" + " " * 4_000 + "b") == "a b"


@pytest.mark.parametrize("text", ["", "   ", "\x00\x07", "\u200b"])
def test_text_without_visible_characters_is_rejected(text: str) -> None:
    with pytest.raises(EmptyQueryError, match="nothing-to-read"):
        clean(text)


def test_text_longer_than_the_limit_is_rejected() -> None:
    longest = "ab " * (MAX_TEXT_LENGTH // 3 - 1) + "abc"
    assert clean(longest) == longest
    assert clean(f"/find@kindred_bot {longest}").endswith(longest)
    for text in ("a" * (MAX_TEXT_LENGTH + 1), f"/find {'a' * (MAX_TEXT_LENGTH + 1)}", "x" * 5_000):
        with pytest.raises(BadInputError, match=f"too-long: length={len(text.removeprefix('/find '))}"):
            clean(text)


@pytest.mark.timeout(5)
def test_hostile_text_is_read_in_no_time() -> None:
    assert analogy("a-" * 145 + "a:b::") is None
