"""Allowed and denied people, and the photo quota: over HTTP, by the real bot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio

from bot.playground import Person, Playground, Seen
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from handlers.i18n.texts import texts_in
from handlers.store import Preferences
from tests.bot.harness import TIMEOUT, NewPerson, ScriptedEngine, build_bot, running_bot, wait_until_idle

EN, DE = texts_in("en"), texts_in("de")
Opened = Callable[..., Awaitable[KindredApplication]]

pytestmark = pytest.mark.usefixtures("schema_checked")


@pytest.fixture
def ida(new_person: NewPerson) -> Person:
    """The admin."""
    return new_person("Ida")


@pytest_asyncio.fixture
async def opened(
    settings: Settings, playground: Playground, scripted: ScriptedEngine, store: SQLiteStore, ida: Person
) -> AsyncIterator[Opened]:
    """Start a bot with some settings; Ida is its admin unless they name another."""
    async with AsyncExitStack() as stack:

        async def start(**changed: Any) -> KindredApplication:
            changed = {"admins": frozenset({ida.id})} | changed
            application = build_bot(settings, playground, scripted, store, **changed)
            await stack.enter_async_context(running_bot(application, 5.0))
            return application

        yield start


async def ask(person: Person, text: str, count: int = 1) -> tuple[Seen, ...]:
    await person.say(text)
    return await person.replies(count, timeout=TIMEOUT)


async def all_answered(bot: KindredApplication, ida: Person) -> None:
    """Wait until everything sent so far is answered: the admin asks last."""
    await ask(ida, "/help")
    await wait_until_idle(bot)


def texts_of(person: Person) -> list[str]:
    return [seen.text for seen in person.messages if seen.from_bot]


async def test_an_uninvited_person_is_refused_once_in_their_language(
    opened: Opened, new_person: NewPerson, ada: Person, scripted: ScriptedEngine, photo: bytes, ida: Person
) -> None:
    bot = await opened(allow=frozenset({ada.id}))
    hans = new_person("Hans", "de")
    assert (await ask(hans, "boy"))[0].text == DE("refused")
    await hans.say("/help")
    await hans.send_photo(photo)
    assert not (await hans.inline("dog", timeout=TIMEOUT)).results
    await all_answered(bot, ida)
    assert texts_of(hans) == [DE("refused")]
    assert scripted.calls == []
    assert "girl" in (await ask(ada, "/similar boy"))[0].text


async def test_a_denied_person_is_refused_in_a_group_that_others_use(
    opened: Opened, playground: Playground, ada: Person, grace: Person, ida: Person
) -> None:
    bot = await opened(deny=frozenset({grace.id}))
    assert (await ask(grace, "/help"))[0].text == EN("refused")
    group = playground.group("Friends", ada, grace)
    hello = await group.member(ada).wait_for(lambda seen: seen.from_bot, TIMEOUT)
    await group.member(grace).say("/help@kindred_playground_bot")
    await all_answered(bot, ida)
    assert [seen.id for seen in group.messages if seen.from_bot] == [hello.id]
    await group.member(ada).say("/help@kindred_playground_bot")
    await group.member(ada).wait_for(lambda seen: seen.from_bot and seen.id > hello.id, TIMEOUT)


async def test_the_bot_is_silent_in_a_group_that_is_not_allowed(
    opened: Opened, playground: Playground, ada: Person, grace: Person, ida: Person
) -> None:
    bot = await opened(allow=frozenset({grace.id}))
    await ada.start()
    group = playground.group("Strangers", ada)
    await group.member(ada).say("/help@kindred_playground_bot")
    await all_answered(bot, ida)
    assert not [seen for seen in group.messages if seen.from_bot]


async def test_members_of_an_allowed_group_are_answered_there_alone(
    opened: Opened, playground: Playground, ada: Person, grace: Person
) -> None:
    group = playground.group("Friends", ada, grace, with_bot=False)
    await opened(allow=frozenset({group.id}))
    await group.add_bot()
    await group.member(ada).wait_for(lambda seen: seen.from_bot, TIMEOUT)
    await group.member(grace).say("/help@kindred_playground_bot")
    await group.member(grace).replies(timeout=TIMEOUT)
    assert (await ask(grace, "/help"))[0].text == EN("refused")


async def test_an_allowed_group_stays_allowed_as_a_supergroup(
    opened: Opened, playground: Playground, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    group = playground.group("Small", ada, basic=True, with_bot=False)
    await opened(allow=frozenset({group.id}))
    await group.add_bot()
    await group.member(ada).wait_for(lambda seen: seen.from_bot, TIMEOUT)
    moved = await group.migrate()
    await moved.member(ada).say("/help@kindred_playground_bot")
    await moved.member(ada).replies(timeout=TIMEOUT)
    assert f"Group {group.id} is now supergroup {moved.id}" in caplog.text


async def test_a_denied_persons_old_button_shows_the_refusal(
    opened: Opened,
    settings: Settings,
    playground: Playground,
    scripted: ScriptedEngine,
    store: SQLiteStore,
    ada: Person,
) -> None:
    async with running_bot(build_bot(settings, playground, scripted, store), 5.0):
        (greeting,) = await ask(ada, "/start")
    await opened(deny=frozenset({ada.id}))
    answer = await ada.press(greeting, greeting.buttons[0][0], timeout=TIMEOUT)
    assert (answer.text, answer.alert) == (EN("refused"), True)


async def test_privacy_and_deletion_work_for_denied_people(
    opened: Opened, ada: Person, store: SQLiteStore, ida: Person
) -> None:
    bot = await opened(deny=frozenset({ada.id}), quota=1)
    await store.keep_preferences(ada.id, Preferences(album=3))
    assert "Your photos and words stay yours." in (await ask(ada, "/privacy"))[0].text
    (asked,) = await ask(ada, "/delete_me")
    await ada.press(asked, EN("delete-me-yes"), timeout=TIMEOUT)
    await ada.wait_for(lambda seen: seen.text == EN("delete-me-done"), timeout=TIMEOUT)
    await store.keep_preferences(ada.id, Preferences(album=3))
    await ada.block()
    await all_answered(bot, ida)
    assert await store.preferences(ada.id) == Preferences()


async def test_a_person_over_the_photo_quota_is_told_the_minutes_to_wait(
    opened: Opened, ada: Person, grace: Person, photo: bytes, scripted: ScriptedEngine, ida: Person
) -> None:
    bot = await opened(quota=2)
    for _ in range(2):
        await ada.send_photo(photo)
        *_, first = await ada.replies(11, timeout=TIMEOUT)
    await ada.send_photo(photo)
    (wait,) = await ada.replies(timeout=TIMEOUT)
    assert wait.text == EN("too-many-photos", minutes=30)
    await ada.send_album([photo, photo])
    await all_answered(bot, ida)
    assert texts_of(ada).count(wait.text) == 1  # in a minute
    assert len(scripted.calls) == 2
    pressed = await ada.press(first, EN("button-why"), timeout=TIMEOUT)
    assert (pressed.text, pressed.alert) == (EN("too-many-photos", minutes=30), True)
    assert "girl" in (await ask(ada, "/similar boy"))[0].text  # words are not counted
    await grace.send_photo(photo)
    assert len(await grace.replies(11, timeout=TIMEOUT)) == 11


async def test_an_admin_is_always_answered(opened: Opened, ada: Person, photo: bytes) -> None:
    them = frozenset({ada.id})
    await opened(admins=them, deny=them, quota=1)
    for _ in range(2):
        await ada.send_photo(photo)
        assert len(await ada.replies(11, timeout=TIMEOUT)) == 11
