"""The files of sentences."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Junk, Message, VariableReference
from fluent.syntax.visitor import Visitor

import handlers
from handlers.buttons import SAMPLES
from handlers.i18n.dictionary import translate
from handlers.i18n.texts import LANGUAGES, LOCALES, SOURCE, texts_in
from handlers.queries.parsing import Analogy, parse, parse_map
from handlers.replies import general

HANDLERS = Path(handlers.__file__).parent
OTHERS = [language for language in LANGUAGES if language != SOURCE]
COUNTS = (0, 1, 2, 5, 21)  # one, few and many, for those who tell them apart
TAG = re.compile(r"<(/?)(\w+)>")
TAGS = {"b", "i", "code", "blockquote"}
PLAIN = ("button-", "menu-", "inline-", "settings-", "thanks-", "expired", "language-name")
ALERTS = ("expired", "refused", "too-many-photos", "thanks-up", "thanks-down")

# What the English sentences propose to write, and what the others do in its place.
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
MEANT = {"cat + sofa": "cat + couch"}  # in English; a dictionary has one word for a thing


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
        values = (name.value for name in named if isinstance(name, ast.Constant))
        yield from (value for value in values if value and isinstance(value, str))


def rendered(language: str) -> Iterator[tuple[str, str]]:
    """Every sentence of a language by its name, for every way that numbers are counted in."""
    texts = texts_in(language)
    for name, values in sentences(language).items():
        for count in COUNTS if values else COUNTS[:1]:
            yield name, texts(name, **dict.fromkeys(values, count))


def occurrences(examples: Iterator[str], text: str) -> Counter[str]:
    """Count the examples in a text; the longest of those that begin alike."""
    longest_first = sorted(examples, key=len, reverse=True)
    return Counter(re.findall("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in longest_first), text))


def in_english(example: str, language: str) -> str:
    """Read an example as the bot does: a riddle and what commands compare word by word."""
    query = parse(example)
    if isinstance(query, Analogy):
        a, b, c = (translate(word, language).text for word in (query.a, query.b, query.c))
        return f"{a}:{b}::{c}:?"
    return translate(example, language).text


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


@pytest.mark.parametrize(("code", "language"), [("de", "de"), ("DE-at", "de"), ("pt-br", "pt"), ("ru", "ru")])
def test_a_dialect_is_answered_in_its_language(code: str, language: str) -> None:
    assert texts_in(code).language == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_markup_is_balanced_allowed_and_that_of_english(language: str) -> None:
    english = dict(rendered(SOURCE))
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
        (1, "Твоя 1 фотография", "Несколько из 1 фотографии, которые"),
        (2, "Твои 2 фотографии", "Несколько из 2 фотографий, которые"),
        (5, "Твои 5 фотографий", "Несколько из 5 фотографий, которые"),
        (21, "Твоя 21 фотография", "Несколько из 21 фотографии, которые"),
    ],
)
def test_russian_counts_one_few_and_many(count: int, yours: str, some: str) -> None:
    russian = texts_in("ru")
    assert russian("your-photos", count=count) == f"<b>{yours}</b>"
    assert russian("some-photos", size=count, name="Kindred").startswith(some)
    noun = yours.rsplit(maxsplit=1)[-1]
    assert f"{count} {noun}" in russian("stats-gallery", size=count, name="Kindred")
    assert f"{count} {noun}." in russian("credit", size=count, name="Kindred", credit="")


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
def test_numbers_and_nouns_are_written_the_way_of_the_language(language: str, one: str, many: str) -> None:
    texts = texts_in(language)
    assert texts("stats-gallery", size=1, name="Kindred").endswith(f" {one}")
    assert texts("stats-gallery", size=12_345, name="Kindred").endswith(f" {many}")


def test_english_knows_one_thing_from_several() -> None:
    english = texts_in("en")
    for size, some, of in ((1, "The only photo", "1 photo."), (2, "Some of the 2 photos", "2 photos.")):
        assert english("some-photos", size=size, name="Kindred").startswith(some)
        assert of in english("credit", size=size, name="Kindred", credit="")
    assert english("your-photos", count=1) == "<b>Your photo</b>"
    assert english("your-photos", count=2) == "<b>Your 2 photos</b>"


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "ru"])  # "1 с" is "2 с"
def test_one_second_is_not_several(language: str) -> None:
    one, two = (texts_in(language)("busy-for", seconds=count) for count in (1, 2))
    assert two.replace("2", "1") != one


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_maps_that_are_offered_can_be_asked_for(language: str) -> None:
    texts, asked = texts_in(language), r"/map (\w+)"
    offered = [word for name in ("map-of-what", "help") for word in re.findall(asked, texts(name, bot="me"))]
    offered += re.findall(asked, texts("menu-map"))
    assert [parse_map(translate(word, language).text) for word in offered] == [
        *2 * ["words", "images"],
        "words",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_samples_ask_for_a_word_a_riddle_and_a_scene(language: str) -> None:
    word, riddle, scene = (texts_in(language)(name) for name in SAMPLES.values())
    assert in_english(word, language) == "boy"
    assert in_english(riddle, language) == "man:men::woman:?"
    assert in_english(scene, language).endswith("dog running")


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_need_not_know_the_words_of_the_trade(language: str) -> None:
    assert not [name for name, text in rendered(language) if re.search("invers|инверс", text.lower())]


@pytest.mark.parametrize("language", OTHERS)
def test_examples_stand_where_the_english_ones_do(language: str) -> None:
    own, english = {said[language]: shown for shown, said in EXAMPLES.items()}, dict(rendered(SOURCE))
    seen: set[str] = set()
    for name, text in rendered(language):
        found = occurrences(iter(own), text)
        seen |= found.keys()
        shown = Counter({own[example]: count for example, count in found.items()})
        assert shown == occurrences(iter(EXAMPLES), english[name]), name
    assert seen == own.keys()


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_understood(example: str, language: str) -> None:
    said, meant = EXAMPLES[example][language], MEANT.get(example, example)
    words = said.split() if example in {"boy girl", "man men woman"} else [said]
    read = " ".join(in_english(word, language) for word in words)
    no_article = r"\b(?:a|the) "  # Russian has none
    assert re.sub(no_article, "", read) == re.sub(no_article, "", meant)


def test_french_puts_no_break_spaces_before_its_signs() -> None:
    assert not [name for name, text in rendered("fr") if re.search(r" [:;?!»%]|« |\w[?!»]", text)]
