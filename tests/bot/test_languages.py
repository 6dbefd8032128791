"""Who speaks another language than English is answered in it: over HTTP, by the real bot."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import pytest
from telegram import BotCommandScopeAllPrivateChats

from bot.app import KindredApplication
from bot.playground import Person, Playground, Seen
from handlers.replies import talk
from handlers.texts import LANGUAGES, SOURCE, texts_in
from tests.bot.stage import PATIENCE, ScriptedEngine

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("lawful")]


@dataclass(frozen=True)
class Said:
    """Attributes: how the bot greets, misses a command, repeats and answers a word; how one says "boy"."""

    greeting: str
    misspelt: str
    read_as: str
    near: str
    boy: str


SAID = {
    "de": Said("Hallo, ich bin", "Meinst du /similar?", "Ich lese das so: boy", "Verwandt mit boy", "Junge"),
    "es": Said("¡Hola, soy", "¿Querías decir /similar?", "Lo leo así: boy", "Palabras afines a boy", "niño"),
    "fr": Said(
        "Salut, je suis",
        "Tu voulais dire /similar\xa0?",
        "Je le lis ainsi\xa0: boy",
        "Mots proches de boy",
        "garçon",
    ),
    "it": Said("Ciao, sono", "Intendevi /similar?", "Lo leggo così: boy", "Parole affini a boy", "ragazzo"),
    "pt-br": Said(
        "Olá, eu sou", "Você quis dizer /similar?", "Eu li assim: boy", "Palavras próximas de boy", "menino"
    ),
    "ru": Said(
        "Привет, я", "Может быть, /similar?", "Я понимаю это так: boy", "Слова, близкие к boy", "мальчик"
    ),
}


async def ask(person: Person, text: str) -> Seen:
    await person.say(text)
    return (await person.replies(timeout=PATIENCE))[0]


def plain(text: str) -> str:
    return html.unescape(re.sub(r"</?\w+>", "", text))


@pytest.mark.parametrize("language", SAID)
async def test_people_are_answered_in_the_language_of_their_app(
    playground: Playground, scripted_bot: KindredApplication, scripted: ScriptedEngine, language: str
) -> None:
    ada, texts, said = playground.person("Ada", language=language), texts_in(language), SAID[language]
    assert (await ask(ada, "/start")).text.startswith(f"{said.greeting} Kindred")
    assert (await ask(ada, "/help")).text == plain(texts("help", bot=scripted_bot.bot.username))
    assert said.misspelt in (await ask(ada, "/simlar")).text
    answer = await ask(ada, f"/similar {said.boy}")
    assert scripted.asked == [("similar", "boy")]
    assert answer.text.splitlines()[:2] == [said.read_as, said.near]


async def test_the_menus_are_in_the_language_of_the_app(scripted_bot: KindredApplication) -> None:
    for language in LANGUAGES:
        code = None if language == SOURCE else language
        menu = await scripted_bot.bot.get_my_commands(BotCommandScopeAllPrivateChats(), code)
        assert [(one.command, one.description) for one in menu] == list(talk.menu(texts_in(language)))
