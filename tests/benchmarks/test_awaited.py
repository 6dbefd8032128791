"""Builds are asked for many photos at once, whatever their engine's module is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.awaited import running_engine
from tests.benchmarks.before import write_photos

SETTINGS = "def EngineSettings(**given): return given\n"
AWAITED = """
import asyncio
from pathlib import Path
class Awaited:
    def __init__(self, settings):
        self.log, self.running, self.most = Path(settings["home"]) / "log", 0, 0
    async def describe(self, photo, captions):
        if photo == b"broken": raise ValueError
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.05)
        self.running -= 1
        with self.log.open("a") as log: log.write(f"{photo.decode()} {captions} {self.most}; ")
async def open_engine(settings): return Awaited(settings)
"""


@pytest.fixture(params=["async_engine", "worker"])
def checkout(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Another build, whose engine writes down what it is asked, and how many photos at once."""
    engine = tmp_path / "checkout" / "engine"
    engine.mkdir(parents=True)
    for name, content in (("__init__", ""), ("settings", SETTINGS), (request.param, AWAITED)):
        (engine / f"{name}.py").write_text(content)
    return engine.parent


def test_as_many_photos_are_under_way_as_asked_for(checkout: Path, tmp_path: Path) -> None:
    photos = write_photos([b"one", b"two", b"three"], tmp_path)
    with running_engine(checkout, {"home": str(tmp_path)}) as describe:
        alone, together = describe(photos[:1], 1), describe(photos, 2)
    assert (len(alone), len(together)) == (1, 3)
    assert min(alone + together) >= 0.05
    asked = (tmp_path / "log").read_text().split("; ")
    assert asked[0] == "one 1 1"
    assert set(asked[1:-1]) == {"one 1 2", "two 1 2", "three 1 2"}


def test_an_engine_that_fails_is_no_fast_one(checkout: Path, tmp_path: Path) -> None:
    photos = write_photos([b"broken"], tmp_path)
    with (
        pytest.raises(RuntimeError, match="has ended"),
        running_engine(checkout, {"home": str(tmp_path)}) as describe,
    ):
        describe(photos, 1)
