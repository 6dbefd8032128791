"""Several processes of one bot share its updates: each is answered once, in order, whoever dies."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("psycopg", reason="no PostgreSQL: ModuleNotFoundError")

from bot.playground import Person, Playground
from bot.settings import Settings
from bot.storage.inbox import Inbox, LeaseLostError
from bot.storage.postgres import front as front_module
from bot.storage.postgres.opening import opened_postgres
from bot.storage.postgres.shared_inbox import SharedInbox, chat_of
from bot.updates.dispatcher import Dispatcher
from engine.results import WordMatch
from tests.bot import harness
from tests.bot.fork_server import ForkServer, Process
from tests.bot.harness import TIMEOUT, NewPerson, ScriptedEngine, build_bot, deliver, running_bot
from tests.postgres import SharedDatabase

PEOPLE = 12
WORDS = [letter * 3 for letter in "abcde"]


@pytest.fixture
def database(postgres_url: str) -> SharedDatabase:
    return SharedDatabase(postgres_url)


@pytest.fixture
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_module, "LEASE", 0.8)
    monkeypatch.setattr(front_module, "BEAT_INTERVAL", 0.1)


class EchoEngine(ScriptedEngine):
    """Answers a word with itself, and takes note of it; it answers once its gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def similar(self, word: str, count: int = 10) -> tuple[WordMatch, ...]:
        self.words.append(word)
        await self.gate.wait()
        await asyncio.sleep(0.01)
        return (WordMatch(word, 0.9),)

    async def knows(self, word: str) -> bool:
        return True

    async def understand(self, text: str, *_: Any, **__: Any) -> Any:
        return harness.Intent(harness.IntentKind.SIMILAR, words=(text,))


@asynccontextmanager
async def running_fronts(
    count: int, database: SharedDatabase, settings: Settings, playground: Playground
) -> AsyncIterator[list[tuple[EchoEngine, Dispatcher]]]:
    """Run bots in this process that share an inbox."""
    async with AsyncExitStack() as stack:
        fronts = []
        for _ in range(count):
            storage = await stack.enter_async_context(opened_postgres(database.url, database.bot))
            application = build_bot(
                settings, playground, engine := EchoEngine(), storage.store, send_log=storage.send_log
            )
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(harness, "open_inbox", lambda _, inbox=storage.inbox: nullcontext(inbox))
                running = running_bot(application, grace=0.2)
                fronts.append((engine, await stack.enter_async_context(running)))
        yield fronts


def answers(person: Person) -> list[str]:
    return [message.text for message in person.messages if message.from_bot]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not condition():  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.01)


def assert_answered_once_in_order(person: Person, words: list[str]) -> None:
    texts = answers(person)
    assert len(texts) == len(words)
    assert all(word in text for word, text in zip(words, texts, strict=True))


async def test_fronts_share_the_chats_and_answer_each_in_order_and_once(
    database: SharedDatabase,
    settings: Settings,
    playground: Playground,
    new_person: NewPerson,
    caplog: pytest.LogCaptureFixture,
) -> None:
    people = [new_person("Ada") for _ in range(PEOPLE)]
    async with running_fronts(3, database, settings, playground) as fronts:
        for word in WORDS:
            for person in people:
                await person.say(word)
        await until(lambda: all(len(answers(person)) == len(WORDS) for person in people))
        for _, dispatcher in fronts:
            await harness.wait_until_inbox_empty(dispatcher)
    for person in people:
        assert_answered_once_in_order(person, WORDS)
    assert sum(len(engine.words) for engine, _ in fronts) == PEOPLE * len(WORDS)
    assert sum(bool(engine.words) for engine, _ in fronts) > 1
    assert not caplog.messages  # only one of them asks Telegram for updates


async def test_a_chats_updates_stay_in_order_whichever_process_gets_each(
    database: SharedDatabase, settings: Settings, playground: Playground, ada: Person
) -> None:
    words = [f"{word}{number}" for number in range(2) for word in WORDS]
    await ada.start()
    async with running_fronts(2, database, settings, playground) as fronts:
        await until(lambda: len(answers(ada)) == 1)
        for number, word in enumerate(words):  # as a webhook's proxy spreads them
            person = {"id": ada.id, "is_bot": False, "first_name": "Ada"}
            message = {"message_id": number, "date": 1, "text": word, "chat": person | {"type": "private"}}
            raw = {"update_id": 10**12 + number, "message": message | {"from": person}}
            await fronts[number % 2][1].inbox.add([raw])
        await until(lambda: len(answers(ada)) == 1 + len(words))
    assert [text.splitlines()[0].rpartition(" ")[2] for text in answers(ada)[1:]] == words
    assert sorted(len(engine.words) for engine, _ in fronts) == [0, len(words)]


async def test_a_front_that_is_silent_for_too_long_stops_its_answers_and_another_gives_them(
    database: SharedDatabase,
    settings: Settings,
    playground: Playground,
    ada: Person,
    short_lease: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running_fronts(1, database, settings, playground) as ((first, dispatcher),):
        first.gate.clear()
        for word in WORDS:
            await ada.say(word)
        await until(lambda: first.words == WORDS[:1])
        silent = dispatcher.inbox._front
        thawed, beat = asyncio.Event(), silent._beat

        async def freeze(connection: Any) -> None:
            await thawed.wait()
            await beat(connection)

        monkeypatch.setattr(silent, "_beat", freeze)
        async with running_fronts(1, database, settings, playground) as ((second, _),):
            await until(lambda: len(answers(ada)) == len(WORDS))
            first.gate.set()  # its answer would be another copy
            await asyncio.sleep(0.1)
            thawed.set()
            await until(lambda: "it begins again" in caplog.text)
            assert second.words == WORDS
            assert first.words == WORDS[:1]
    assert_answered_once_in_order(ada, WORDS)


def start(server: ForkServer, playground: Playground, url: str, home: Path) -> Process:
    home.mkdir(exist_ok=True)
    return server.start(
        "tests.bot.bot_process", playground.base_url, playground.token, str(home), url,
        environment={}, output_file=home / "output.log",
    )  # fmt: skip


async def test_when_a_front_is_killed_the_others_answer_all_in_order(
    fork_server: ForkServer,
    playground: Playground,
    postgres_url: str,
    new_person: NewPerson,
    tmp_path: Path,
) -> None:
    people = [new_person("Ada") for _ in range(PEOPLE)]
    asked: dict[Person, list[int]] = {person: [] for person in people}

    async def ask(times: int) -> None:
        for _ in range(times):
            for person in people:
                asked[person].append((await person.say("boy")).id)

    def answered(person: Person) -> list[int]:
        """The questions that were answered, in the order of the answers."""
        return [message.reply_to for message in person.messages if message.from_bot and message.reply_to]

    fronts = [start(fork_server, playground, postgres_url, tmp_path / str(n)) for n in range(2)]
    await ask(3)
    await until(lambda: sum(len(answered(person)) for person in people) > PEOPLE)
    os.kill(fronts[0].id, signal.SIGKILL)  # the one that asks Telegram for updates
    assert await fronts[0].wait(TIMEOUT) == -signal.SIGKILL
    fronts.append(start(fork_server, playground, postgres_url, tmp_path / "2"))
    await ask(1)
    await until(lambda: all(set(asked[person]) == set(answered(person)) for person in people))
    for front in fronts[1:]:
        front.terminate()
        assert await front.wait(TIMEOUT) == 0
        assert "Traceback" not in front.output
    for person in people:
        assert answered(person) == sorted(answered(person))
        # A kill between a message and its record repeats that one.
        assert len(answered(person)) <= len(asked[person]) + 1


async def test_a_chat_stays_with_its_front_until_it_is_quiet(
    database: SharedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_module, "BEAT_INTERVAL", 0.05)
    async with database.inbox() as first, database.inbox() as second:
        await deliver(first, [update(1)])
        await first.mark_answered([1])
        assert await taken(second, update(2)) == []
        assert await taken(first) == [update(2)]
        await first.mark_answered([2])
        monkeypatch.setattr(front_module, "LINGER", 0.0)
        await asyncio.sleep(0.2)
        assert await taken(second, update(3)) == [update(3)]


async def test_a_front_that_leaves_frees_its_chats_at_once(database: SharedDatabase) -> None:
    async with database.inbox() as second:
        assert await taken(second) == []
        async with database.inbox() as first:
            await deliver(first, [update(1)])
            assert await taken(second) == []
        assert await taken(second) == [update(1)]


async def test_a_front_that_is_about_to_end_lets_another_one_poll_and_have_its_quiet_chats(
    database: SharedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_module, "BEAT_INTERVAL", 0.05)
    async with database.inbox() as first, database.inbox() as second:
        await deliver(first, [update(1), update(2, chat=8)])
        assert await taken(second) == []
        assert (first.may_poll, second.may_poll) == (True, False)
        await first.mark_answered([1])
        await first.retire()
        assert await taken(second, update(3), update(4, chat=8)) == [update(3)]
        await until(lambda: second.may_poll)
        assert not first.may_poll


async def test_nothing_that_a_removed_front_writes_counts(database: SharedDatabase) -> None:
    async with database.inbox() as first, database.inbox() as second:
        assert isinstance(first, SharedInbox)
        await first.add([update(1)])
        assigned = first.assigned(lambda: 0.0)  # before it is removed: a new call would join again
        assert await anext(assigned) == ([update(1)], False)
        await first._connections.fetch("DELETE FROM fronts")
        await deliver(second, [update(1)])
        await first.record_reply(1, "sendMessage", {"message_id": 1})
        await first.mark_answered([1])
        assert await second.recorded_replies(1) == []
        assert await second.waiting() == [update(1)]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(first.start_attempt(1), 0.2)
        assert await second.start_attempt(1) == 0
        with pytest.raises(LeaseLostError):
            await anext(assigned)


async def test_a_crowded_front_leaves_a_chat_to_others_for_a_moment(database: SharedDatabase) -> None:
    async with database.inbox() as inbox:
        await inbox.add([update(1)])
        assert await taken(inbox, delay=0.6) == []
        await asyncio.sleep(0.5)
        assert await taken(inbox, delay=0.6) == [update(1)]


async def test_a_front_with_too_much_in_memory_takes_nothing(database: SharedDatabase) -> None:
    async with database.inbox() as inbox:
        await inbox.add([update(1)])
        assert await taken(inbox, delay=float("inf")) == []


def update(number: int, chat: int = 7) -> dict[str, Any]:
    return {"update_id": number, "message": {"text": "boy", "chat": {"id": chat}}}


async def taken(inbox: Inbox, *added: dict[str, Any], delay: float = 0.0) -> list[dict[str, Any]]:
    """Store updates, and return what an inbox hands out that waits already."""
    await inbox.add(added) if added else None
    assert isinstance(inbox, SharedInbox)
    held = set(inbox._held)
    try:
        async with asyncio.timeout(0.3):
            async for updates, _ in inbox.assigned(lambda: delay):
                return [one for one in updates if one["update_id"] not in held]
    except TimeoutError:
        pass
    return []


@pytest.mark.parametrize(
    ("content", "chat"),
    [
        ({"message": {"chat": {"id": -5}, "from": {"id": 7}}}, -5),
        ({"my_chat_member": {"chat": {"id": -5}, "from": {"id": 7}}}, -5),
        ({"callback_query": {"from": {"id": 7}, "message": {"chat": {"id": -5}}}}, -5),
        ({"callback_query": {"from": {"id": 7}, "inline_message_id": "x"}}, 7),
        ({"inline_query": {"from": {"id": 7}}}, 7),
        ({"message": "no message"}, 0),
        ({"message": {"chat": {"id": 2**70}}}, 0),
        ({"message": {"chat": {"id": True}, "from": 7}}, 0),
        ({}, 0),
    ],
)
def test_an_update_belongs_to_its_chat_or_else_to_its_person(content: dict[str, Any], chat: int) -> None:
    assert chat_of({"update_id": 1, **content}) == chat


async def test_nothing_tells_who_wrote_once_they_are_answered(database: SharedDatabase) -> None:
    async with database.inbox() as inbox:
        await deliver(inbox, [update(1, chat=12_345)])
        await inbox.mark_answered([1])
    async with database.inbox() as inbox:
        for table in ("updates", "effects", "chats", "fronts"):
            rows = await inbox._database.execute_fetchall(f"SELECT * FROM {table}")
            assert "12345" not in str([*rows])
