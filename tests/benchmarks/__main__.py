"""Response times of Kindred, of baselines and of the hardware limit in one run: `make benchmark`."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
from contextlib import ExitStack
from pathlib import Path

import torch

from bot.settings import Settings
from tests.benchmarks import kindred
from tests.benchmarks.baselines import baselines
from tests.benchmarks.before import build_before
from tests.benchmarks.end_to_end import end_to_end_times
from tests.benchmarks.measure import limits_table, matrix_products, measure, precisions, ratios, times_table
from tests.benchmarks.samples import sample_photos


def main() -> None:
    """Print the tables, and write the figures to a file if requested."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="runs of each system (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures to this file")
    parser.add_argument(
        "--before", type=Path, metavar="DIR", help="also measure the build of this checkout (needs Flickr8K)"
    )
    args = parser.parse_args()
    if args.rounds < 2:
        parser.error("--rounds must be at least 2, for quartiles")
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as home:
        figures = benchmark(Path(home), args.rounds, args.before)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1) + "\n")


def benchmark(home: Path, rounds: int, before: Path | None) -> dict[str, object]:
    """Measure and print everything, and return the figures."""
    settings = kindred.gallery_settings(Settings.from_environment(), home)
    one_stage, engine = kindred.engines(settings)
    photo_files = sample_photos(settings)
    words = kindred.mean_caption_length(engine, photo_files)
    print(
        f"{engine.gallery.name}, {engine.gallery.size:,} images; {settings.threads} threads; captions of "
        f"{words} words; {rounds} rounds, in turn, milliseconds\n"
    )
    answer, products = kindred.answer(engine, photo_files), matrix_products()
    photos = [answer, *kindred.parts(settings, photo_files)]
    for precision in precisions():
        photos += baselines(photo_files, words, home, precision)
    searches = kindred.searches(one_stage, engine)
    with ExitStack() as running:
        if before:
            (home / "before").mkdir()
            other = build_before(before.resolve(), settings, photo_files, home / "before")
            photos.insert(1, running.enter_context(other))
        systems = [*photos, *searches, *products]
        times = measure(systems, rounds)
    print(times_table("photo", (s.name for s in photos), times, base=answer.name), end="\n\n")
    print(times_table("words", (s.name for s in searches), times), end="\n\n")
    print(limits_table("hardware limit", (s for s in systems if s.flops), times, products), end="\n\n")
    bot = asyncio.run(end_to_end_times(settings, engine, photo_files[0], rounds))
    print(times_table("whole bot", bot, bot))
    return {
        "torch": torch.__version__,
        "threads": settings.threads,
        "words": words,
        "flops": {system.name: system.flops for system in systems},
        "seconds": times | bot,
        "ratios": {s.name: ratios(times, s.name, answer.name)._asdict() for s in photos},
    }


if __name__ == "__main__":
    main()
