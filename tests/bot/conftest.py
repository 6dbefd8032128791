"""The real bot against the playground: fixtures that start and stop both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import skimage.data
from PIL import Image

from bot.playground import Person, Playground
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from bot.types import KindredApplication
from engine.api import EngineAPI
from engine.async_engine import open_engine
from tests.bot.harness import ScriptedEngine, build_bot, jpeg, running_bot
from tests.bot.playground import schema

GRACE = 5.0


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A photo of a cat."""
    return jpeg(Image.fromarray(skimage.data.chelsea()))


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a host who has set nothing and has an empty cache."""
    with pytest.MonkeyPatch.context() as environment:
        for name in Settings.model_fields:
            environment.delenv(f"KINDRED_{name.upper()}", raising=False)
        environment.delenv("FLICKR8K_DIR", raising=False)
        environment.setenv("KINDRED_HOME", str(tmp_path_factory.mktemp("home")))
        return Settings.from_environment()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine(settings: Settings) -> AsyncIterator[EngineAPI]:
    """The real engine with the starter gallery, opened once."""
    engine = await open_engine(settings)
    yield engine
    await engine.close()


@pytest.fixture
def scripted() -> ScriptedEngine:
    """An engine to write answers for."""
    return ScriptedEngine()


@pytest_asyncio.fixture(loop_scope="session")
async def playground() -> AsyncIterator[Playground]:
    """A Telegram of one's own."""
    async with Playground() as playground:
        yield playground


@pytest.fixture
def lawful(playground: Playground) -> Iterator[None]:
    """Hold all that passed in a test against the Bot API's schema, where that is at hand."""
    yield
    if schema.at_hand():
        assert not schema.load().faults(playground.traffic)


@pytest.fixture
def grace(playground: Playground) -> Person:
    """Somebody else who talks to the bot."""
    return playground.person("Grace")


@pytest.fixture
def ada(playground: Playground) -> Person:
    """Somebody who talks to the bot."""
    return playground.person("Ada")


@pytest_asyncio.fixture(loop_scope="session")
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    """What the bot remembers: nothing yet."""
    async with SQLiteStore.open(tmp_path / "bot.sqlite3") as store:
        yield store


@pytest_asyncio.fixture(loop_scope="session")
async def bot(
    settings: Settings, playground: Playground, engine: EngineAPI, store: SQLiteStore
) -> AsyncIterator[KindredApplication]:
    """The real bot with the real engine, polling the playground."""
    application = build_bot(settings, playground, engine, store)
    async with running_bot(application, GRACE):
        yield application


@pytest_asyncio.fixture(loop_scope="session")
async def scripted_bot(
    settings: Settings, playground: Playground, scripted: ScriptedEngine, store: SQLiteStore
) -> AsyncIterator[KindredApplication]:
    """The real bot with a scripted engine, polling the playground."""
    application = build_bot(settings, playground, scripted, store)
    async with running_bot(application, GRACE):
        yield application
