"""Many photos at once, photos beside other work, and indexing: `python -m tests.benchmarks.throughput`.

With `--before DIR`, the same of another checkout, in turn. Each build runs in processes of its own: its
awaited engine, as the bot opens it, and its command `index`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from bot.settings import Settings
from tests.benchmarks.awaited import Describe, running_engine
from tests.benchmarks.before import write_photos
from tests.benchmarks.build_process import environment_of, python_of
from tests.benchmarks.samples import sample_photos

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 32  # photos
ALONE = 10  # photos, one after the other
INDEX_ROUNDS = 2


class Figures(NamedTuple):
    """What one build does.

    Attributes:
        rates: photos a second, of `AT_ONCE` at once, a figure a round.
        waits: seconds that 95 % of them are answered in.
        alone: seconds of a photo.
        beside: the same while another process keeps a core busy.
        indexed: photos a second.
    """

    rates: list[float]
    waits: list[float]
    alone: list[float]
    beside: list[float]
    indexed: list[float]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.throughput", description=__doc__)
    parser.add_argument("--before", type=Path, metavar="DIR", help="also of this checkout (needs Flickr8K)")
    parser.add_argument("--rounds", type=int, default=5, help="of all but indexing (default: %(default)s)")
    parser.add_argument("--photos", type=int, default=1000, help="to index (default: %(default)s)")
    args = parser.parse_args()
    settings = Settings.from_environment()
    builds = {"Kindred": ROOT} | ({"Kindred before": args.before.resolve()} if args.before else {})
    figures = {name: Figures([], [], [], [], []) for name in builds}
    with tempfile.TemporaryDirectory() as home:
        photos = write_photos(sample_photos(settings), Path(home))
        with ExitStack() as running:
            engines = {
                name: running.enter_context(running_engine(checkout, _shared(settings, Path(home) / name)))
                for name, checkout in builds.items()
            }
            for _ in range(args.rounds):
                for name, describe in engines.items():
                    _measure(describe, photos, figures[name])
        gallery = link_photos(settings.flickr8k, photos, Path(home) / "gallery", args.photos)
        for turn in range(INDEX_ROUNDS):
            for name, checkout in builds.items():
                seconds = index(checkout, gallery, Path(home) / f"{name} {turn}")
                figures[name].indexed.append(args.photos / seconds)
    _print(figures)


def _shared(settings: Settings, home: Path) -> dict[str, object]:
    flickr8k = settings.flickr8k and str(settings.flickr8k)
    return {"flickr8k": flickr8k, "home": str(home), "threads": settings.threads}


def _measure(describe: Describe, photos: Sequence[Path], figures: Figures) -> None:
    """Measure one round."""
    many = [photos[number % len(photos)] for number in range(AT_ONCE)]
    start = time.perf_counter()
    seconds = describe(many, AT_ONCE)
    figures.rates.append(AT_ONCE / (time.perf_counter() - start))
    figures.waits.append(statistics.quantiles(seconds, n=20)[-1])
    few = [photos[number % len(photos)] for number in range(ALONE)]
    figures.alone.extend(describe(few, 1))
    busy = multiprocessing.get_context("spawn").Process(target=_spin, daemon=True)
    busy.start()
    figures.beside.extend(describe(few, 1))
    busy.terminate()
    busy.join()


def _spin() -> None:
    while True:
        pass


def link_photos(flickr8k: Path | None, samples: Sequence[Path], folder: Path, count: int) -> Path:
    """Make a folder with links to photos of Flickr8K, or else to samples again and again, and return it."""
    folder.mkdir()
    photos = sorted((flickr8k / "Flicker8k_Dataset").glob("*.jpg")) if flickr8k else samples
    for number in range(count):
        (folder / f"{number:05}.jpg").symlink_to(photos[number % len(photos)])
    return folder


def index(checkout: Path, gallery: Path, home: Path) -> float:
    """Return the seconds that a build's command takes to index a folder, its start included."""
    start = time.perf_counter()
    subprocess.run(
        [python_of(checkout), "-m", "engine", "index", gallery],
        cwd=checkout,
        env=environment_of(checkout) | {"KINDRED_HOME": str(home)},
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - start


def _print(figures: dict[str, Figures]) -> None:
    columns = (f"{AT_ONCE} at once, photos/s", "p95, ms", "one, ms", "beside other work, ms", "indexed/s")
    print(" " * 16 + "".join(f"{column:>24}" for column in columns))
    for name, found in figures.items():
        rate, wait, alone, beside, indexed = map(statistics.median, found)
        values = (f"{rate:.1f}", *(f"{1000 * one:.0f}" for one in (wait, alone, beside)), f"{indexed:.1f}")
        print(f"{name:<16}" + "".join(f"{value:>24}" for value in values))


if __name__ == "__main__":
    main()
