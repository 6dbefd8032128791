"""/stats: usage figures for admins alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from telegram import BotCommandScopeChat

from bot.metrics import Metrics
from bot.playground import Person, Playground, Seen
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from handlers.i18n.texts import texts_in
from handlers.replies import general
from tests.bot.harness import TIMEOUT, ScriptedEngine, build_bot, running_bot

EN = texts_in("en")

pytestmark = pytest.mark.usefixtures("admin_bot", "schema_checked")


@pytest_asyncio.fixture
async def admin_bot(
    settings: Settings, playground: Playground, scripted: ScriptedEngine, store: SQLiteStore, ada: Person
) -> AsyncIterator[KindredApplication]:
    """A bot with metrics, whose admin is Ada."""
    await ada.start()  # Telegram has no menu for somebody who never wrote
    application = build_bot(settings, playground, scripted, store, Metrics(), admins=frozenset({ada.id}))
    async with running_bot(application, 5):
        await ada.replies(timeout=TIMEOUT)
        yield application


async def ask(person: Person, text: str, count: int = 1) -> tuple[Seen, ...]:
    await person.say(text)
    return await person.replies(count, timeout=TIMEOUT)


async def test_an_admin_sees_the_usage_since_the_start(
    ada: Person, grace: Person, scripted: ScriptedEngine, store: SQLiteStore
) -> None:
    await ask(grace, "a dog running", 11)
    await ask(grace, "a dog running again", 11)
    await ask(grace, "/similar boy")
    await ask(grace, "/similar polar bear")  # told how it is done: that is an answer, too
    scripted.error = RuntimeError("a bug")
    await ask(grace, "/tags")
    await ask(grace, "/alike boy girl")
    await store.change_vote("find", None, True)
    await store.change_vote("find", None, False)
    (told,) = await ask(ada, "/stats")
    assert told.text.startswith("Up for 0 d 0 h 0 min\nPeople who wrote: 2\n")
    assert "Gallery: the test gallery, 60 photos" in told.text
    assert "Requests: 6 answered, 1 failed" in told.text
    assert "Photos Telegram held already: 10 of 20" in told.text
    assert re.search(r"^find +2   0  0\.\d\d  0\.\d\d$", told.text, re.MULTILINE)
    assert re.search(r"^alike +0   1  0\.00  0\.00$", told.text, re.MULTILINE)
    assert "Thumbs: 1 up, 1 down\nfind: 👍 1 👎 1" in told.text


async def test_an_admin_sees_how_the_gallery_grows(ada: Person, scripted: ScriptedEngine) -> None:
    scripted.gallery = replace(scripted.gallery, pending=1)
    (told,) = await ask(ada, "/stats")
    assert "60 photos\n1 more photo is being indexed and will soon be found.\n" in told.text
    scripted.gallery = replace(scripted.gallery, pending=0, fetched=0.459)
    (told,) = await ask(ada, "/stats")
    assert "60 photos\nFlickr8K is being fetched: 45%. Until" in told.text


async def test_stats_is_unknown_to_everybody_else(grace: Person) -> None:
    (told,) = await ask(grace, "/stats")
    assert told.text.startswith("I don't know /stats.")
    assert "Up for" not in told.text


async def test_an_admins_menu_has_the_stats_command(admin_bot: KindredApplication, ada: Person) -> None:
    menu = await admin_bot.bot.get_my_commands(BotCommandScopeChat(ada.id))
    assert [(one.command, one.description) for one in menu] == list(general.menu(EN, general.ADMIN))


async def test_stats_without_metrics_shows_zeros(
    settings: Settings, scripted: ScriptedEngine, store: SQLiteStore
) -> None:
    async with Playground() as elsewhere:
        bob = elsewhere.person("Bob")
        async with running_bot(
            build_bot(settings, elsewhere, scripted, store, admins=frozenset({bob.id})), 5
        ):
            (told,) = await ask(bob, "/stats")
    assert "Requests: 0 answered, 0 failed" in told.text
