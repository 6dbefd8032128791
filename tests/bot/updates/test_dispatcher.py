"""Chats are answered in turn, each in order, and none delays another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.playground import Person, Playground
from bot.sending import rate_limiter
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from bot.updates import dispatcher as dispatcher_module
from engine.results import Description, Intent, IntentKind, WordMatch
from handlers.i18n.texts import texts_in
from handlers.store import Preferences
from tests import postgres
from tests.bot import harness
from tests.bot.harness import (
    TIMEOUT,
    ScriptedEngine,
    UpdateInjector,
    build_bot,
    deliver,
    running_bot,
    wait_until_inbox_empty,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

EN = texts_in("en")
MakeApplication = Callable[[], KindredApplication]


class GatedEngine(ScriptedEngine):
    """Answers once a gate is open, and counts the answers in progress."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.requests: list[str] = []
        self.in_progress = self.max_in_progress = 0

    async def similar(self, word: str, count: int = 10) -> tuple[WordMatch, ...]:
        self.requests.append(word)
        self.in_progress += 1
        self.max_in_progress = max(self.max_in_progress, self.in_progress)
        await self.gate.wait()
        await asyncio.sleep(0.01)
        self.in_progress -= 1
        return await super().similar(word, count)

    async def describe(self, *arguments: Any, **options: Any) -> Description:
        self.requests.append("photo")
        await self.gate.wait()
        return await super().describe(*arguments, **options)

    async def knows(self, word: str) -> bool:
        return True

    async def understand(self, text: str, language: str | None = None, *, with_photo: bool = False) -> Intent:
        return Intent(IntentKind.SIMILAR, words=(text,))

    async def wait_for_requests(self, count: int) -> None:
        async with asyncio.timeout(TIMEOUT):
            while len(self.requests) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture(params=["sqlite", "postgres"], autouse=True)
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the bots of a test have their inbox."""
    if request.param == "postgres":
        opener = postgres.inbox_opener(request.getfixturevalue("postgres_url"))
        monkeypatch.setattr(harness, "open_inbox", opener)


@pytest.fixture
def engine() -> GatedEngine:
    return GatedEngine()


@pytest.fixture
def make_application(
    settings: Settings, playground: Playground, engine: GatedEngine, store: SQLiteStore
) -> MakeApplication:
    return lambda: build_bot(settings, playground, engine, store)


def words(count: int) -> list[str]:
    return [letter * 3 for letter in "abcdefghijklmnopqrstuvwxyz"[:count]]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not condition():  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.001)


async def answers(person: Person, count: int) -> list[str]:
    async with asyncio.timeout(TIMEOUT):
        while len(texts := [message.text for message in person.messages if message.from_bot]) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return texts


async def test_a_chats_updates_are_answered_one_by_one_and_in_order(
    make_application: MakeApplication, engine: GatedEngine, ada: Person
) -> None:
    engine.gate.set()
    async with running_bot(make_application()):
        for word in words(6):
            await ada.say(word)
        texts = await answers(ada, 6)
    assert engine.requests == words(6)
    assert engine.max_in_progress == 1
    assert [word for word, text in zip(words(6), texts, strict=True) if word in text] == words(6)


@pytest.mark.parametrize("waits", [False, True])
async def test_an_answer_whose_end_fails_blocks_neither_its_chat_nor_a_slot(
    make_application: MakeApplication,
    engine: GatedEngine,
    ada: Person,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    waits: bool,
) -> None:
    async with running_bot(make_application(), concurrency=1) as dispatcher:
        mark_answered, failures = dispatcher.inbox.mark_answered, [ValueError("no active connection")]

        async def fail_once(update_ids: Sequence[int]) -> None:
            if failures:
                raise failures.pop()
            await mark_answered(update_ids)

        monkeypatch.setattr(dispatcher.inbox, "mark_answered", fail_once)
        first, second = words(2)
        await ada.say(first)
        await engine.wait_for_requests(1)
        if waits:
            await ada.say(second)
            await until(lambda: dispatcher.waiting == 2)
        engine.gate.set()
        await answers(ada, 1)
        await until(lambda: not failures)
        if not waits:
            await ada.say(second)
        assert len(await answers(ada, 2)) == 2
        await until(lambda: dispatcher.waiting == 0)
    assert "no active connection" in caplog.text


async def test_a_chat_that_sends_much_delays_no_other_chat(
    make_application: MakeApplication, engine: GatedEngine, playground: Playground, ada: Person
) -> None:
    bob = playground.person("Bob")
    async with running_bot(make_application(), concurrency=1) as dispatcher:
        for word in words(9):
            await ada.say(word)
        await engine.wait_for_requests(1)
        await bob.say("boy")
        await until(lambda: dispatcher.waiting == 10)
        engine.gate.set()
        await answers(ada, 9)
    assert engine.requests.index("boy") == 1


async def test_a_button_is_answered_while_a_photo_of_the_same_chat_is_captioned(
    make_application: MakeApplication, engine: GatedEngine, ada: Person, photo: bytes
) -> None:
    async with running_bot(make_application()):
        await ada.start()
        (welcome,) = await ada.replies(1, TIMEOUT)
        await ada.send_photo(photo)
        await engine.wait_for_requests(1)
        await ada.press(welcome, "boy", TIMEOUT)
        engine.gate.set()


async def test_a_chat_with_a_long_queue_is_told_once_how_long_it_takes_and_answered(
    make_application: MakeApplication, engine: GatedEngine, ada: Person
) -> None:
    async with running_bot(make_application()):
        for word in words(16):
            await ada.say(word)
        texts = await answers(ada, 1)
        assert texts == [EN("busy-for", seconds=22)]
        engine.gate.set()
        assert len(await answers(ada, 17)) == 17
    assert engine.requests == words(16)


async def test_updates_beyond_the_queue_are_refused_with_one_notice(
    make_application: MakeApplication,
    engine: GatedEngine,
    ada: Person,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(dispatcher_module, "MAX_QUEUE_LENGTH", 4)
    async with running_bot(make_application()) as dispatcher:
        await ada.say(words(1)[0])
        await engine.wait_for_requests(1)
        for word in words(10)[1:]:
            await ada.say(word)
        assert await answers(ada, 1) == [EN("queue-full")]
        async with asyncio.timeout(TIMEOUT):
            while caplog.text.count("is refused") < 5:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        engine.gate.set()
        await answers(ada, 1 + 5)
        await wait_until_inbox_empty(dispatcher)
    assert engine.requests == words(5)


async def test_updates_left_when_the_bot_stopped_are_answered_once_after_a_restart(
    make_application: MakeApplication, engine: GatedEngine, ada: Person, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox.sqlite3"
    async with running_bot(make_application(), grace=0.1, inbox=inbox):
        for word in words(3):
            await ada.say(word)
        await engine.wait_for_requests(1)
    assert engine.requests == words(1)
    engine.gate.set()
    async with running_bot(make_application(), inbox=inbox):
        await answers(ada, 3)
    async with running_bot(make_application(), inbox=inbox) as dispatcher:
        assert dispatcher.waiting == 0
    assert engine.requests == [*words(1), *words(3)]


async def test_an_update_that_crashes_the_bot_each_time_is_given_up_with_an_apology(
    make_application: MakeApplication, engine: GatedEngine, ada: Person, tmp_path: Path
) -> None:
    file = tmp_path / "inbox.sqlite3"
    message = {"message_id": 1, "date": 1, "text": "boy", "chat": {"id": ada.id, "type": "private"}}
    await ada.start()
    async with harness.open_inbox(file) as inbox:
        await deliver(inbox, [{"update_id": 7, "message": message}])
        for _ in range(dispatcher_module.MAX_ATTEMPTS):
            await inbox.start_attempt(7)
    async with running_bot(make_application(), inbox=file):
        assert EN("retries-exhausted") in await answers(ada, 2)
    assert engine.requests == []


async def test_an_update_that_was_only_in_progress_at_a_crash_is_not_given_up(
    make_application: MakeApplication,
    engine: GatedEngine,
    playground: Playground,
    ada: Person,
    tmp_path: Path,
) -> None:
    """Suspects are attempted one at a time; one that gets as far as an answer is cleared."""
    file = tmp_path / "inbox.sqlite3"
    people = [ada, playground.person("Bob"), playground.person("Eve")]
    async with harness.open_inbox(file) as inbox:
        for number, person in enumerate(people, 1):
            await person.start()
            message = {
                "message_id": 1,
                "date": 1,
                "text": "boy",
                "chat": {"id": person.id, "type": "private"},
            }
            await deliver(inbox, [{"update_id": number, "message": message}])
            await inbox.start_attempt(number)
            await inbox.start_attempt(number)
        assert await inbox.crash_suspects() == {1, 2, 3}
    async with running_bot(make_application(), inbox=file) as dispatcher:
        await engine.wait_for_requests(1)
        await asyncio.sleep(0.2)  # the others would be attempted now
        attempts = [await dispatcher.inbox.start_attempt(number) for number in (1, 2, 3)]
        assert attempts == [3, 2, 2]
        engine.gate.set()
        await wait_until_inbox_empty(dispatcher)
    assert engine.max_in_progress == 1


async def test_an_update_that_got_as_far_as_an_answer_is_never_given_up(
    make_application: MakeApplication,
    engine: GatedEngine,
    playground: Playground,
    ada: Person,
    photo: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rate_limiter, "IN_FLIGHT_SECONDS", 0.0)
    monkeypatch.setattr(dispatcher_module, "MAX_ATTEMPTS", 3)
    engine.gate.set()
    playground.faults.next("flood", "sendMessage", 5, seconds=60)  # the text under the album
    await ada.send_photo(photo)
    for _ in range(5):
        async with (
            running_bot(make_application(), grace=0.01, inbox=tmp_path / "inbox.sqlite3"),
            asyncio.timeout(TIMEOUT),
        ):
            calls = len(playground.call_log)
            while "flood" not in {call.fault for call in playground.call_log[calls:]}:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    async with running_bot(make_application(), inbox=tmp_path / "inbox.sqlite3") as dispatcher:
        await wait_until_inbox_empty(dispatcher)
    assert [bool(message.photo) for message in ada.messages if message.from_bot] == [*[True] * 10, False]


async def test_nothing_is_stored_of_a_person_who_blocked_the_bot(
    make_application: MakeApplication, engine: GatedEngine, store: SQLiteStore, ada: Person
) -> None:
    application = make_application()
    engine.gate.set()
    await ada.start()
    async with running_bot(application):
        await answers(ada, 1)
        await store.keep_preferences(ada.id, Preferences(album=3))
        await ada.block()
        async with asyncio.timeout(TIMEOUT):
            while await store.preferences(ada.id) != Preferences():  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        await store.keep_preferences(ada.id, Preferences(album=3))
        await UpdateInjector(application, ada).deliver(text="boy")
    assert await store.preferences(ada.id) == Preferences()
