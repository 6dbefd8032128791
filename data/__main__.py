"""Command line: `python -m data fetch DIR`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from data.download import DownloadError, fetch
from data.flickr8k import Flickr8kError, open_flickr8k

INTERRUPTED = 130  # what a shell reports for a command ended by Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch Flickr8K into a folder, print what is there, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m data", description="Flickr8K on disk.")
    commands = parser.add_subparsers(dest="verb", required=True)
    command = commands.add_parser("fetch", help="fetch Flickr8K (1.1 GB) or what is missing of it")
    command.add_argument("folder", type=Path, metavar="DIR", help="folder to put it in")
    folder: Path = parser.parse_args(arguments).folder
    try:
        fetch(folder)
        found = open_flickr8k(folder)
    except (DownloadError, Flickr8kError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    print(f"{len(found.images):,} photos in {folder}; set FLICKR8K_DIR={folder.resolve()} to use them.")
    for notice in found.notices:
        print(notice)
    return 0


if __name__ == "__main__":
    sys.exit(main())
