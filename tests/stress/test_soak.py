"""The short form of `make soak`, and that it can fail."""

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
from tests.stress.environment import PAUSE, UNLIMITED
from tests.stress.load_generator import DEEDS, Crowd
from tests.stress.soak import ALLOWED, CACHES, Sample, grown

WORKERS = 8
FILES = Path("/proc/self/fd")


class Labelling(ScriptedEngine):
    """Chooses among labels, too."""

    async def labels(self, photo: bytes, labels: Sequence[str], count: int = 5) -> tuple[Label, ...]:
        return tuple(Label(name, 1 / len(labels)) for name in labels)[:count]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of albums are not waited for as long as with people."""
    monkeypatch.setattr(media_groups, "QUIET_PERIOD", PAUSE)


async def pour(crowd: Crowd, order: Dispatcher, requests: int) -> None:
    """Let the crowd ask so many things, and wait until nothing is left to do."""
    end = crowd.asked + requests

    async def work() -> None:
        while crowd.asked < end:
            await crowd.ask()

    await asyncio.gather(*(work() for _ in range(WORKERS)))
    await wait_until_inbox_empty(order)
    async with asyncio.timeout(60):
        while order._tasks:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.01)


def held(application: KindredApplication, order: Dispatcher) -> dict[str, int]:
    """How many there are of what must not become more."""
    context: Any = application.context_types.context
    limiter: Any = application.bot.rate_limiter
    return {
        "tasks": len(asyncio.all_tasks()),
        "files": sum(1 for _ in FILES.iterdir()) if FILES.exists() else 0,
        "lanes": len(order._queues),
        "work": len(order._tasks),
        "waiting": order.waiting,
        "albums": len(context.media_groups._groups),
        "moved groups": len(limiter._retry_policy.migrated_chats),
        "handlers' data": len(application.user_data) + len(application.chat_data),
        "chats over": max(0, len(limiter._chats) - MAX_CHATS),
        "presses over": max(0, len(context.debouncer._blocked_until) - MAX_ENTRIES),
        "keyboards over": max(0, len(context.debouncer._keyboards) - MAX_ENTRIES),
    }


def more(before: dict[str, int], after: dict[str, int], spare: dict[str, int]) -> Iterator[str]:
    """What has become more than it was."""
    return (name for name in before if after[name] > before[name] + spare.get(name, 0))


async def test_a_minutes_worth_of_everything_people_do_leaves_nothing_behind(
    tmp_path: Path, hurried: None
) -> None:
    engine = Labelling()
    settings = Settings.model_construct()
    async with Playground() as playground, SQLiteStore.open(tmp_path / "bot.sqlite3") as store:
        application = build_bot(settings, playground, engine, store, limits=UNLIMITED)
        async with running_bot(application) as order:
            crowd = Crowd(playground, lambda: order.waiting, people=30, groups=10)
            await pour(crowd, order, 50)
            before = held(application, order)
            await pour(crowd, order, 250)
            after = held(application, order)
            spare = {"tasks": 4, "files": 24}  # connections that are kept warm, and their polls
            assert [*more(before, after, spare)] == [], f"{before} became {after}"
            assert not crowd.unanswered
            assert len(crowd.kinds) == len(DEEDS)
            database = store._database
            rows = {
                table: next(iter(await database.execute_fetchall(f"SELECT count(*) FROM {table}")))[0]
                for table in ("files", "drawings", "people", "votes")
            }
            kept = await order.inbox._database.execute_fetchall(
                "SELECT (SELECT count(*) FROM effects), (SELECT count(*) FROM updates WHERE said NOT NULL)"
            )
    assert rows["files"] <= len(engine.matches)
    assert rows["drawings"] <= 2
    assert rows["people"] <= 30 + crowd.asked
    assert [*map(tuple, kept)] == [(0, 0)]


def sample(**changed: float) -> Sample:
    usual = Sample(0.0, 0, 1_000, 900, 700, 500, 50, 20, 18, 9)
    return replace(usual, **changed)  # type: ignore[arg-type]


def test_what_grows_is_called_a_leak_and_what_moves_is_not() -> None:
    before, thousands = sample(), 4
    after = sample(asked=1_000 * thousands)
    moving = [sample(asked=40 * n, own=900 + 40 * (n % 2)) for n in range(100)]
    assert grown(moving, before, after) == []
    for name, value in {
        "used": before.used + ALLOWED * thousands + CACHES + 1,
        "objects": 700,
        "files": 40,
        "threads": 30,
        "tasks": 20,
    }.items():
        (said,) = grown(moving, before, replace(after, **{name: value}))  # type: ignore[arg-type]
        assert said.startswith("LEAK: ")
    growing = [sample(asked=40 * n, own=900 + n) for n in range(120)]
    (said,) = grown(growing, before, after)
    assert said.startswith("LEAK: memory (own)")


async def test_a_task_that_is_left_behind_is_found() -> None:
    before = {"tasks": len(asyncio.all_tasks())}
    forgotten = asyncio.create_task(asyncio.sleep(60))
    assert [*more(before, {"tasks": len(asyncio.all_tasks())}, {})] == ["tasks"]
    forgotten.cancel()
