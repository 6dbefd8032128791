"""Another build answers in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.settings import EngineSettings
from tests.benchmarks.before import build_before, running_build, write_photos

SETTINGS = "def EngineSettings(**given): return given\n"
SERVICE = """
from pathlib import Path
class Engine:
    def __init__(self, settings): self.log = Path(settings["home"]) / "log"
    def warm(self): self.log.write_text("warm")
    def describe(self, photo, matches, captions):
        with self.log.open("a") as log: log.write(f" {photo.decode()} {matches} {captions}")
        if photo == b"broken": raise ValueError
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Another build, whose engine writes down what it is asked."""
    engine = tmp_path / "checkout" / "engine"
    engine.mkdir(parents=True)
    for name, content in (("__init__", ""), ("settings", SETTINGS), ("service", SERVICE)):
        (engine / f"{name}.py").write_text(content)
    return engine.parent


def test_another_build_answers_the_photos_in_turn(checkout: Path, tmp_path: Path) -> None:
    settings = EngineSettings(flickr8k=tmp_path)
    with build_before(checkout, settings, [b"one", b"two"], tmp_path) as system:
        for number in range(3):
            system.run(number)
    assert (tmp_path / "log").read_text() == "warm one 10 1 two 10 1 one 10 1"


def test_a_build_is_asked_for_its_first_answer_without_being_warmed_up(
    checkout: Path, tmp_path: Path
) -> None:
    (photo,) = write_photos([b"one"], tmp_path)
    with running_build(checkout, EngineSettings(flickr8k=tmp_path), tmp_path, warm=False) as build:
        build.answer(photo)
    assert (tmp_path / "log").read_text() == " one 10 1"


def test_another_build_that_ends_is_no_fast_one(checkout: Path, tmp_path: Path) -> None:
    settings = EngineSettings(flickr8k=tmp_path)
    with (
        pytest.raises(RuntimeError, match="has ended"),
        build_before(checkout, settings, [b"broken"], tmp_path) as system,
    ):
        system.run(0)
