"""The queues of the dispatcher: who waits for whom, who is refused or told, and how it ends.

The application is a stand-in, which answers when a test says so; updates and inbox are real.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import pytest_asyncio
from telegram import Update

from bot.sending.rate_limiter import IN_FLIGHT_SECONDS, RateLimiter
from bot.sending.sliding_window import SendLimits
from bot.storage.inbox import Inbox
from bot.types import KindredApplication
from bot.updates import dispatcher as dispatcher_module
from bot.updates.dispatcher import Dispatcher
from handlers.context import is_retry
from handlers.middleware.errors import DeferredError
from tests.bot.sending.simulated_clock import SimulatedClock

pytestmark = pytest.mark.asyncio(loop_scope="session")

GROUP = -100


class Application:
    """Begins each answer, and ends it once it may.

    Attributes:
        begun: The ids of the updates whose answer has begun, in order.
        running: The ids of those that are being answered.
        retried: The ids of those that an earlier process had begun to answer.
        failing: The ids of those that are answered with an error.
        notices: The key and the facts of each notice, by the id of the update it was for.
    """

    def __init__(self) -> None:
        self.bot = SimpleNamespace(rate_limiter=None)
        self.begun: list[int] = []
        self.running: set[int] = set()
        self.retried: set[int] = set()
        self.failing: set[int] = set()
        self.notices: dict[int, DeferredError] = {}
        self._may_end: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)

    async def process_update(self, update: Update) -> None:
        self.begun.append(update.update_id)
        self.running.add(update.update_id)
        if is_retry.get():
            self.retried.add(update.update_id)
        try:
            await self._may_end[update.update_id].wait()
        finally:
            self.running.remove(update.update_id)
        if update.update_id in self.failing:
            raise ValueError("a handler without a net")

    async def process_error(self, update: Update, error: DeferredError) -> None:
        self.notices[update.update_id] = error

    def end(self, *update_ids: int) -> None:
        """Let answers end."""
        for update_id in update_ids:
            self._may_end[update_id].set()


@pytest.fixture
def application() -> Application:
    return Application()


@pytest_asyncio.fixture(loop_scope="session")
async def inbox(tmp_path: Path) -> AsyncIterator[Inbox]:
    async with Inbox.open(tmp_path / "inbox.sqlite3") as inbox:
        yield inbox


@asynccontextmanager
async def dispatching(
    application: Application, inbox: Inbox, concurrency: int = 9
) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(cast(KindredApplication, application), inbox, concurrency)
    try:
        yield dispatcher
    finally:
        await dispatcher.close(0.0)


def message(number: int, chat: int = 1, album: str | None = None) -> Update:
    kind = "private" if chat > 0 else "group"
    content: dict[str, Any] = {"message_id": number, "date": 1, "chat": {"id": chat, "type": kind}}
    return updated({"update_id": number, "message": content | ({"media_group_id": album} if album else {})})


def press(number: int, person: int = 1) -> Update:
    sender = {"id": person, "is_bot": False, "first_name": "Ada"}
    return updated({"update_id": number, "callback_query": {"id": "1", "from": sender, "chat_instance": "1"}})


def updated(data: dict[str, Any]) -> Update:
    update = Update.de_json(data, None)
    assert update is not None
    return update


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.001)


async def settled(dispatcher: Dispatcher) -> None:
    """Wait until all that can begin has begun: each answer begins with a write to the inbox."""
    for _ in range(3):
        await dispatcher.inbox.waiting()
        await asyncio.sleep(0)


async def test_as_many_chats_are_answered_at_once_as_the_settings_say(
    application: Application, inbox: Inbox
) -> None:
    async with dispatching(application, inbox, concurrency=2) as dispatcher:
        for chat in (1, 2, 3):
            dispatcher.put(message(chat, chat))
        dispatcher.put(message(4, chat=1))
        await until(lambda: application.begun == [1, 2])
        await settled(dispatcher)
        assert application.begun == [1, 2]
        assert dispatcher.waiting == 4
        application.end(1)
        await until(lambda: application.begun == [1, 2, 3])  # chat 1 queues again behind the others
        application.end(2, 3, 4)
        await until(lambda: dispatcher.waiting == 0)
    assert application.begun == [1, 2, 3, 4]


async def test_an_album_is_answered_together_and_what_follows_waits(
    application: Application, inbox: Inbox
) -> None:
    async with dispatching(application, inbox) as dispatcher:
        dispatcher.put(message(1))
        dispatcher.put(message(2, album="A"))
        dispatcher.put(message(3, album="A"))
        dispatcher.put(message(4, album="B"))
        await until(lambda: application.running == {1})
        application.end(1)
        await until(lambda: application.running == {2, 3})
        dispatcher.put(message(5, album="A"))  # comes late, and overtakes the next album
        await until(lambda: application.running == {2, 3, 5})
        application.end(2, 3)
        await settled(dispatcher)
        assert application.running == {5}
        application.end(5)
        await until(lambda: application.running == {4})
        dispatcher.put(message(6))
        await settled(dispatcher)
        assert application.running == {4}
        application.end(4, 6)
        await until(lambda: dispatcher.waiting == 0)


async def test_presses_have_slots_of_their_own_three_a_person(application: Application, inbox: Inbox) -> None:
    async with dispatching(application, inbox, concurrency=1) as dispatcher:
        dispatcher.put(message(1))
        dispatcher.put(message(2, chat=2))
        for number in range(10, 14):
            dispatcher.put(press(number))
        await until(lambda: application.running == {1, 10, 11, 12})
        await settled(dispatcher)
        assert application.running == {1, 10, 11, 12}
        application.end(10)
        await until(lambda: application.running == {1, 11, 12, 13})


async def test_sixteen_presses_are_answered_at_once(application: Application, inbox: Inbox) -> None:
    async with dispatching(application, inbox) as dispatcher:
        for number in range(17):
            dispatcher.put(press(number, person=number + 1))
        await until(lambda: len(application.running) == 16)
        await settled(dispatcher)
        assert application.running == {*range(16)}


async def test_an_inline_query_overtakes_what_waits_too(application: Application, inbox: Inbox) -> None:
    async with dispatching(application, inbox, concurrency=1) as dispatcher:
        dispatcher.put(message(1))
        sender = {"id": 1, "is_bot": False, "first_name": "Ada"}
        query = {"id": "1", "from": sender, "query": "a dog", "offset": ""}
        dispatcher.put(updated({"update_id": 2, "inline_query": query}))
        await until(lambda: application.running == {1, 2})


async def test_of_one_chat_three_hundred_updates_wait_and_the_next_is_refused(
    application: Application, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    await inbox.add([{"update_id": 301}, {"update_id": 302}])
    async with dispatching(application, inbox) as dispatcher:
        dispatcher.put(message(0))
        await until(lambda: application.running == {0})
        for number in range(1, 301):
            dispatcher.put(message(number))
        assert dispatcher.waiting == 301
        assert 300 not in application.notices
        dispatcher.put(message(301))
        await until(lambda: 301 in application.notices)
        assert application.notices[301].key == "queue-full"
        assert dispatcher.waiting == 301
        assert "300 updates waiting" in caplog.text
        async with asyncio.timeout(20):
            while await inbox.waiting() != [{"update_id": 302}]:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        dispatcher.put(message(302), restored=True)  # came before the restart: never refused
        assert dispatcher.waiting == 302


async def test_a_person_is_told_once_a_minute_how_long_the_queue_takes(
    application: Application, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(dispatcher_module, "time", SimpleNamespace(monotonic=lambda: now))
    async with dispatching(application, inbox) as dispatcher:
        dispatcher.put(message(0))
        await until(lambda: application.running == {0})
        for number in range(1, 11):
            dispatcher.put(message(number))
        await settled(dispatcher)
        assert not application.notices  # an album is no reason
        for number, seconds in ((11, 0.0), (12, 59.9), (13, 0.1), (14, 1.0)):
            now += seconds
            dispatcher.put(message(number))
        await settled(dispatcher)
        told = {number: (error.key, error.values) for number, error in application.notices.items()}
        assert told == {11: ("busy-for", {"seconds": 22}), 13: ("busy-for", {"seconds": 26})}


async def test_the_estimate_follows_how_long_answers_take(
    application: Application, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(dispatcher_module, "time", SimpleNamespace(monotonic=lambda: now))
    async with dispatching(application, inbox) as dispatcher:
        dispatcher.put(message(0))
        await until(lambda: application.running == {0})
        now += 12.0
        for number in range(1, 12):
            dispatcher.put(message(number))
        application.end(0)
        await until(lambda: application.running == {1})
        dispatcher.put(message(12))
        await settled(dispatcher)
        assert dispatcher._answer_seconds == pytest.approx(2.0 + 0.2 * (12.0 - 2.0))
        now += 60.0
        dispatcher.put(message(13))
        await until(lambda: 13 in application.notices)
        assert application.notices[13].values == {"seconds": 48}  # 12 that wait, 4 seconds each


@pytest.mark.parametrize(("chat", "restored"), [(GROUP, False), (1, True)])
async def test_neither_a_group_nor_one_who_wrote_before_the_restart_is_told(
    application: Application, inbox: Inbox, chat: int, restored: bool
) -> None:
    async with dispatching(application, inbox) as dispatcher:
        for number in range(20):
            dispatcher.put(message(number, chat), restored=restored)
        await until(lambda: application.running == {0})
        await settled(dispatcher)
        assert not application.notices


async def test_an_update_has_ten_attempts(
    application: Application, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    await inbox.add([{"update_id": number} for number in (1, 2, 3, 4)])
    for number, attempts in ((2, 9), (3, 10), (4, 1)):
        for _ in range(attempts):
            await inbox.start_attempt(number)
    application.end(1, 2, 3, 4)
    async with dispatching(application, inbox) as dispatcher:
        for number in (1, 2, 3, 4):
            dispatcher.put(message(number))
        await until(lambda: dispatcher.waiting == 0)
    assert application.begun == [1, 2, 4]
    assert application.retried == {2, 4}
    assert {number: error.key for number, error in application.notices.items()} == {3: "retries-exhausted"}
    assert "Update 3 brought no answer in 10 tries and is given up" in caplog.messages
    assert await inbox.waiting() == []


async def test_updates_that_may_have_crashed_the_process_are_attempted_one_by_one(
    application: Application, inbox: Inbox
) -> None:
    await inbox.add([{"update_id": number} for number in (1, 2, 3)])
    for number in (1, 1, 2, 2, 3):
        await inbox.start_attempt(number)
    async with dispatching(application, inbox) as dispatcher:
        await dispatcher.restore()
        for number in (1, 2, 3):
            dispatcher.put(message(number, chat=number))
        await until(lambda: application.running == {1, 3})
        await settled(dispatcher)
        assert application.running == {1, 3}
        application.end(1)
        await until(lambda: application.running == {2, 3})


async def test_an_error_is_logged_and_the_chat_goes_on(
    application: Application, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    await inbox.add([{"update_id": 1}, {"update_id": 2}])
    application.failing.add(1)
    application.end(1, 2)
    async with dispatching(application, inbox) as dispatcher:
        dispatcher.put(message(1))
        dispatcher.put(message(2))
        await until(lambda: dispatcher.waiting == 0)
    assert application.begun == [1, 2]
    assert await inbox.waiting() == []
    assert caplog.text.count("An update could not be answered") == 1
    assert "a handler without a net" in caplog.text


async def test_an_answer_that_cannot_be_recorded_does_not_hold_up_what_waits_behind_it(
    application: Application, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: object) -> None:
        monkeypatch.undo()
        raise ValueError("no active connection")

    monkeypatch.setattr(inbox, "mark_answered", fail)
    application.end(1, 2)
    async with dispatching(application, inbox) as dispatcher:
        dispatcher.put(message(1))
        dispatcher.put(message(2))
        await until(lambda: application.begun == [1, 2] and dispatcher.waiting == 0)


async def test_an_answer_that_is_cancelled_has_time_to_end(application: Application, inbox: Inbox) -> None:
    ended: list[int] = []

    async def answer(update: Update) -> None:
        application.running.add(update.update_id)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.02)
            ended.append(update.update_id)

    application.process_update = answer  # type: ignore[method-assign]
    async with dispatching(application, inbox) as dispatcher:
        dispatcher.put(message(1))
        await until(lambda: application.running == {1})
        await dispatcher.close(0.0)
        assert ended == [1]


async def test_at_its_end_the_bot_waits_for_what_runs_and_begins_nothing(
    application: Application, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    await inbox.add([{"update_id": 1}, {"update_id": 2}])
    async with dispatching(application, inbox) as dispatcher:
        dispatcher.put(message(1))
        dispatcher.put(message(2))
        await until(lambda: application.running == {1})
        closing = asyncio.create_task(dispatcher.close(60.0))
        await asyncio.sleep(0)
        dispatcher.put(message(3, chat=3))
        await settled(dispatcher)
        assert not closing.done()
        application.end(1)
        async with asyncio.timeout(20):
            await closing
    assert application.begun == [1]
    assert await inbox.waiting() == [{"update_id": 2}]
    assert caplog.messages == []


async def test_after_the_grace_running_answers_are_cancelled_and_stay_in_the_inbox(
    application: Application, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    await inbox.add([{"update_id": 1}])
    async with dispatching(application, inbox) as dispatcher:
        dispatcher.put(message(1))
        await until(lambda: application.running == {1})
        await dispatcher.close(0.01)
        assert application.running == set()
    assert await inbox.waiting() == [{"update_id": 1}]
    assert caplog.messages == ["1 answers are not finished, and will be after the next start"]


async def test_what_other_processes_have_taken_over_is_neither_finished_nor_begun(
    application: Application, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with dispatching(application, inbox) as dispatcher:
        for number in (1, 2):
            dispatcher.put(message(number))
        await until(lambda: application.running == {1})
        await dispatcher.abandon()
        await settled(dispatcher)
        assert (application.running, dispatcher.waiting) == (set(), 0)
        dispatcher.put(message(3))  # of the time to come
        await until(lambda: application.running == {3})
    assert application.begun == [1, 3]
    assert not [line for line in caplog.messages if "could not be answered" in line]


async def test_a_process_has_free_slots_until_each_answers_a_chat(
    application: Application, inbox: Inbox
) -> None:
    free = []
    async with dispatching(application, inbox, concurrency=2) as dispatcher:
        for chat in (1, 2):
            free.append(dispatcher.has_free_slots)
            dispatcher.put(message(chat, chat))
        free.append(dispatcher.has_free_slots)
    assert free == [True, True, False]


async def test_the_limits_of_the_last_process_are_taken_over(application: Application, inbox: Inbox) -> None:
    clock = SimulatedClock()
    limiter = RateLimiter(SendLimits(), clock, clock.sleep, clock.wait)
    application.bot = SimpleNamespace(rate_limiter=limiter)
    await inbox.add([{"update_id": 1}])
    async with dispatching(application, inbox) as dispatcher:
        await dispatcher.restore()
    assert limiter._overall.delay(1) == IN_FLIGHT_SECONDS
