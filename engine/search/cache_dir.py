"""KINDRED_HOME: what can be made again, and when it is thrown away.

    vectors/NAME-PLACE-NETWORK.safetensors   small, and made by a command: kept
    index/PLACE-NETWORK-CONTENT.annoy        made when a gallery is opened; .sum beside it
    grids/PLACE-NETWORK-CONTENT.npy          made meanwhile, by far the largest; .rows and .done beside it
    maps/CONTENT.safetensors                 made when somebody looks at a map; small: kept

PLACE stands for a gallery's folder. No file is ever written anew under the name it had: who has one
mapped goes on with it, even when it has been thrown away.
"""

from __future__ import annotations

import os
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.errors import CacheDirError

UNUSED = 30 * 24 * 3600.0  # seconds; a gallery that was not opened for so long is hardly served any more
INDEX, GRIDS, VECTORS = "index", "grids", "vectors"
# Ours, and nobody else's: a host may have named a folder that holds other things.
OURS = re.compile(r"((?:[0-9a-f]{8}-[0-9a-f]{16}-)?[0-9a-f]{16})(?:\.\d+)?\.(?:annoy|sum|npy|rows|done|new)")


@contextmanager
def writing_to(folder: Path, name: str = "KINDRED_HOME") -> Iterator[None]:
    """Say in one line what keeps us from writing to a folder that the host has named so.

    Raises:
        HomeError: it is no folder, or we may not write there, or it is full.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise CacheDirError(
            f"{name}: {folder} cannot be written ({reason}). Name a folder that can be."
        ) from error


def mark_used(file: Path) -> None:
    """Note that a file is in use today."""
    with suppress(OSError):  # a home that was filled elsewhere may be read-only
        os.utime(file)


def clean(folder: Path, gallery: str = "", unused_since: float | None = None) -> None:
    """Throw away indexes and grids that nobody has opened for long; vectors stay.

    Args:
        folder: KINDRED_HOME.
        gallery: only those whose names begin so.
        unused_since: the time since when they have not been opened; `UNUSED` ago if nothing is said.
    """
    limit = time.time() - UNUSED if unused_since is None else unused_since
    for file in _unused(folder / INDEX, gallery, limit) + _unused(folder / GRIDS, gallery, limit):
        with suppress(OSError):  # another process was quicker, or has it open on Windows
            file.unlink()


def _unused(folder: Path, gallery: str, limit: float) -> list[Path]:
    """Files that belong to something of which no part was used since."""
    parts: dict[str, list[Path]] = defaultdict(list)
    for file in folder.glob(f"{gallery}*"):
        if ours := OURS.fullmatch(file.name):
            parts[ours[1]].append(file)
    return [file for files in parts.values() if max(map(_last_used, files)) < limit for file in files]


def _last_used(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:  # gone meanwhile
        return 0.0
