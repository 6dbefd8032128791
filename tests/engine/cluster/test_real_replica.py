"""A replica as it serves, and the indexer beside it, with a tiny network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from engine.api import EngineAPI
from engine.cluster.deployment import deploy
from engine.cluster.ray_engine import RayEngine
from engine.gallery.embeddings import embeddings_file
from engine.gallery.galleries import open_gallery
from engine.model.checkpoint import Checkpoint
from engine.settings import EngineSettings
from tests.object_store import ObjectStore

pytestmark = pytest.mark.filterwarnings("ignore")  # those of Ray itself


@pytest.fixture
def settings(
    on_ray: EngineSettings,
    tiny_folder: Path,
    make_image: Callable[..., Path],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> EngineSettings:
    """Settings of one replica, which serves two photos: of a folder, or of a bucket."""
    gallery: Path | str = tmp_path / "mine"
    photos = [make_image(f"mine/{number}.png", (80 * number, 10, 10)) for number in range(2)]
    if request.param == "bucket":
        store: ObjectStore = request.getfixturevalue("store")
        gallery = f"s3://{store.bucket}/mine"
        for photo in photos:
            store.put(f"mine/{photo.name}", photo.read_bytes())
            photo.unlink()
    own = {"home": tmp_path / "home", "artifact": tiny_folder, "gallery": gallery}
    return on_ray.model_copy(update=own | {"replicas": 1, "max_replicas": None})


@pytest.fixture
async def engine(settings: EngineSettings) -> AsyncIterator[EngineAPI]:
    """The engine, on Ray."""
    handle = await asyncio.to_thread(deploy, settings)
    engine = RayEngine(handle, await handle.gallery.remote(), settings.waiting, ExitStack())
    yield engine  # type: ignore[misc]
    await engine.close()


@pytest.mark.parametrize("settings", ["folder", "bucket"], indirect=True)
async def test_it_serves_what_is_indexed(
    engine: EngineAPI, settings: EngineSettings, loaded: Checkpoint, cat: bytes
) -> None:
    assert (engine.gallery.name, engine.gallery.size) == ("mine", 2)
    assert {match.image for match in await engine.sample()} == {"0.png", "1.png"}
    assert len((await engine.describe(cat)).matches) == 2
    assert (await engine.picture("1.png")).startswith(b"\x89PNG")
    assert embeddings_file(open_gallery(settings), loaded, settings).is_file()
