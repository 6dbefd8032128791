"""Parsing text into queries."""

from collections.abc import Callable

import pytest

from engine.errors import BadInputError, EmptyQueryError
from engine.language.cleaning import MAX_LENGTH, clean
from handlers.i18n.texts import texts_in
from handlers.queries.parsing import (
    Analogy,
    Find,
    Similar,
    check_script,
    parse,
    parse_analogy,
    parse_find,
    parse_similar,
)
from handlers.replies import general
from handlers.replies.suggestions import after_error

ANALOGY = Analogy("man", "men", "woman")


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
    assert parse(text) == ANALOGY


@pytest.mark.parametrize(
    ("text", "word"),
    [("boy", "boy"), (" Boy! ", "boy"), ("“t-shirt”", "t-shirt"), ("dog’s", "dog's"), ("é", "é")],
)
def test_a_single_word_is_a_similar_query(text: str, word: str) -> None:
    assert parse(text) == Similar(word)


@pytest.mark.parametrize(
    "text",
    ["a dog running", "🐶", "c++", "boy girl", "std::vector", "new york is to usa as paris is to ?", "12:30"],
)
def test_other_text_is_a_find_query(text: str) -> None:
    assert parse(text) == Find(text)


def test_a_leading_find_is_dropped() -> None:
    assert parse("Find a dog running") == Find("a dog running")
    assert parse("find") == Similar("find")


def test_invisible_characters_are_removed_and_blanks_collapsed() -> None:
    assert clean("a\x00dog\t\n\u2028 \u202erun\u200bning\u00ad \ud83d ") == "a dog running"


@pytest.mark.parametrize("text", ["", "   ", "\x00\x07", "\u200b"])
def test_text_without_visible_characters_is_rejected(text: str) -> None:
    with pytest.raises(EmptyQueryError, match="nothing-to-read"):
        parse(text)


def test_text_longer_than_the_limit_is_rejected() -> None:
    assert parse("ab " * (MAX_LENGTH // 3 - 1) + "abc") == Find("ab " * (MAX_LENGTH // 3 - 1) + "abc")
    with pytest.raises(BadInputError, match="too-long"):
        parse("a" * (MAX_LENGTH + 1))
    with pytest.raises(BadInputError, match="too-long"):
        parse("x" * 5_000)


def test_repeated_blanks_do_not_count_as_length() -> None:
    assert parse("a" + " " * 4_000 + "b") == Find("a b")


@pytest.mark.timeout(5)
def test_hostile_text_is_read_in_no_time() -> None:
    assert isinstance(parse("a-" * 145 + "a:b::"), Find)


def test_similar_takes_one_word() -> None:
    assert parse_similar("Boy") == Similar("boy")
    with pytest.raises(BadInputError, match="one-word-only"):
        parse_similar("polar bear")


@pytest.mark.parametrize(
    "arguments",
    [
        "man men woman",
        "man, men, woman",
        "Man men woman ?",
        "man:men::woman:?",
        "man is to men as woman is to?",
    ],
)
def test_analogy_takes_three_words_or_a_written_analogy(arguments: str) -> None:
    assert parse_analogy(arguments) == ANALOGY


@pytest.mark.parametrize("arguments", ["man", "man men", "man men woman women", "man men ???"])
def test_analogy_rejects_missing_or_extra_words(arguments: str) -> None:
    with pytest.raises(BadInputError, match="three-words-only"):
        parse_analogy(arguments)


def test_find_takes_any_description() -> None:
    assert parse_find("  a dog\nrunning ") == Find("a dog running")


@pytest.mark.parametrize(
    ("parser", "suggested"),
    [(parse_similar, "boy"), (parse_analogy, "man:men::woman:?"), (parse_find, "a dog running")],
)
def test_a_command_without_arguments_suggests_an_example(
    parser: Callable[[str], object], suggested: str
) -> None:
    with pytest.raises(EmptyQueryError) as raised:
        parser("  ")
    keyboard = after_error(texts_in("en"), raised.value.key)
    assert keyboard
    assert keyboard.inline_keyboard[0][0].text == suggested


@pytest.mark.parametrize(
    "text", ["", "a dog", "Ünal's café", "🐶", "- grass + beach", "2 + 3", "狗 dog", "? + !"]
)
def test_text_with_latin_letters_or_none_is_accepted(text: str) -> None:
    check_script(text)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("שלום עולם", "I don't know those words"),
        ("一只狗", "I don't know those words"),
        ("dog + شاطئ", "I don't know “شاطئ”"),
        ("- трава + beach", "I don't know “трава”"),
    ],
)
def test_text_in_other_scripts_is_rejected(text: str, reply: str) -> None:
    with pytest.raises(EmptyQueryError) as raised:
        check_script(text)
    assert general.error(texts_in("en"), raised.value).startswith(reply)
