"""Indexing on Ray Data, killed on the way: nothing is missing, nothing is there twice. And its speed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from engine.gallery.embeddings import load
from engine.model import checkpoint
from engine.settings import ARTIFACT_DIR, EngineSettings
from tests.stress.chaos.bots import ROOT

POLL_INTERVAL: Final = 0.2  # seconds between two looks at what is stored
COSINE: Final = 0.999  # of a photo's vector and that of one process, at least: they are rounded
BAD: Final = "not-a-photo.jpg"
KILLED: Final = "killed"  # name of the run with kills


@dataclass
class StressReport:
    """The figures of a run, and its failures."""

    figures: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """The figures, then the failures."""
        return [*(f"{name:<44}{value:>12}" for name, value in self.figures.items()), *self.failures]


def indexing(flickr8k: Path, photos: int, kills: int, timed: int) -> StressReport:
    """Index a folder by one process and on Ray, and a larger one on Ray with kills.

    Args:
        flickr8k: Flickr8K's folder.
        photos: of it, in the folder that is indexed with kills.
        kills: how often the command is killed, spread over its progress.
        timed: photos of it, in the folder that is indexed by both.
    """
    report = StressReport()
    with TemporaryDirectory() as name:
        home = Path(name)
        gallery = _folder(flickr8k, home / "timed", timed)
        for engine in ("local", "ray"):
            started = time.monotonic()
            with _indexing(engine, gallery, home, home / engine) as command:
                _, log = command.communicate()
            report.figures[f"photos a second, {engine}, start included"] = (
                f"{timed / (time.monotonic() - started):.1f}"
            )
            report.failures += _differences(engine, home / engine, gallery, home / "local")
            report.failures += [] if BAD in log else [f"{engine} does not name {BAD}"]
        gallery = _folder(flickr8k, home / "all", photos)
        for kill in range(1, kills + 1):
            stored = _index_until_killed(gallery, home, photos * kill // (kills + 1))
            report.figures[f"stored before kill {kill}"] = f"{stored:,}"
        with _indexing("ray", gallery, home, home / KILLED) as command:
            command.communicate()
        report.failures += _differences(KILLED, home / KILLED, gallery, home / "local")
        report.figures["stored at the end"] = f"{_count(home / KILLED):,}"
    return report


def _index_until_killed(gallery: Path, home: Path, count: int) -> int:
    """Kill the command, and all that it started, once so many photos are stored; return how many are."""
    with _indexing("ray", gallery, home, home / KILLED) as command:
        while _count(home / KILLED) < count and command.poll() is None:
            time.sleep(POLL_INTERVAL)
        os.killpg(command.pid, signal.SIGKILL)
    return _count(home / KILLED)


def _folder(flickr8k: Path, folder: Path, photos: int) -> Path:
    folder.mkdir()
    for photo in sorted((flickr8k / "Flicker8k_Dataset").iterdir())[:photos]:
        (folder / photo.name).symlink_to(photo)
    (folder / BAD).write_text("no photo")
    return folder


@contextmanager
def _indexing(engine: str, gallery: Path, home: Path, file: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the command in a session of its own, with all that it starts."""
    environment = os.environ | {"KINDRED_ENGINE": engine, "KINDRED_HOME": str(home)}
    environment.pop("KINDRED_RAY_ADDRESS", None)
    command = [sys.executable, "-m", "engine", "index", str(gallery), "--output", str(file)]
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, start_new_session=True, stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        yield process


@cache
def _fingerprint() -> str:
    return checkpoint.load(ARTIFACT_DIR, 1).fingerprint


def _count(file: Path) -> int:
    stored = load(file, _fingerprint())
    return len(stored.images) if stored else 0


def _differences(name: str, file: Path, gallery: Path, reference: Path) -> list[str]:
    """Compare what is stored with a folder, and with the vectors that one process computed."""
    found, known = load(file, _fingerprint()), load(reference, _fingerprint())
    if found is None or known is None:
        return [f"{name}: nothing is stored"]
    wanted = {photo.name for photo in gallery.iterdir()} - {BAD}
    missing, twice = len(wanted - set(found.images)), len(found.images) - len(set(found.images))
    if missing or twice:
        return [f"{name}: {missing} are missing, {twice} are there twice"]
    rows = {image: row for row, image in enumerate(found.images)}
    cosines = (known.matrix * found.matrix[[rows[image] for image in known.images]]).sum(axis=1)
    worst = float(np.min(cosines))
    return [] if worst > COSINE else [f"{name}: a vector differs, its cosine is {worst:.4f}"]


def flickr8k_folder() -> Path:
    """Return Flickr8K's folder, which the settings name.

    Raises:
        SystemExit: they name none.
    """
    folder = EngineSettings().flickr8k
    if folder is None:
        raise SystemExit("Which Flickr8K? Name its folder with FLICKR8K_DIR.")
    return folder
