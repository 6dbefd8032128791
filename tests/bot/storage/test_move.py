"""What a bot keeps moves from files to PostgreSQL and back; all of it arrives, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

pytest.importorskip("psycopg", reason="no PostgreSQL: ModuleNotFoundError")

from bot import __main__ as command_line
from bot import home_lock, logs
from bot.home_lock import locked_home
from bot.settings import Settings
from bot.storage.opening import opened_files
from bot.storage.postgres.opening import opened_postgres
from handlers.store import Preferences
from tests.bot.harness import deliver
from tests.postgres import BOT_IDS

SECRET = "xx-secret"
UPDATES = [{"update_id": n, "message": {"text": SECRET, "chat": {"id": 7}}} for n in (1, 2, 3)]


@pytest.fixture
def settings(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a bot that nobody has used, for it and for its process."""
    token = f"{next(BOT_IDS)}:" + "A" * 35
    values = {"KINDRED_HOME": str(tmp_path), "KINDRED_DATABASE_URL": postgres_url, "KINDRED_TOKEN": token}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(logs, "set_up", lambda level: None)
    return Settings.model_construct(home=tmp_path, token=SecretStr(token))


@pytest.fixture
def move(capsys: pytest.CaptureFixture[str]) -> Callable[[str, int], str]:
    """Run the command, and return its only line."""

    def run(target: str, status: int = 0) -> str:
        assert command_line.main(["move", target]) == status
        printed = capsys.readouterr()
        (line,) = (printed.out + printed.err).splitlines()
        return line

    return run


async def fill(settings: Settings) -> None:
    token = settings.read_token()
    async with opened_files(settings, token) as files:
        store, inbox = files.store, files.inbox
        await store.keep_preferences(77, Preferences(SECRET, 4, quiet=True))
        await store.keep_file_ids([b"cat", b"dog"], ["one", "two"])
        await store.keep_drawing(b"map", "three")
        await store.change_vote("caption", None, True)
        await inbox.add(UPDATES)
        for _ in range(2):
            await inbox.start_attempt(2)
        for number in (7, 8):
            await inbox.record_reply(2, "sendMessage", {"message_id": number})
        await inbox.mark_answered([1])


async def content(store: Any, inbox: Any) -> tuple[object, ...]:
    return (
        (await store._database.execute_fetchall("SELECT album FROM people")),
        await store.preferences(77),
        await store.file_ids([b"cat", b"dog", b"cow"]),
        await store.drawing(b"map"),
        await store.votes(),
        await inbox.waiting(),
        await inbox.crash_suspects(),
        await inbox.recorded_replies(2),
    )


FULL = (
    [(4,)],
    Preferences(SECRET, 4, quiet=True),
    ("one", "two", None),
    "three",
    {"caption": (1, 0)},
    UPDATES[1:],
    {2},
    [("sendMessage", {"message_id": 7}), ("sendMessage", {"message_id": 8})],
)
EMPTY = ([], Preferences(), (None, None, None), None, {}, [], frozenset(), [])


async def in_files(settings: Settings) -> tuple[object, ...]:
    token = settings.read_token()
    async with opened_files(settings, token) as files:
        return await content(files.store, files.inbox)


async def on_server(settings: Settings, url: str) -> tuple[object, ...]:
    async with opened_postgres(url, settings.read_token().partition(":")[0]) as storage:
        return await content(storage.store, storage.inbox)


def test_everything_moves_there_and_back_and_leaves_nothing_behind(
    settings: Settings, postgres_url: str, tmp_path: Path, move: Callable[..., str]
) -> None:
    asyncio.run(fill(settings))
    line = move("postgresql")
    assert line == (
        "Moved to KINDRED_DATABASE_URL: 1 people's settings, 2 file ids, 1 votes, 3 updates. "
        "Start the bot with KINDRED_DATABASE_URL."
    )
    assert SECRET.encode() not in b"".join(file.read_bytes() for file in tmp_path.glob("*sqlite3*"))
    assert asyncio.run(in_files(settings)) == EMPTY
    assert asyncio.run(on_server(settings, postgres_url)) == FULL
    move("sqlite")
    assert asyncio.run(in_files(settings)) == FULL
    assert asyncio.run(on_server(settings, postgres_url)) == EMPTY


def test_what_moved_is_answered_and_an_update_that_was_answered_is_still_known(
    settings: Settings, postgres_url: str, move: Callable[..., str]
) -> None:
    asyncio.run(fill(settings))
    move("postgresql")

    async def take() -> list[Any]:
        async with opened_postgres(postgres_url, settings.read_token().partition(":")[0]) as storage:
            await storage.inbox.add(UPDATES)
            async for updates, _ in storage.inbox.assigned(lambda: 0.0):
                await storage.inbox.mark_answered([update["update_id"] for update in updates])
                return updates
        raise AssertionError

    assert asyncio.run(take()) == UPDATES[1:]


@pytest.mark.parametrize("target", ["postgresql", "sqlite"])
def test_what_is_there_already_is_not_overwritten(
    settings: Settings, postgres_url: str, move: Callable[..., str], target: str
) -> None:
    asyncio.run(fill(settings))
    move("postgresql")
    asyncio.run(fill(settings))
    assert "something of this bot already" in move(target, 1)
    assert asyncio.run(in_files(settings)) == asyncio.run(on_server(settings, postgres_url)) == FULL


def test_nothing_moves_while_the_bot_runs(
    settings: Settings, postgres_url: str, move: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(fill(settings))
    monkeypatch.setattr(home_lock, "LOCK_TIMEOUT", 0.0)

    async def move_beside_a_process() -> str:
        async with locked_home(settings.home):
            return await asyncio.to_thread(move, "postgresql", 1)

    async def move_beside_a_front() -> str:
        async with opened_postgres(postgres_url, settings.read_token().partition(":")[0]) as storage:
            await deliver(storage.inbox, [{"update_id": 9}])
            await storage.inbox.mark_answered([9])
            return await asyncio.to_thread(move, "postgresql", 1)

    assert "is used by another bot process" in asyncio.run(move_beside_a_process())
    assert "1 of the bot's processes use it. Stop them first." in asyncio.run(move_beside_a_front())
    assert asyncio.run(in_files(settings)) == FULL


def test_without_an_address_the_line_says_so(
    settings: Settings, move: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KINDRED_DATABASE_URL")
    assert "KINDRED_DATABASE_URL: not set" in move("postgresql", 2)
