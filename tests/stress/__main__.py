"""Storms over the real bot, against the playground."""

from __future__ import annotations

import argparse
import asyncio
import sys

from bot.lifecycle import opened_engine
from bot.settings import Settings
from tests.stress.chaos import Plan, chaos, table
from tests.stress.flood import flood
from tests.stress.fuzz import fuzz
from tests.stress.soak import soak


def main() -> int:
    """Run the storm that is asked for; 1 if anything is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=__doc__)
    storms = parser.add_subparsers(dest="storm", required=True)
    rubbish = storms.add_parser("fuzz", help="updates that are not quite right, and hostile images")
    _number(rubbish, "--updates", 10_000, "how many")
    _number(rubbish, "--images", 1_000, "how many")
    _number(rubbish, "--seed", 1, "another one makes others of both")
    crowd = storms.add_parser("flood", help="one chat sends many photos, others one each")
    _number(crowd, "--photos", 200, "of the one chat")
    _number(crowd, "--others", 10, "how many")
    _number(crowd, "--rounds", 3, "photos of each of the others, alone and during the flood")
    kills = storms.add_parser("chaos", help="a bot that is killed again and again while people ask")
    _number(kills, "--rounds", 100, "kills by each way of taking updates, in calm and with faults")
    _number(
        kills, "--real", 4, "of these, of the real bot with the real network; others have a scripted engine"
    )
    _number(kills, "--seed", 1, "another one kills at other moments")
    hour = storms.add_parser("soak", help="an hour's requests of all kinds, back to back")
    hour.add_argument("--minutes", type=float, default=10.0, help="that it takes (default: 10)")
    _number(hour, "--seed", 1, "another one makes people do other things")
    asked = parser.parse_args()
    if asked.storm == "chaos":
        return _chaos(asked)
    if asked.storm == "soak":
        lines, good = asyncio.run(soak(asked.minutes, asked.seed))
        print("\n".join(lines))
        return 0 if good else 1
    if asked.storm == "flood":
        print("\n".join(asyncio.run(flood(asked.photos, asked.others, asked.rounds))))
        return 0
    report = fuzz(asked.seed, asked.updates, asked.images, opened_engine(Settings.from_environment()))
    print("\n".join(report.lines))
    return 0 if report.good else 1


def _chaos(asked: argparse.Namespace) -> int:
    plans = [
        Plan(asked.rounds, asked.real, asked.seed, webhook=webhook, faulty=faulty)
        for faulty in (False, True)
        for webhook in (False, True)
    ]
    reports = asyncio.run(chaos(plans))
    print("\n".join(table(reports)))
    return 1 if any(report.wrong for report in reports) else 0


def _number(parser: argparse.ArgumentParser, name: str, usual: int, told: str) -> None:
    parser.add_argument(name, type=int, default=usual, help=f"{told} (default: {usual:,})")


if __name__ == "__main__":
    sys.exit(main())
