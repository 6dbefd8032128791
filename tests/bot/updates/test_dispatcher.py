"""Everybody is answered in turn, and nobody is kept from it by another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.playground import Person, Playground
from bot.sending import rate_limiter
from bot.settings import Settings
from bot.storage.inbox import Inbox
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from bot.updates import dispatcher as module
from engine.results import Description, WordMatch
from handlers.i18n.texts import texts_in
from handlers.store import Preferences
from tests.bot.harness import PATIENCE, Post, ScriptedEngine, all_done, running, wired

pytestmark = pytest.mark.asyncio(loop_scope="session")

EN = texts_in("en")
Wire = Callable[[], KindredApplication]


class Slow(ScriptedEngine):
    """Takes as long as a test likes, and knows how many it answers at once."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.words: list[str] = []
        self.at_once = self.most_at_once = 0

    async def similar(self, word: str, count: int = 10) -> tuple[WordMatch, ...]:
        self.words.append(word)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.go.wait()
        await asyncio.sleep(0.01)
        self.at_once -= 1
        return await super().similar(word, count)

    async def describe(self, *asked: Any, **also: Any) -> Description:
        self.words.append("photo")
        await self.go.wait()
        return await super().describe(*asked, **also)

    async def knows(self, word: str) -> bool:
        return True

    async def asked_for(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.words) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def wire(settings: Settings, playground: Playground, slow: Slow, store: SQLiteStore) -> Wire:
    return lambda: wired(settings, playground, slow, store)


def words(count: int) -> list[str]:
    return [letter * 3 for letter in "abcdefghijklmnopqrstuvwxyz"[:count]]


async def answers(person: Person, count: int) -> list[str]:
    async with asyncio.timeout(PATIENCE):
        while len(told := [seen.text for seen in person.messages if seen.from_bot]) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return told


async def test_a_chat_is_answered_one_by_one_and_in_order(wire: Wire, slow: Slow, ada: Person) -> None:
    slow.go.set()
    async with running(wire()):
        for word in words(6):
            await ada.say(word)
        told = await answers(ada, 6)
    assert slow.words == words(6)
    assert slow.most_at_once == 1
    assert [word for word, text in zip(words(6), told, strict=True) if word in text] == words(6)


async def test_who_sends_much_keeps_nobody_waiting(
    wire: Wire, slow: Slow, playground: Playground, ada: Person
) -> None:
    bob = playground.person("Bob")
    async with running(wire(), concurrency=1):  # of two chats that wait, each is answered in turn
        for word in words(9):
            await ada.say(word)
        await slow.asked_for(1)
        await bob.say("boy")
        await asyncio.sleep(0.2)
        slow.go.set()
        await answers(ada, 9)
    assert slow.words.index("boy") == 1


async def test_a_button_is_answered_while_a_photo_of_the_same_chat_is_looked_at(
    wire: Wire, slow: Slow, ada: Person, photo: bytes
) -> None:
    async with running(wire()):
        await ada.start()
        (welcome,) = await ada.replies(1, PATIENCE)
        await ada.send_photo(photo)
        await slow.asked_for(1)
        await ada.press(welcome, "boy", PATIENCE)
        slow.go.set()


async def test_who_sends_very_much_is_told_once_how_long_it_takes_and_answered_all_the_same(
    wire: Wire, slow: Slow, ada: Person
) -> None:
    async with running(wire()):
        for word in words(16):
            await ada.say(word)
        told = await answers(ada, 1)
        assert told == [EN("busy-for", seconds=22)]
        slow.go.set()
        assert len(await answers(ada, 17)) == 17
    assert slow.words == words(16)


async def test_more_than_can_be_kept_is_refused_once(
    wire: Wire, slow: Slow, ada: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "MOST", 4)
    async with running(wire()) as order:
        await ada.say(words(1)[0])
        await slow.asked_for(1)
        for word in words(10)[1:]:
            await ada.say(word)
        assert await answers(ada, 1) == [EN("queue-full")]
        async with asyncio.timeout(PATIENCE):
            while caplog.text.count("is refused") < 5:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        slow.go.set()
        await answers(ada, 1 + 5)
        await all_done(order)
    assert slow.words == words(5)


async def test_what_was_not_answered_when_the_bot_stopped_is_answered_once_after_it_started(
    wire: Wire, slow: Slow, ada: Person, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox.sqlite3"
    async with running(wire(), grace=0.1, inbox=inbox):
        for word in words(3):
            await ada.say(word)
        await slow.asked_for(1)
    assert slow.words == words(1)
    slow.go.set()
    async with running(wire(), inbox=inbox):
        await answers(ada, 3)
    async with running(wire(), inbox=inbox) as order:
        assert order.waiting == 0
    assert slow.words == [*words(1), *words(3)]


async def test_what_brings_the_bot_down_each_time_is_given_up_kindly(
    wire: Wire, slow: Slow, ada: Person, tmp_path: Path
) -> None:
    file = tmp_path / "inbox.sqlite3"
    told = {"message_id": 1, "date": 1, "text": "boy", "chat": {"id": ada.id, "type": "private"}}
    await ada.start()
    async with Inbox.open(file) as inbox:
        await inbox.add([{"update_id": 7, "message": told}])
        for _ in range(module.TRIES):
            await inbox.begin(7)
    async with running(wire(), inbox=file):
        assert EN("retries-exhausted") in await answers(ada, 2)
    assert slow.words == []


async def test_who_was_only_in_hand_when_the_bot_was_brought_down_is_not_given_up(
    wire: Wire, slow: Slow, playground: Playground, ada: Person, tmp_path: Path
) -> None:
    """Of what is suspected, one is taken up at a time; what comes as far as an answer is cleared."""
    file = tmp_path / "inbox.sqlite3"
    people = [ada, playground.person("Bob"), playground.person("Eve")]
    async with Inbox.open(file) as inbox:
        for number, person in enumerate(people, 1):
            await person.start()
            told = {"message_id": 1, "date": 1, "text": "boy", "chat": {"id": person.id, "type": "private"}}
            await inbox.add([{"update_id": number, "message": told}])
            await inbox.begin(number)
            await inbox.begin(number)
        assert await inbox.suspects() == {1, 2, 3}
    async with running(wire(), inbox=file) as order:
        await slow.asked_for(1)
        await asyncio.sleep(0.2)
        assert [await order.inbox.begin(number) for number in (1, 2, 3)] == [3, 2, 2]  # one was begun again
        slow.go.set()
        await all_done(order)
    assert slow.most_at_once == 1


async def test_what_came_as_far_as_an_answer_is_not_given_up_however_often_the_bot_is_killed_then(
    wire: Wire,
    slow: Slow,
    playground: Playground,
    ada: Person,
    photo: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rate_limiter, "SETTLING", 0.0)
    monkeypatch.setattr(module, "TRIES", 3)
    slow.go.set()
    playground.faults.next("flood", "sendMediaGroup", 5, seconds=60)
    await ada.send_photo(photo)
    for _ in range(5):
        async with running(wire(), grace=0.01, inbox=tmp_path / "inbox.sqlite3"), asyncio.timeout(PATIENCE):
            told = len(playground.traffic)
            while "flood" not in {call.fault for call in playground.traffic[told:]}:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    async with running(wire(), inbox=tmp_path / "inbox.sqlite3") as order:
        await all_done(order)
    assert [bool(seen.photo) for seen in ada.messages if seen.from_bot] == [False, *[True] * 10]


async def test_of_a_person_who_blocked_the_bot_nothing_is_kept(
    wire: Wire, slow: Slow, store: SQLiteStore, ada: Person
) -> None:
    application = wire()
    slow.go.set()
    await ada.start()
    async with running(application):
        await answers(ada, 1)
        await ada.block()
        await asyncio.sleep(0.2)
        await store.keep_preferences(ada.id, Preferences(album=3))
        await Post(application, ada).deliver(text="boy")
    assert await store.preferences(ada.id) == Preferences()
