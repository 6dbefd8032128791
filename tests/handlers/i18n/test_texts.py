"""The locale files."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Junk, Message, VariableReference
from fluent.syntax.visitor import Visitor

import handlers
from engine.language import notation
from engine.language.dictionary import translate
from handlers.i18n.samples import SAMPLES
from handlers.i18n.texts import LANGUAGES, LOCALES, SOURCE_LANGUAGE, texts_in
from handlers.replies import general

HANDLERS = Path(handlers.__file__).parent
OTHERS = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]
COUNTS = (0, 1, 2, 5, 21)  # of the plural categories one, few and many
TAG = re.compile(r"<(/?)(\w+)>")
TAGS = {"b", "i", "code", "blockquote"}
PLAIN = ("button-", "menu-", "inline-", "settings-", "thanks-", "expired", "language-name")
ALERTS = ("expired", "refused", "too-many-photos", "thanks-up", "thanks-down")

# Example queries in the English texts, and their translations in the others.
EXAMPLES = {
    "boy": {
        "de": "Junge", "es": "niño", "fr": "garçon", "it": "ragazzo", "pt": "menino", "ru": "мальчик",
    },
    "boy girl": {
        "de": "Junge Mädchen", "es": "niño niña", "fr": "garçon fille",
        "it": "ragazzo ragazza", "pt": "menino menina", "ru": "мальчик девочка",
    },
    "man men woman": {
        "de": "Mann Männer Frau", "es": "hombre hombres mujer", "fr": "homme hommes femme",
        "it": "uomo uomini donna", "pt": "homem homens mulher", "ru": "мужчина мужчины женщина",
    },
    "man:men::woman:?": {
        "de": "Mann:Männer::Frau:?", "es": "hombre:hombres::mujer:?", "fr": "homme:hommes::femme:?",
        "it": "uomo:uomini::donna:?", "pt": "homem:homens::mulher:?", "ru": "мужчина:мужчины::женщина:?",
    },
    "a dog running": {
        "de": "ein Hund rennt", "es": "un perro corriendo", "fr": "un chien qui court",
        "it": "un cane che corre", "pt": "um cachorro correndo", "ru": "собака бежит",
    },
    "a dog running on the beach": {
        "de": "ein Hund rennt am Strand", "es": "un perro corriendo en la playa",
        "fr": "un chien qui court sur la plage", "it": "un cane che corre sulla spiaggia",
        "pt": "um cachorro correndo na praia", "ru": "собака бежит по пляжу",
    },
    "the dog": {
        "de": "der Hund", "es": "el perro", "fr": "le chien",
        "it": "il cane", "pt": "o cachorro", "ru": "собака",
    },
    "- grass": {
        "de": "- Gras", "es": "- hierba", "fr": "- herbe", "it": "- erba", "pt": "- grama", "ru": "- трава",
    },
    "- grass + beach": {
        "de": "- Gras + Strand", "es": "- hierba + playa", "fr": "- herbe + plage",
        "it": "- erba + spiaggia", "pt": "- grama + praia", "ru": "- трава + пляж",
    },
    "cat + sofa": {
        "de": "Katze + Sofa", "es": "gato + sofá", "fr": "chat + canapé",
        "it": "gatto + divano", "pt": "gato + sofá", "ru": "кошка + диван",
    },
    "ship - sail": {
        "de": "Schiff - Segel", "es": "buque - vela", "fr": "navire - voile",
        "it": "nave - vela", "pt": "navio - vela", "ru": "корабль - парус",
    },
    "cat, dog, boat": {
        "de": "Katze, Hund, Boot", "es": "gato, perro, barco", "fr": "chat, chien, bateau",
        "it": "gatto, cane, barca", "pt": "gato, cachorro, barco", "ru": "кошка, собака, лодка",
    },
}  # fmt: skip
# They say after which command words are to be typed, and suggestions follow.
TYPED = ("similar-of-what", "alike-what", "find-what")
TRANSLATED_AS = {"cat + sofa": "cat + couch"}  # the dictionary has one English word for a thing


class Variables(Visitor):
    """Collects the names of a message's variables."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802 - named by the library
        self.names.add(node.id.name)


@cache
def messages(language: str) -> dict[str, set[str]]:
    """The message keys of a language, each with its variables."""
    parsed = FluentParser().parse((LOCALES / f"{language}.ftl").read_text(encoding="utf-8"))
    assert not [entry for entry in parsed.body if isinstance(entry, Junk)]
    found: dict[str, set[str]] = {}
    for entry in parsed.body:
        if isinstance(entry, Message):
            assert entry.id.name not in found, f"{entry.id.name} is defined twice"
            (variables := Variables()).visit(entry)
            found[entry.id.name] = variables.names
    return found


def used_keys(path: Path) -> Iterator[str]:
    """The message keys in a module: of `texts("...")`, and of `key="..."` in errors."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        function = getattr(node.func, "attr", getattr(node.func, "id", ""))
        named = node.args[:1] if function in {"texts", "texts_for"} else []
        named += [keyword.value for keyword in node.keywords if keyword.arg == "key"]
        values = (name.value for name in named if isinstance(name, ast.Constant))
        yield from (value for value in values if value and isinstance(value, str))


def rendered(language: str) -> Iterator[tuple[str, str]]:
    """Every message of a language by its key, with every count of `COUNTS`."""
    texts = texts_in(language)
    for name, values in messages(language).items():
        for count in COUNTS if values else COUNTS[:1]:
            yield name, texts(name, **dict.fromkeys(values, count))


def occurrences(examples: Iterator[str], text: str) -> Counter[str]:
    """Count the examples in a text, the longest first where several match."""
    longest_first = sorted(examples, key=len, reverse=True)
    return Counter(re.findall("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in longest_first), text))


def in_english(example: str, language: str) -> str:
    """Translate an example as the bot does: analogies word by word."""
    if words := notation.analogy(example):
        a, b, c = (translate(word, language).text for word in words)
        return f"{a}:{b}::{c}:?"
    return translate(example, language).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_messages_and_variables(language: str) -> None:
    assert messages(language) == messages(SOURCE_LANGUAGE)


def test_every_key_used_in_code_exists() -> None:
    names = {name for path in HANDLERS.rglob("*.py") for name in used_keys(path)}
    assert names
    assert names <= messages(SOURCE_LANGUAGE).keys()


@pytest.mark.parametrize("code", ["en", "EN-gb", None, "", "tlh"])
def test_unsupported_languages_fall_back_to_english(code: str | None) -> None:
    assert texts_in(code).language == SOURCE_LANGUAGE


def test_an_unknown_key_raises_lookup_error() -> None:
    with pytest.raises(LookupError, match="no-such-thing"):
        texts_in(SOURCE_LANGUAGE)("no-such-thing")


@pytest.mark.parametrize(("code", "language"), [("de", "de"), ("DE-at", "de"), ("pt-br", "pt"), ("ru", "ru")])
def test_a_regional_code_selects_its_language(code: str, language: str) -> None:
    assert texts_in(code).language == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_markup_is_balanced_allowed_and_that_of_english(language: str) -> None:
    english = dict(rendered(SOURCE_LANGUAGE))
    for name, text in rendered(language):
        opened: list[str] = []
        for closing, tag in TAG.findall(text):
            assert tag in TAGS, name
            if not closing:
                opened.append(tag)
            else:
                assert opened.pop() == tag, name
        assert not opened, name
        assert not re.search("[<>&{}]", TAG.sub("", text)), name
        assert Counter(TAG.findall(text)) == Counter(TAG.findall(english[name])), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_telegram_shows_as_it_is_has_no_markup(language: str) -> None:
    assert not [name for name, text in rendered(language) if name.startswith(PLAIN) and "<" in text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_menus_alerts_and_buttons_are_within_their_limits(language: str) -> None:
    texts = texts_in(language)
    for _, does in general.menu(texts, general.ADMIN):
        assert 1 <= len(does) <= 256
        assert "\n" not in does
    assert all(len(text) <= 200 for name, text in rendered(language) if name in ALERTS)
    buttons = [text for name, text in rendered(language) if name.startswith("button-")]
    assert max(map(len, buttons)) <= 20  # two share a row of a phone


@pytest.mark.parametrize(
    ("count", "yours", "some"),
    [
        (1, "Твоя 1 фотография", "Единственное фото, которое я знаю."),
        (2, "Твои 2 фотографии", "Несколько из 2 фотографий, которые"),
        (5, "Твои 5 фотографий", "Несколько из 5 фотографий, которые"),
        (21, "Твоя 21 фотография", "Несколько из 21 фотографии, которые"),
    ],
)
def test_russian_has_three_plural_forms(count: int, yours: str, some: str) -> None:
    russian = texts_in("ru")
    assert russian("your-photos", count=count) == f"<b>{yours}</b>"
    assert russian("random-photos", size=count).startswith(some)
    noun = yours.rsplit(maxsplit=1)[-1]
    assert f"{count} {noun}" in russian("stats-gallery", size=count, name="Kindred")


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "1 photo", "12,345 photos"),
        ("de", "1 Foto", "12.345 Fotos"),
        ("es", "1 foto", "12.345 fotos"),
        ("fr", "1 photo", "12\u202f345 photos"),
        ("it", "1 foto", "12.345 foto"),
        ("pt", "1 foto", "12.345 fotos"),
        ("ru", "1 фотография", "12\xa0345 фотографий"),
    ],
)
def test_numbers_and_nouns_follow_the_language(language: str, one: str, many: str) -> None:
    texts = texts_in(language)
    assert texts("stats-gallery", size=1, name="Kindred").endswith(f" {one}")
    assert texts("stats-gallery", size=12_345, name="Kindred").endswith(f" {many}")


def test_english_has_singular_and_plural() -> None:
    english = texts_in("en")
    for size, some in ((1, "The only photo"), (2, "Some of the 2 photos")):
        assert english("random-photos", size=size).startswith(some)
    assert english("your-photos", count=1) == "<b>Your photo</b>"
    assert english("your-photos", count=2) == "<b>Your 2 photos</b>"


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "ru"])  # "1 с" is "2 с"
def test_one_second_is_singular(language: str) -> None:
    one, two = (texts_in(language)("busy-for", seconds=count) for count in (1, 2))
    assert two.replace("2", "1") != one


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_hint_is_a_command_that_would_be_sent_without_its_words(language: str) -> None:
    takes_words = r"/(?:find|similar|analogy|alike|map)\b(?=@?\S* +[^\W/•–—])"
    for name, text in rendered(language):
        assert not re.search(takes_words, re.sub("<code>.*?</code>", "", text)) or name in TYPED, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sample_queries_are_a_word_an_analogy_and_a_description(language: str) -> None:
    word, analogy, description, *_ = (texts_in(language)(name) for name in SAMPLES.values())
    assert in_english(word, language) == "boy"
    assert in_english(analogy, language) == "man:men::woman:?"
    assert in_english(description, language).endswith("dog running")


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_avoid_technical_terms(language: str) -> None:
    assert not [name for name, text in rendered(language) if re.search("invers|инверс", text.lower())]


@pytest.mark.parametrize("language", OTHERS)
def test_examples_are_translated_where_english_has_them(language: str) -> None:
    own = {translated[language]: example for example, translated in EXAMPLES.items()}
    english = dict(rendered(SOURCE_LANGUAGE))
    used: set[str] = set()
    for name, text in rendered(language):
        found = occurrences(iter(own), text)
        used |= found.keys()
        counts = Counter({own[example]: count for example, count in found.items()})
        assert counts == occurrences(iter(EXAMPLES), english[name]), name
    assert used == own.keys()


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_translate_back_to_english(example: str, language: str) -> None:
    translated, expected = EXAMPLES[example][language], TRANSLATED_AS.get(example, example)
    words = translated.split() if example in {"boy girl", "man men woman"} else [translated]
    back = " ".join(in_english(word, language) for word in words)
    no_article = r"\b(?:a|the) "  # Russian has none
    assert re.sub(no_article, "", back) == re.sub(no_article, "", expected)


def test_french_puts_no_break_spaces_before_its_signs() -> None:
    assert not [name for name, text in rendered("fr") if re.search(r" [:;?!»%]|« |\w[?!»]", text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_has_one_kind_of_apostrophe(language: str) -> None:
    text = (LOCALES / f"{language}.ftl").read_text(encoding="utf-8")
    sentences = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    kinds = {sign for sign in "'’" if re.search(rf"\w{sign}\w", sentences)}
    assert len(kinds) <= 1
