"""Stress tests of the whole bot against the playground."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from bot.lifecycle import opened_engine
from bot.settings import Settings
from tests.small_disk import NO_DISK, can_mount
from tests.stress.chaos.plan import STORMS, Plan, table
from tests.stress.chaos.runs import chaos
from tests.stress.flood import flood
from tests.stress.fuzz.run import fuzz
from tests.stress.soak import soak


def main() -> int:
    """Run the stress test that the command line names; return 1 if it fails."""
    options = _parser().parse_args()
    if options.test == "chaos":
        return _chaos(options)
    if options.test == "fronts":
        from tests.stress.fronts import fronts, own_ray  # PostgreSQL and Ray are for those who have them

        with own_ray(options.replicas) if options.replicas else nullcontext() as address:
            plan = Plan(options.kills, seed=options.seed)
            report = asyncio.run(fronts(plan, options.fronts, address))
        print("\n".join(table([report])))
        return 1 if report.failures else 0
    if options.test == "indexing":
        from tests.stress.indexing import flickr8k_folder, indexing

        indexed = indexing(flickr8k_folder(), options.photos, options.kills, options.timed)
        print("\n".join(indexed.lines))
        return 1 if indexed.failures else 0
    if options.test == "scaling":
        from tests.stress.scaling import scaling

        scaled = scaling(options.replicas, options.in_flight)
        print("\n".join(scaled.lines))
        return 1 if scaled.failures else 0
    if options.test == "soak":
        lines, passed = asyncio.run(soak(options.minutes, options.seed))
        print("\n".join(lines))
        return 0 if passed else 1
    if options.test == "flood":
        print("\n".join(asyncio.run(flood(options.photos, options.others, options.rounds))))
        return 0
    engine = opened_engine(Settings.from_environment())
    disk = {"variants": options.exif, "files": options.files}
    report = fuzz(options.seed, options.updates, options.images, engine, **disk)
    print("\n".join(report.lines))
    return 0 if report.passed else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=__doc__)
    tests = parser.add_subparsers(dest="test", required=True)
    fuzzing = tests.add_parser(
        "fuzz", help="mutated updates, malformed images, odd EXIF and damaged galleries"
    )
    _number(fuzzing, "--updates", 10_000, "number of updates")
    _number(fuzzing, "--images", 1_000, "number of images")
    _number(fuzzing, "--exif", 20_000, "number of photos with odd EXIF tags, about")
    _number(fuzzing, "--files", 4_000, "number of damaged files that are indexed as galleries")
    _number(fuzzing, "--seed", 1, "random seed of all")
    flooding = tests.add_parser(
        "flood", help="one chat sends many photos, then people many words: others wait"
    )
    _number(flooding, "--photos", 200, "photos of the flooding chat")
    _number(flooding, "--others", 10, "number of other chats")
    _number(flooding, "--rounds", 3, "photos of each other chat, before and during the flood")
    kills = tests.add_parser("chaos", help="kill the bot again and again while people use it")
    _number(kills, "--rounds", 100, "kills in each of seven runs")
    _number(kills, "--real", 4, "rounds with the real network; the others use a scripted engine")
    _number(kills, "--seed", 1, "random seed of the moments at which the bot is killed")
    sharing = tests.add_parser(
        "fronts", help="kill processes that share a PostgreSQL, replicas, and the server"
    )
    _number(sharing, "--kills", 100, "number of kills")
    _number(sharing, "--fronts", 2, "number of processes")
    _number(sharing, "--replicas", 2, "number of replicas on Ray; 0: without Ray")
    _number(sharing, "--seed", 1, "random seed of the moments")
    encoding = tests.add_parser("indexing", help="index on Ray Data, and kill that on the way")
    _number(encoding, "--photos", 5_000, "photos of Flickr8K")
    _number(encoding, "--kills", 2, "number of kills")
    _number(encoding, "--timed", 1_000, "photos by which the speed is measured")
    growing = tests.add_parser("scaling", help="replicas on Ray that come under load, and go after it")
    _number(growing, "--replicas", 2, "replicas that there may be")
    _number(growing, "--in-flight", 8, "photos under way")
    soaking = tests.add_parser("soak", help="an hour's requests of all kinds, back to back")
    soaking.add_argument("--minutes", type=float, default=10.0, help="duration in minutes (default: 10)")
    _number(soaking, "--seed", 1, "random seed of the requests")
    return parser


def _chaos(options: argparse.Namespace) -> int:
    plans = [
        Plan(options.rounds, options.real, options.seed, webhook=webhook, faulty=faulty)
        for faulty in (False, True)
        for webhook in (False, True)
    ]
    storms = [storm for storm in STORMS if storm != "full disk" or can_mount(Path(tempfile.gettempdir()))]
    plans += [Plan(options.rounds, seed=options.seed, storm=storm) for storm in storms]
    reports = asyncio.run(chaos(plans))
    print("\n".join(table(reports)))
    if len(storms) < len(STORMS):
        print(f"The storm with a full disk was left out: {NO_DISK}.")
    return 1 if any(report.failures for report in reports) else 0


def _number(parser: argparse.ArgumentParser, name: str, default: int, description: str) -> None:
    parser.add_argument(name, type=int, default=default, help=f"{description} (default: {default:,})")


if __name__ == "__main__":
    sys.exit(main())
