"""The real bot against the playground: fixtures that start and stop both.

One bot with a scripted engine and one with the real engine run for the whole session, each at a playground
of its own. A test that asks for `scripted_bot` or `bot` talks to the running one, with new people and with
the engine's script, the store and the record of traffic as empty as at the start. A test that asks for
neither, or is marked `own_bot`, has a playground and a store of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import skimage.data
from PIL import Image

from bot.playground import Person, Playground
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from engine.api import EngineAPI
from engine.model.checkpoint import Checkpoint
from tests import postgres
from tests.bot.browser import close_browser
from tests.bot.fork_server import ForkServer
from tests.bot.harness import (
    NewPerson,
    ScriptedEngine,
    build_bot,
    clear_store,
    jpeg,
    open_shipped_engine,
    running_bot,
    wait_until_idle,
)
from tests.bot.playground import schema

SHARED = {"scripted_bot": "shared_scripted_bot", "bot": "shared_real_bot"}
PERSON_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class RunningBot:
    """A bot that answers, and all that it works with."""

    application: KindredApplication
    playground: Playground
    store: SQLiteStore
    engine: Any


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of the session's PostgreSQL."""
    with postgres.server_or_skip() as server:
        yield server.get_uri()


@pytest_asyncio.fixture(scope="session", autouse=True)
async def browser_closed_at_the_end() -> AsyncIterator[None]:
    """Close the browser that tests have shared."""
    yield
    await close_browser()


@pytest.fixture(scope="session")
def shared_fork_server() -> Iterator[ForkServer]:
    """The session's fork server."""
    with ForkServer.run() as server:
        yield server


@pytest.fixture
def fork_server(shared_fork_server: ForkServer) -> Iterator[ForkServer]:
    """Start processes, of which none outlives the test."""
    yield shared_fork_server
    shared_fork_server.kill_all()


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A photo of a cat."""
    return jpeg(Image.fromarray(skimage.data.chelsea()))


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, warm_home: Callable[[Path], Path]) -> Settings:
    """Settings of a host who has set nothing and has no gallery yet."""
    with pytest.MonkeyPatch.context() as environment:
        for name in Settings.model_fields.keys() - {"threads"}:
            environment.delenv(f"KINDRED_{name.upper()}", raising=False)
        environment.delenv("FLICKR8K_DIR", raising=False)
        environment.setenv("KINDRED_FETCH", "false")  # tests are offline
        environment.setenv("KINDRED_HOME", str(warm_home(tmp_path_factory.mktemp("home"))))
        return Settings.from_environment()


@pytest_asyncio.fixture(scope="session")
async def engine(settings: Settings, shipped: Checkpoint) -> AsyncIterator[EngineAPI]:
    """The real engine with the starter gallery, opened once; its map of words is small."""
    from engine.explain import tsne_map

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tsne_map, "MAX_WORDS", 100)
        engine = await open_shipped_engine(settings, shipped)
        yield engine
        await engine.close()


@asynccontextmanager
async def started(settings: Settings, engine: EngineAPI, folder: Path) -> AsyncIterator[RunningBot]:
    """Run a bot at a playground of its own while the block runs."""
    async with Playground() as playground, SQLiteStore.open(folder / "bot.sqlite3") as store:
        application = build_bot(settings, playground, engine, store)
        async with running_bot(application):
            yield RunningBot(application, playground, store, engine)


@pytest_asyncio.fixture(scope="session")
async def shared_scripted_bot(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningBot]:
    """The session's bot with a scripted engine."""
    async with started(settings, ScriptedEngine(), tmp_path_factory.mktemp("scripted")) as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def shared_real_bot(
    settings: Settings, engine: EngineAPI, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningBot]:
    """The session's bot with the real engine."""
    async with started(settings, engine, tmp_path_factory.mktemp("real")) as running:
        yield running


@pytest.fixture
def shared(request: pytest.FixtureRequest) -> RunningBot | None:
    """The session's bot that the test asks for, if it asks for one."""
    if request.node.get_closest_marker("own_bot"):
        return None
    names = [SHARED[name] for name in SHARED if name in request.fixturenames]
    return request.getfixturevalue(names[0]) if names else None


@pytest.fixture
def scripted(shared: RunningBot | None) -> ScriptedEngine:
    """An engine to write answers for."""
    if shared is None or not isinstance(shared.engine, ScriptedEngine):
        return ScriptedEngine()
    shared.engine.reset()
    return shared.engine


@pytest.fixture
def playground(request: pytest.FixtureRequest, shared: RunningBot | None) -> Iterator[Playground]:
    """A Telegram of one's own, where nobody has written yet and no call is on record."""
    playground: Playground = shared.playground if shared else request.getfixturevalue("own_playground")
    yield playground
    playground.call_log.clear()


@pytest.fixture
def store(request: pytest.FixtureRequest, shared: RunningBot | None) -> SQLiteStore:
    """What the bot remembers: nothing yet."""
    return shared.store if shared else request.getfixturevalue("own_store")


@pytest_asyncio.fixture
async def own_playground() -> AsyncIterator[Playground]:
    """A playground of this test alone."""
    async with Playground() as playground:
        yield playground


@pytest_asyncio.fixture
async def own_store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    """A store of this test alone."""
    async with SQLiteStore.open(tmp_path / "bot.sqlite3") as store:
        yield store


@pytest.fixture
def schema_checked(playground: Playground) -> Iterator[None]:
    """Check all that passed in a test against the Bot API's schema, where that is at hand."""
    yield
    if schema.at_hand():
        assert not schema.load().faults(playground.call_log)


@pytest.fixture
def new_person(playground: Playground) -> NewPerson:
    """Create people whom no other test has met."""

    def create(name: str, language: str | None = None) -> Person:
        return playground.person(f"{name} {next(PERSON_NUMBERS)}", language)

    return create


@pytest.fixture
def grace(new_person: NewPerson) -> Person:
    """Another person who talks to the bot."""
    return new_person("Grace")


@pytest.fixture
def ada(new_person: NewPerson) -> Person:
    """A person who talks to the bot."""
    return new_person("Ada")


@pytest_asyncio.fixture
async def bot(
    shared: RunningBot | None,
    settings: Settings,
    playground: Playground,
    store: SQLiteStore,
    engine: EngineAPI,
) -> AsyncIterator[KindredApplication]:
    """The real bot with the real engine, polling the playground."""
    async with _served(shared, settings, playground, store, engine) as application:
        yield application


@pytest_asyncio.fixture
async def scripted_bot(
    shared: RunningBot | None,
    settings: Settings,
    playground: Playground,
    store: SQLiteStore,
    scripted: ScriptedEngine,
) -> AsyncIterator[KindredApplication]:
    """The real bot with a scripted engine, polling the playground."""
    async with _served(shared, settings, playground, store, scripted) as application:
        yield application


@asynccontextmanager
async def _served(
    shared: RunningBot | None,
    settings: Settings,
    playground: Playground,
    store: SQLiteStore,
    engine: EngineAPI,
) -> AsyncIterator[KindredApplication]:
    """Hand out the session's bot and clean up behind the test, or run a bot while the block runs."""
    if shared is None:
        application = build_bot(settings, playground, engine, store)
        async with running_bot(application):
            yield application
        return
    yield shared.application
    await wait_until_idle(shared.application)
    await clear_store(shared.store)
