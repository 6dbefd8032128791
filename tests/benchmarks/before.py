"""Builds of Kindred, each in a process of its own: `python -m tests.benchmarks --before DIR`.

DIR is a checkout with its environment in DIR/.venv, or one that this process's environment fits. This file
is also the program that runs there, in a process of its own, with that checkout's engine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from engine.settings import EngineSettings
    from tests.benchmarks.measure import System

MATCHES, CAPTIONS = 10, 1


class RunningBuild(NamedTuple):
    """A build's engine in a process of its own: its id, and how to have a photo answered."""

    pid: int
    answer: Callable[[Path], None]


@contextmanager
def build_before(
    checkout: Path, settings: EngineSettings, photos: Sequence[bytes], home: Path
) -> Iterator[System]:
    """Yield the complete response to a photo by another build, which runs as long as the block.

    Args:
        checkout: its folder.
        settings: of this build; the other one has the same gallery and threads.
        photos: encoded photos, one a round.
        home: an empty folder for its cache and the photos.

    Raises:
        RuntimeError: the other build does not start or does not answer.
    """
    from tests.benchmarks.measure import System

    files = write_photos(photos, home)
    with running_build(checkout, settings, home) as build:
        yield System(
            "Kindred before: caption, 10 matches", lambda number: build.answer(files[number % len(files)])
        )


@contextmanager
def running_build(
    checkout: Path, settings: EngineSettings, home: Path, *, warm: bool = True
) -> Iterator[RunningBuild]:
    """Run a build's engine as long as the block runs.

    Args:
        checkout: its folder.
        settings: of this build; the other one has the same gallery and threads.
        home: folder for its cache.
        warm: whether it is warmed up before the first photo.

    Raises:
        RuntimeError: it does not start or does not answer.
    """
    from tests.benchmarks.build_process import running_program

    flickr8k = settings.flickr8k and str(settings.flickr8k)
    shared = {"flickr8k": flickr8k, "home": str(home), "threads": settings.threads, "warm": warm}
    with running_program(checkout, __file__, shared) as program:

        def answer(photo: Path) -> None:
            program.ask(str(photo))

        yield RunningBuild(program.pid, answer)


def write_photos(photos: Sequence[bytes], folder: Path) -> list[Path]:
    """Write photos to files of a folder, and return these."""
    files = [folder / f"{number}.jpg" for number in range(len(photos))]
    for file, photo in zip(files, photos, strict=True):
        file.write_bytes(photo)
    return files


def serve(shared: dict[str, object], *, warm: bool) -> None:
    """Answer photos whose paths come as lines."""
    from engine.service import Engine
    from engine.settings import EngineSettings

    engine = Engine(EngineSettings(**shared, two_stages=False))  # type: ignore[arg-type]
    if warm:
        engine.warm()
    print("ready", flush=True)
    for line in sys.stdin:
        engine.describe(Path(line.rstrip("\n")).read_bytes(), MATCHES, CAPTIONS)
        print("answered", flush=True)


if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))  # its modules are no packages of the other build
    given = json.loads(sys.argv[1])
    serve(given, warm=given.pop("warm"))
