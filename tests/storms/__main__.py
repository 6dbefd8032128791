"""Storms over the real bot, against the playground: `python -m tests.storms fuzz`, `... flood`."""

from __future__ import annotations

import argparse
import sys

from tests.storms.fuzz import MEMORY, Report, SeeingEngine, fuzz


def main() -> int:
    """Run what is asked for; 1 if anything is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.storms", description=__doc__)
    storms = parser.add_subparsers(dest="storm", required=True)
    rubbish = storms.add_parser("fuzz", help="mutated updates and hostile images")
    rubbish.add_argument("--updates", type=int, default=10_000)
    rubbish.add_argument("--images", type=int, default=1_000)
    rubbish.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    return show(fuzz(asked.seed, asked.updates, asked.images, SeeingEngine()))


def show(report: Report) -> int:
    o = report.outcome
    print(o, report.pictures, report.opened, report.megabytes, report.seconds, sep="\n")
    for failure in report.failures:
        print(failure[:3000])
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
