"""What people write besides queries: over HTTP, by the real bot, in the language of their app."""

from __future__ import annotations

import pytest

from bot.playground import Person, Seen
from engine.api import MATCHES, EngineAPI
from handlers.i18n.texts import texts_in
from tests.bot.harness import TIMEOUT, NewPerson, without_tags

pytestmark = pytest.mark.usefixtures("schema_checked", "bot")

TALK = [
    ("en", "hi", "greeting"),
    ("en", "thanks!", "thanks"),
    ("en", "bye", "goodbye"),
    ("en", "what is this?", "photo-for-caption"),
    ("de", "hallo", "greeting"),
    ("de", "hello", "greeting"),
    ("de", "danke!", "thanks"),
    ("ru", "привет", "greeting"),
    ("ru", "спасибо!", "thanks"),
]
SEARCHES = [
    ("en", "a beach without people", "a beach - people"),
    ("en", "please find me a picture of a dog on a beach, thanks!", "a dog on a beach"),
    ("de", "ein Strand ohne Menschen", "a beach - people"),
    ("de", "bitte zeig mir ein Bild von einem Hund am Strand, danke!", "a dog on the beach"),
    ("ru", "пляж без людей", "beach - people"),
    ("ru", "пожалуйста, найди фото с собакой на пляже", "dog on the beach"),
]


async def ask(person: Person, text: str, count: int = 1) -> tuple[Seen, ...]:
    await person.say(text)
    return await person.replies(count, timeout=TIMEOUT)


@pytest.mark.parametrize(("language", "text", "key"), TALK)
async def test_small_talk_is_answered_in_one_sentence(
    new_person: NewPerson, language: str, text: str, key: str
) -> None:
    (answer,) = await ask(new_person("Ada", language), text)
    assert answer.text == without_tags(texts_in(language)(key))


@pytest.mark.parametrize(
    ("language", "text"), [("en", "what can you do?"), ("de", "was kannst du?"), ("ru", "что ты умеешь?")]
)
async def test_a_question_what_the_bot_can_do_is_answered_with_help(
    new_person: NewPerson, language: str, text: str
) -> None:
    person = new_person("Ada", language)
    (answer,), (help_,) = await ask(person, text), await ask(person, "/help")
    assert (answer.text, answer.buttons) == (help_.text, help_.buttons)


@pytest.mark.parametrize(("language", "text", "query"), SEARCHES)
async def test_photos_are_found_by_what_a_request_describes(
    new_person: NewPerson, engine: EngineAPI, language: str, text: str, query: str
) -> None:
    texts = texts_in(language)
    *album, said = await ask(new_person("Ada", language), text, 1 + min(MATCHES, engine.gallery.size))
    read_as = [] if language == "en" else [texts("read-as", text=query)]
    lines = [*read_as, texts("search-results", words=query)]
    assert said.text.splitlines() == [without_tags(line) for line in lines]
    assert all(seen.photo for seen in album)


@pytest.mark.parametrize("language", ["en", "de", "ru"])
async def test_a_slip_is_read_as_the_word_that_was_meant(new_person: NewPerson, language: str) -> None:
    (answer,) = await ask(new_person("Ada", language), "dgo")
    assert answer.text.startswith(texts_in(language)("corrected", written="dgo", read="dog"))


async def test_what_is_out_of_reach_is_said_once(ada: Person, engine: EngineAPI) -> None:
    seen = await ask(ada, "a unicorn on the moon", 1 + min(MATCHES, engine.gallery.size))
    unsure = texts_in("en")("not-sure")
    assert sum(one.text.count(unsure) for one in seen) == 1


@pytest.mark.parametrize("text", ["كلب على الشاطئ", "/find 犬"])
async def test_who_writes_in_another_script_is_told_which_languages_are_read(
    new_person: NewPerson, text: str
) -> None:
    (answer,) = await ask(new_person("Ada", "ar"), text)
    assert answer.text == texts_in("en")("unknown-script")
    assert answer.buttons
