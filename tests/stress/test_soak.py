"""The short form of `make soak`, and tests that it finds leaks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.playground import Playground
from bot.sending.rate_limiter import MAX_CHATS
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from bot.updates.dispatcher import Dispatcher
from engine.results import Label
from handlers.keyboards.debounce import MAX_ENTRIES
from handlers.messages import media_groups
from tests.bot.harness import ScriptedEngine, build_bot, running_bot, wait_until_inbox_empty
from tests.stress.environment import ALBUM_PAUSE, UNLIMITED
from tests.stress.load_generator import ACTIONS, LoadGenerator
from tests.stress.soak import CACHES, MAX_GROWTH, Sample, leaks

WORKERS = 8
USERS, GROUPS = 30, 10
WARM_UP, REPEATS = 2, 8  # times that users perform each action
OPEN_FILES = Path("/proc/self/fd")
SPARE = {"tasks": 4, "files": 24}  # of connections that are kept open


class LabellingEngine(ScriptedEngine):
    """A scripted engine that chooses among labels, too."""

    async def labels(self, photo: bytes, labels: Sequence[str], count: int = 5) -> tuple[Label, ...]:
        return tuple(Label(name, 1 / len(labels)) for name in labels)[:count]


@pytest.fixture
def short_album_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for more items of an album for a shorter time than with people."""
    monkeypatch.setattr(media_groups, "QUIET_PERIOD", ALBUM_PAUSE)


async def perform_each_action(load: LoadGenerator, dispatcher: Dispatcher, repeats: int) -> None:
    """Let users perform each action several times, and wait until no work is left."""
    actions = iter([*ACTIONS] * repeats)

    async def work() -> None:
        for action in actions:
            await load.act(action)

    await asyncio.gather(*(work() for _ in range(WORKERS)))
    await wait_until_inbox_empty(dispatcher)
    async with asyncio.timeout(60):
        while dispatcher._tasks:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.01)


def count_resources(application: KindredApplication, dispatcher: Dispatcher) -> dict[str, int]:
    """Count what must not grow."""
    context: Any = application.context_types.context
    limiter: Any = application.bot.rate_limiter
    return {
        "tasks": len(asyncio.all_tasks()),
        "files": sum(1 for _ in OPEN_FILES.iterdir()) if OPEN_FILES.exists() else 0,
        "chat queues": len(dispatcher._queues),
        "work": len(dispatcher._tasks),
        "waiting": dispatcher.waiting,
        "albums": len(context.media_groups._groups),
        "migrated groups": len(limiter._retry_policy.migrated_chats),
        "user and chat data": len(application.user_data) + len(application.chat_data),
        "excess chats": max(0, len(limiter._chats) - MAX_CHATS),
        "excess presses": max(0, len(context.debouncer._blocked_until) - MAX_ENTRIES),
        "excess keyboards": max(0, len(context.debouncer._keyboards) - MAX_ENTRIES),
    }


def grown(before: dict[str, int], after: dict[str, int]) -> Iterator[str]:
    """Yield the names of the resources that have grown."""
    return (name for name in before if after[name] > before[name] + SPARE.get(name, 0))


async def test_using_every_feature_leaves_no_resources_behind(
    tmp_path: Path, short_album_pause: None
) -> None:
    engine = LabellingEngine()
    settings = Settings.model_construct()
    async with Playground() as playground, SQLiteStore.open(tmp_path / "bot.sqlite3") as store:
        application = build_bot(settings, playground, engine, store, limits=UNLIMITED)
        async with running_bot(application) as dispatcher:
            load = LoadGenerator(playground, lambda: dispatcher.waiting, users=USERS, groups=GROUPS)
            await perform_each_action(load, dispatcher, WARM_UP)
            before = count_resources(application, dispatcher)
            await perform_each_action(load, dispatcher, REPEATS)
            after = count_resources(application, dispatcher)
            assert [*grown(before, after)] == [], f"{before} became {after}"
            assert not load.unanswered
            database = store._database
            rows = {
                table: next(iter(await database.execute_fetchall(f"SELECT count(*) FROM {table}")))[0]
                for table in ("files", "drawings", "people", "votes")
            }
            unfinished = await dispatcher.inbox._database.execute_fetchall(
                "SELECT (SELECT count(*) FROM effects), (SELECT count(*) FROM updates WHERE said NOT NULL)"
            )
    assert rows["files"] <= len(engine.matches)
    assert rows["drawings"] <= 2
    assert rows["people"] <= USERS + load.sent
    assert [*map(tuple, unfinished)] == [(0, 0)]


def sample(**changes: float) -> Sample:
    usual = Sample(0.0, 0, 1_000, 900, 700, 500, 50, 20, 18, 9)
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_growth_is_a_leak_and_variation_is_not() -> None:
    before, thousands = sample(), 4
    after = sample(requests=1_000 * thousands)
    varying = [sample(requests=40 * n, private=900 + 40 * (n % 2)) for n in range(100)]
    assert leaks(varying, before, after) == []
    for name, value in {
        "in_use": before.in_use + MAX_GROWTH * thousands + CACHES + 1,
        "objects": 700,
        "files": 40,
        "threads": 30,
        "tasks": 20,
    }.items():
        (leak,) = leaks(varying, before, replace(after, **{name: value}))  # type: ignore[arg-type]
        assert leak.startswith("LEAK: ")
    growing = [sample(requests=40 * n, private=900 + n) for n in range(120)]
    (leak,) = leaks(growing, before, after)
    assert leak.startswith("LEAK: memory (private)")


async def test_tasks_that_are_left_behind_are_found() -> None:
    before = {"tasks": len(asyncio.all_tasks())}
    forgotten = [asyncio.create_task(asyncio.sleep(60)) for _ in range(SPARE["tasks"] + 1)]
    assert [*grown(before, {"tasks": len(asyncio.all_tasks())})] == ["tasks"]
    for task in forgotten:
        task.cancel()
