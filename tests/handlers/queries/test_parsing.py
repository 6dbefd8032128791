"""Parsing of what handlers read themselves."""

import pytest

from engine.errors import EmptyQueryError
from handlers.i18n.texts import LANGUAGES, texts_in
from handlers.queries.parsing import has_signs, parse_map


@pytest.mark.parametrize(
    ("language", "arguments", "kind"),
    [
        ("en", "words", "words"),
        ("en", " The Photos! ", "images"),
        ("de", "Wörter", "words"),
        ("de", "pictures", "images"),
        ("ru", "фотографии", "images"),
        ("fr", "les mots", "words"),
    ],
)
def test_a_map_is_named_in_the_users_language_or_in_english(language: str, arguments: str, kind: str) -> None:
    assert parse_map(arguments, texts_in(language)) == kind


@pytest.mark.parametrize("arguments", ["", "  ", ",", "the moon", "words photos"])
def test_no_other_map_is_drawn(arguments: str) -> None:
    with pytest.raises(EmptyQueryError, match="map-of-what"):
        parse_map(arguments, texts_in("en"))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_each_language_names_both_maps(language: str) -> None:
    texts = texts_in(language)
    for kind in ("words", "images"):
        for name in texts(f"map-argument-{kind}").split(", "):
            assert parse_map(name, texts) == kind


@pytest.mark.parametrize(("text", "signed"), [("cat + sofa", True), ("- grass", True), ("a t-shirt", False)])
def test_signs_stand_between_blanks(text: str, signed: bool) -> None:
    assert has_signs(text) is signed
