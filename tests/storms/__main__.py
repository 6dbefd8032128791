"""Storms over the real bot, against the playground."""

from __future__ import annotations

import argparse
import sys

from bot.lifetime import opened_engine
from bot.settings import Settings
from tests.storms.fuzz import fuzz


def main() -> int:
    """Run the storm that is asked for; 1 if anything is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.storms", description=__doc__)
    storms = parser.add_subparsers(dest="storm", required=True)
    rubbish = storms.add_parser("fuzz", help="updates that are not quite right, and hostile images")
    rubbish.add_argument("--updates", type=int, default=10_000, help="default: %(default)s")
    rubbish.add_argument("--images", type=int, default=1_000, help="default: %(default)s")
    rubbish.add_argument(
        "--seed", type=int, default=1, help="another one: others of both (default: %(default)s)"
    )
    asked = parser.parse_args()
    report = fuzz(asked.seed, asked.updates, asked.images, opened_engine(Settings.from_environment()))
    print("\n".join(report.lines))
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main())
