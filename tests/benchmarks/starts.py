"""Seconds from a start to the first answer, and memory later: `python -m tests.benchmarks.starts`.

With `--before DIR`, the same of another checkout, in turn. Each engine runs in a process of its own, which
also decodes the photos. Linux only.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings import Settings
from engine.settings import EngineSettings
from tests.benchmarks.before import running_build, write_photos
from tests.benchmarks.memory import proportional_kilobytes
from tests.benchmarks.samples import sample_photos

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Build:
    """A build, and what was measured of it.

    Attributes:
        checkout: its folder.
        home: folder of its cache, empty before the first start.
        starts: seconds from starts to first answers, in order.
        memory: MB after the photos of the last start.
    """

    checkout: Path
    home: Path
    starts: list[float] = field(default_factory=list)
    memory: float = 0.0

    def start(self, settings: EngineSettings, photos: Sequence[Path], count: int) -> None:
        """Start it, and have it answer a first photo and `count` more."""
        begin = time.perf_counter()
        with running_build(self.checkout, settings, self.home, warm=False) as build:
            build.answer(photos[0])
            self.starts.append(time.perf_counter() - begin)
            for number in range(count):
                build.answer(photos[number % len(photos)])
            self.memory = proportional_kilobytes(build.pid) / 1024


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.starts", description=__doc__)
    parser.add_argument("--before", type=Path, metavar="DIR", help="also of this checkout")
    parser.add_argument("--rounds", type=int, default=5, help="starts after the first (default: %(default)s)")
    parser.add_argument("--photos", type=int, default=200, help="until memory is read (default: %(default)s)")
    args = parser.parse_args()
    if args.rounds < 1:
        parser.error("--rounds must be at least 1")
    settings = Settings.from_environment()
    with tempfile.TemporaryDirectory() as folder:
        photos = write_photos(sample_photos(settings), Path(folder))
        builds = {"Kindred": Build(ROOT, Path(folder) / "home")}
        if args.before:
            builds["Kindred before"] = Build(args.before.resolve(), Path(folder) / "home before")
        for turn in range(args.rounds + 1):
            for build in builds.values():
                build.start(settings, photos, args.photos if turn == args.rounds else 0)
    print(f"{'':<16}{'first start, s':>16}{'later starts, s':>17}{'memory, MB':>12}")
    for name, build in builds.items():
        later = statistics.median(build.starts[1:])
        print(f"{name:<16}{build.starts[0]:>16.2f}{later:>17.2f}{build.memory:>12,.0f}")


if __name__ == "__main__":
    main()
