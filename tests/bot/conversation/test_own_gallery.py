"""A gallery of one's own photos, served by the real bot over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.playground import Person, Playground, Seen
from bot.settings import Settings
from bot.storage.store import SQLiteStore
from engine.api import EngineAPI
from engine.model.checkpoint import Checkpoint
from tests.bot.harness import TIMEOUT, build_bot, jpeg, open_shipped_engine, running_bot
from tests.paint import beach, meadow, night, ocean, sunset

pytestmark = pytest.mark.usefixtures("schema_checked")


@asynccontextmanager
async def serving(
    settings: Settings,
    shipped: Checkpoint,
    playground: Playground,
    store: SQLiteStore,
    folder: Path,
    address: str | None = None,
    rescan: float = 0.0,
) -> AsyncIterator[EngineAPI]:
    """Run a bot over a folder of photos, as the folder is now."""
    settings = settings.model_copy(update={"gallery": folder, "gallery_url": address, "rescan": rescan})
    engine = await open_shipped_engine(settings, shipped)
    try:
        async with running_bot(build_bot(settings, playground, engine, store)):
            yield engine
    finally:
        await engine.close()


async def ask(person: Person, text: str, count: int) -> tuple[Seen, ...]:
    await person.say(text)
    return await person.replies(count, TIMEOUT)


async def test_a_changed_folder_is_reindexed_and_captions_name_the_files(
    settings: Settings,
    shipped: Checkpoint,
    playground: Playground,
    store: SQLiteStore,
    ada: Person,
    tmp_path: Path,
) -> None:
    mine = tmp_path / "mine"
    (mine / "trips").mkdir(parents=True)
    (mine / "trips" / "sea.jpg").write_bytes(jpeg(ocean()))
    (mine / "grass.jpg").write_bytes(jpeg(meadow()))
    async with serving(settings, shipped, playground, store, mine) as engine:
        album, second, _ = await ask(ada, "/find the sea", 3)
        assert engine.gallery.size == 2
        assert "Photos: mine." in album.text
        assert album.album == second.album
        assert "trips/sea.jpg" in album.text
        assert "grass.jpg" in album.text
    (mine / "grass.jpg").unlink()
    (mine / "trips" / "sea.jpg").write_bytes(jpeg(night()))
    for number, paint in enumerate((beach, sunset)):
        (mine / f"new{number}.jpg").write_bytes(jpeg(paint()))
    async with serving(settings, shipped, playground, store, mine) as engine:
        album, *_ = await ask(ada, "/find the sea", 4)
        assert engine.gallery.size == 3
        assert "grass.jpg" not in album.text
        assert {name for name in ("new0.jpg", "new1.jpg", "trips/sea.jpg") if name in album.text} == {
            "new0.jpg",
            "new1.jpg",
            "trips/sea.jpg",
        }


async def test_new_photos_are_found_while_the_bot_runs_with_links_to_their_originals(
    settings: Settings,
    shipped: Checkpoint,
    playground: Playground,
    store: SQLiteStore,
    ada: Person,
    tmp_path: Path,
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "my sea.jpg").write_bytes(jpeg(ocean()))
    address = "https://photos.example/all/"
    async with serving(settings, shipped, playground, store, mine, address, 0.1) as engine:
        only, _ = await ask(ada, "/find the sea", 2)
        assert engine.gallery.size == 1
        (mine / "new.jpg").write_bytes(jpeg(meadow()))
        async with asyncio.timeout(TIMEOUT):
            while engine.gallery.size < 2:  # noqa: ASYNC110 - there is no event for it
                await asyncio.sleep(0.05)
        album, *_ = await ask(ada, "/find green grass", 3)
    assert (bool(only.photo), only.album) == (True, "")
    assert "https://photos.example/all/my%20sea.jpg" in {entity.get("url") for entity in only.entities}
    assert f"{address}new.jpg" in {entity.get("url") for entity in album.entities}
