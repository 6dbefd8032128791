"""People are answered in the language of their app: over HTTP, by the real bot."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import pytest
from telegram import BotCommandScopeAllPrivateChats

from bot.playground import Person, Seen
from bot.types import KindredApplication
from handlers.i18n.samples import SAMPLES
from handlers.i18n.texts import LANGUAGES, SOURCE_LANGUAGE, texts_in
from handlers.replies import general
from handlers.replies.suggestions import GREETING
from tests.bot.harness import TIMEOUT, NewPerson, ScriptedEngine

pytestmark = pytest.mark.usefixtures("schema_checked")


@dataclass(frozen=True)
class Sentences:
    """How the bot's answers begin in a language.

    Attributes:
        greeting: the answer to /start.
        misspelt: the answer to a misspelt command.
        read_as: the line about the translation of "boy".
        near: the answer to "boy".
        boy: the word for "boy".
    """

    greeting: str
    misspelt: str
    read_as: str
    near: str
    boy: str


SENTENCES = {
    "de": Sentences("Hallo, ich bin", "Meinst du /similar?", "Gelesen als: boy", "Verwandt mit boy", "Junge"),
    "es": Sentences(
        "¡Hola, soy", "¿Querías decir /similar?", "Leído como: boy", "Palabras cercanas a boy", "niño"
    ),
    "fr": Sentences(
        "Salut, je suis",
        "Tu voulais dire /similar\xa0?",
        "Lu comme\xa0: boy",
        "Mots proches de boy",
        "garçon",
    ),
    "it": Sentences("Ciao, sono", "Intendevi /similar?", "Letto come: boy", "Parole vicine a boy", "ragazzo"),
    "pt-br": Sentences(
        "Olá, eu sou", "Você quis dizer /similar?", "Lido como: boy", "Palavras próximas de boy", "menino"
    ),
    "ru": Sentences(
        "Привет, я", "Может быть, /similar?", "Понято как: boy", "Слова, близкие к boy", "мальчик"
    ),
}


async def ask(person: Person, text: str) -> Seen:
    await person.say(text)
    return (await person.replies(timeout=TIMEOUT))[0]


def plain(text: str) -> str:
    return html.unescape(re.sub(r"</?\w+>", "", text))


@pytest.mark.parametrize("language", SENTENCES)
async def test_people_are_answered_in_the_language_of_their_app(
    new_person: NewPerson, scripted_bot: KindredApplication, scripted: ScriptedEngine, language: str
) -> None:
    ada, texts, said = new_person("Ada", language=language), texts_in(language), SENTENCES[language]
    assert (await ask(ada, "/start")).text.startswith(f"{said.greeting} Kindred")
    assert (await ask(ada, "/help")).text == plain(texts("help", bot=scripted_bot.bot.username))
    assert said.misspelt in (await ask(ada, "/simlar")).text
    answer = await ask(ada, f"/similar {said.boy}")
    assert scripted.calls == [("similar", "boy")]
    assert answer.text.splitlines()[:2] == [said.read_as, said.near]


@pytest.mark.parametrize("language", SENTENCES)
async def test_the_samples_are_in_the_language_of_the_app(
    new_person: NewPerson, scripted_bot: KindredApplication, scripted: ScriptedEngine, language: str
) -> None:
    ada, texts = new_person("Ada", language=language), texts_in(language)
    greeting = await ask(ada, "/start")
    labels = [texts(SAMPLES[name]) for (name,) in GREETING]
    assert [label for (label,) in greeting.buttons] == labels
    for label, count in zip(labels, (1, 1, 11), strict=True):
        await ada.press(greeting, label, timeout=TIMEOUT)
        assert (await ada.replies(count, TIMEOUT))[-1].text.startswith(texts("read-as", text="")[:-1])
    assert scripted.calls[:2] == [("similar", "boy"), ("analogy", "man", "men", "woman")]
    assert scripted.calls[2][1].endswith("dog running")


async def test_a_sample_button_uses_the_current_language(
    new_person: NewPerson, scripted_bot: KindredApplication, scripted: ScriptedEngine
) -> None:
    ada = new_person("Ada", language="de")
    greeting = await ask(ada, "/start")
    settings = await ask(ada, "/settings")
    await ada.press(settings, "English", timeout=TIMEOUT)
    await ada.press(greeting, "Junge", timeout=TIMEOUT)
    assert (await ada.replies(timeout=TIMEOUT))[0].text.startswith("Words close to boy")
    assert scripted.calls == [("similar", "boy")]


@pytest.mark.parametrize(
    ("language", "asked", "drawn"),
    [
        ("de", "Wörter", "words"),
        ("de", "Bilder", "images"),
        ("es", "palabras", "words"),
        ("fr", "les mots", "words"),
        ("it", "foto", "images"),
        ("pt-br", "imagens", "images"),
        ("ru", "фотографии", "images"),
        ("ru", "images", "images"),
    ],
)
async def test_maps_can_be_requested_in_any_language(
    new_person: NewPerson, scripted_bot: KindredApplication, language: str, asked: str, drawn: str
) -> None:
    ada = new_person("Ada", language=language)
    await ada.say(f"/map {asked}")
    shown = await ada.wait_for(lambda seen: bool(seen.photo), timeout=TIMEOUT)
    assert shown.text == texts_in(language)(f"map-of-{drawn}")


async def test_the_menus_are_in_the_language_of_the_app(scripted_bot: KindredApplication) -> None:
    for language in LANGUAGES:
        code = None if language == SOURCE_LANGUAGE else language
        menu = await scripted_bot.bot.get_my_commands(BotCommandScopeAllPrivateChats(), code)
        assert [(one.command, one.description) for one in menu] == list(general.menu(texts_in(language)))
