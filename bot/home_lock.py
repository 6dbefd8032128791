"""The lock on KINDRED_HOME: two bots there would answer each other's updates and share a heartbeat."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bot.storage.database import StoreError
from engine.gallery import cache_dir

if sys.platform != "win32":
    import fcntl

logger = logging.getLogger(__name__)

LOCK_FILE: Final = "kindred.lock"
LOCK_TIMEOUT = 30.0  # seconds: in a rolling restart, the former process may take so long to stop
LOCK_INTERVAL: Final = 0.2  # seconds between two attempts
IN_USE: Final = "{home} is used by another bot process. Stop that one, or give each bot a folder of its own."
TAKEN: Final = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}


@asynccontextmanager
async def locked_home(home: Path) -> AsyncIterator[None]:
    """Hold the lock while the block runs; the system frees it however the process ends.

    Args:
        home: KINDRED_HOME, created if it does not exist.

    Raises:
        StoreError: Another process holds it for `LOCK_TIMEOUT`.
        CacheDirError: The folder cannot be written.
    """
    with cache_dir.reporting_write_errors(home):
        descriptor = await asyncio.to_thread(_open, home)
    try:
        deadline = time.monotonic() + LOCK_TIMEOUT
        is_locked = _lock(descriptor)
        if not is_locked:
            logger.warning("%s is used by another bot process, which is waited for", home)
        while not is_locked:
            if time.monotonic() >= deadline:
                raise StoreError(f"KINDRED_HOME: {IN_USE.format(home=home)}")
            await asyncio.sleep(LOCK_INTERVAL)
            is_locked = _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def is_in_use(home: Path) -> bool:
    """Return whether a bot process holds the lock.

    Raises:
        OSError: The lock cannot be opened.
    """
    if not (home / LOCK_FILE).exists():
        return False
    descriptor = _open(home)
    try:
        return not _lock(descriptor)
    finally:
        os.close(descriptor)


def _open(home: Path) -> int:
    home.mkdir(parents=True, exist_ok=True)
    return os.open(home / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)


def _lock(descriptor: int) -> bool:
    """Try to lock an open file; return False if another process holds it."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in TAKEN:
            return False
        logger.warning("KINDRED_HOME cannot be locked (%s): let one bot use it", error.strerror)
    return True
