"""How long answers take, beside others and beside what the machine can do: `make benchmark`.

Seconds depend on the machine; each figure stands beside others of the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
from pathlib import Path

import torch

from bot.settings import Settings
from tests.benchmarks import kindred
from tests.benchmarks.answers import through_the_bot
from tests.benchmarks.measure import limits_table, machine, measure, precisions, ratios, times_table
from tests.benchmarks.peers import peers


def main() -> None:
    """Print the tables, and write the figures where asked to."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=30, help="answers of each system (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to this file, too")
    asked = parser.parse_args()
    if asked.rounds < 2:
        parser.error("--rounds needs two or more: a spread of one figure is none")
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as home:
        figures = benchmark(Path(home), asked.rounds)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")


def benchmark(home: Path, rounds: int) -> dict[str, object]:
    """Measure everything; prints as it goes and returns the figures."""
    settings = kindred.full_gallery(Settings.from_environment(), home)
    one_stage, engine = kindred.engines(settings)
    sent = kindred.some_photos(settings)
    words = kindred.words_of(engine, sent)
    print(
        f"{engine.gallery.name}, {engine.gallery.size:,} images; {settings.threads} threads; captions of "
        f"{words} words; {rounds} rounds, taken in turn, milliseconds\n"
    )
    answer, products = kindred.answer(engine, sent), machine()
    photos = [answer, *kindred.parts(settings, sent)]
    for precision in precisions():
        photos += peers(sent, words, home, precision)
    searches = kindred.searches(one_stage, engine)
    systems = [*photos, *searches, *products]
    times = measure(systems, rounds)
    print(times_table("from a photo", (s.name for s in photos), times, base=answer.name), end="\n\n")
    print(times_table("from words", (s.name for s in searches), times), end="\n\n")
    print(limits_table("distance to the limit", (s for s in systems if s.flops), times, products), end="\n\n")
    bot = asyncio.run(through_the_bot(settings, engine, sent[0], rounds))
    print(times_table("through the whole bot", bot, bot))
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
