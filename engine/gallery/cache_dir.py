"""The cache directory, KINDRED_HOME: file names, and removal of files that are no longer used.

    vectors/NAME-FOLDER-NETWORK.safetensors   image embeddings; small, made by a command: never removed
    index/FOLDER-NETWORK-CONTENT.annoy        made when a gallery is opened; .sum beside it
    index/FOLDER-NETWORK-CONTENT.safetensors  near-duplicates, found in idle moments
    grids/FOLDER-NETWORK-CONTENT.npy          patch features, by far the largest; .rows and .done beside it
    graphs/CONTENT.graph                      compiled for this processor, made at the first start
    words/NETWORK.safetensors                 joint vectors of words, made at the first start; small
    maps/CONTENT.safetensors                  made when a map is first shown; small: never removed

FOLDER is a digest of a gallery's path. No file is ever rewritten under its old name: a process that has
mapped a file can go on using it, even after its removal.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.errors import CacheDirError

MAX_UNUSED_AGE = 30 * 24 * 3600.0  # seconds; a gallery not opened for this long is probably no longer served
MIN_FREE_BYTES = 100 * 2**20  # with less free, the next log, download or update in hand fills the disk
INDEX, GRIDS, VECTORS, GRAPHS, WORDS = "index", "grids", "vectors", "graphs", "words"
# Matches our files only: the host may have named a folder that holds other files, too.
CACHE_FILE_NAME = re.compile(
    r"((?:[0-9a-f]{8}-[0-9a-f]{16}-)?[0-9a-f]{16})(?:\.\d+)?\.(?:annoy|sum|npy|rows|done|graph|safetensors|new)"
)


@contextmanager
def reporting_write_errors(folder: Path, name: str = "KINDRED_HOME") -> Iterator[None]:
    """Turn an `OSError` of the block into one line about a folder.

    Args:
        folder: where the block writes.
        name: the setting or option that names the folder.

    Raises:
        CacheDirError: the folder is not a folder, is read-only, or is full.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise CacheDirError(
            f"{name}: {folder} cannot be written ({reason}). Name a folder that can be."
        ) from error


def remove_unused(folder: Path, gallery: str = "", unused_since: float | None = None) -> None:
    """Remove what can be made again and was not used for long; embeddings and maps stay.

    Args:
        folder: KINDRED_HOME.
        gallery: prefix of the file names to remove; all if empty.
        unused_since: Unix time; files used since then stay. By default `MAX_UNUSED_AGE` ago.
    """
    limit = time.time() - MAX_UNUSED_AGE if unused_since is None else unused_since
    unused = [file for kind in (INDEX, GRIDS) for file in _unused(folder / kind, gallery, limit)]
    if not gallery:
        unused += [file for kind in (GRAPHS, WORDS) for file in _unused(folder / kind, "", limit)]
    for file in unused:
        with suppress(OSError):  # another process removed it first, or has it open on Windows
            file.unlink()


def _unused(folder: Path, gallery: str, limit: float) -> list[Path]:
    """Return files of which neither they nor any file with the same stem was used since `limit`."""
    parts: dict[str, list[Path]] = defaultdict(list)
    for file in folder.glob(f"{gallery}*"):
        if match := CACHE_FILE_NAME.fullmatch(file.name):
            parts[match[1]].append(file)
    return [file for files in parts.values() if max(map(_last_used, files)) < limit for file in files]


def _last_used(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:  # removed meanwhile
        return 0.0
