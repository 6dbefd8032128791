"""Checks of a gallery's index, and of its grids, by which search re-ranks: their room, and their bucket."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bot.check.database import check_shared_index
from bot.finding import Finding, Mark
from bot.settings import Settings
from data.bucket_folder import BucketFolder
from engine.errors import DatabaseError
from engine.gallery import cache_dir

if TYPE_CHECKING:
    from data.gallery import Gallery
    from engine.model.checkpoint import Checkpoint
    from engine.search.indexing import IndexStatus

# The object that is written to see whether a bucket can be used; no grid has such a name.
WRITTEN, CONTENT = "check", b"written by python -m bot check"


def check_vectors(gallery: Gallery, loaded: Checkpoint, settings: Settings) -> Iterator[Finding]:
    """Check the gallery's vectors, their index, and the room for the feature cache."""
    from engine.search import indexing

    try:
        status = indexing.index_status(gallery, loaded, settings)
        yield check_index(status)
        if settings.index == "postgresql":
            yield check_shared_index(gallery, loaded, settings, len(status.embeddings.images))
    except DatabaseError as error:
        yield Finding(Mark.WRONG, "index", str(error))
    else:
        if settings.two_stages:
            yield check_free_space(settings.home, status, loaded)
            if settings.features:
                yield check_shared_grids(BucketFolder(settings.features))


def check_index(status: IndexStatus) -> Finding:
    """Report how many photos are indexed, and how many are not."""
    indexed, missing = len(status.embeddings.images), len(status.missing)
    message = f"{indexed:,} photos can be found"
    if missing:
        message += f", and {missing:,} are new or have changed: they are indexed while the bot runs"
    if unreadable := status.embeddings.unreadable:
        message += f". {unreadable:,} of the files cannot be read: python -m engine index names them"
    return Finding(Mark.ADVICE if unreadable else Mark.RIGHT, "index", f"{message}.")


def check_free_space(home: Path, status: IndexStatus, loaded: Checkpoint) -> Finding:
    """Check that the feature cache, which re-ranking needs, fits on the disk."""
    from engine.search.grids.feature_cache import size_on_disk

    needed = size_on_disk(len(status.embeddings.images) + len(status.missing), loaded.network.config)
    try:
        files = [file.stat() for file in (home / cache_dir.GRIDS).glob(f"{status.key}*.npy")]
        free = shutil.disk_usage(home).free
    except OSError as error:
        return Finding(Mark.WRONG, "room", f"{home} cannot be looked at: {error.strerror}.")
    used = sum(512 * getattr(file, "st_blocks", 0) for file in files)  # an older version's files are sparse
    if needed - used > max(free - cache_dir.MIN_FREE_BYTES, 0):
        message = f"search needs {megabytes(needed)}, and {home} has {megabytes(free)}. Make room, or set "
        return Finding(Mark.WRONG, "room", f"{message}KINDRED_TWO_STAGES=false.")
    return Finding(Mark.RIGHT, "room", f"there is enough for search: it needs {megabytes(needed)} in all.")


def check_shared_grids(bucket: BucketFolder) -> Finding:
    """Check that the bucket by which processes share grids can be written and read."""
    try:
        bucket.write(WRITTEN, CONTENT)
        is_whole = bucket.read(WRITTEN, len(CONTENT) + 1) == CONTENT
    except OSError as error:
        reason = error.strerror or str(error)
    else:
        if is_whole:
            return Finding(Mark.RIGHT, "shared grids", f"{bucket} can be written and read.")
        reason = "what is written there comes back changed"
    message = f"{bucket} cannot be used: {reason}. Without it, each process computes all grids itself."
    return Finding(Mark.WRONG, "shared grids", message)


def megabytes(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size / 2**20:,.0f} MB"
