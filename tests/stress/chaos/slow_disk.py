"""A slow disk: each write of SQLite in this process takes long, some take very long.

SQLite's file system layer lets a process replace its system calls (https://sqlite.org/c3ref/vfs.html), so the
database writes as always, in the thread that it always writes in, and later. The calls of fsync cannot be
replaced: here, the writes before them take their time.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Any, Final

logger = logging.getLogger(__name__)

WRITE_SECONDS: Final = 0.01  # that a write takes on average, exponentially distributed
STALL_RATE: Final = 0.001  # share of the writes that take `STALL_SECONDS` instead
STALL_SECONDS: Final = 2.0
SLOWED: Final = "The disk is slow from now on"
IN_EVENT_LOOP: Final = "The main thread waits for the disk"
SYSTEM_CALLS: Final = (b"pwrite", b"pwrite64")
METHODS: Final = 13  # pointers in a sqlite3_vfs before xSetSystemCall: xOpen to xCurrentTimeInt64
Write = ctypes.CFUNCTYPE(
    ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64, use_errno=True
)
SetCall = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
GetCall = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)

_in_use: list[Any] = []  # what SQLite calls must not be freed


class Vfs(ctypes.Structure):
    """SQLite's file system layer, as far as its system calls: sqlite3_vfs."""

    _fields_ = [
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("max_pathname", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("app_data", ctypes.c_void_p),
        ("methods", ctypes.c_void_p * METHODS),
        ("set_system_call", SetCall),
        ("get_system_call", GetCall),
    ]


def slow_down() -> None:
    """Slow SQLite's writes down from now on."""
    library = ctypes.CDLL(_sqlite3.__file__)  # finds the SQLite that Python is linked with
    library.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
    pointer = library.sqlite3_vfs_find(None)
    vfs = pointer.contents
    for name in SYSTEM_CALLS:
        if original := vfs.get_system_call(pointer, name):
            replacement = Write(_slowed(Write(original)))
            _in_use.append(replacement)
            if vfs.set_system_call(pointer, name, ctypes.cast(replacement, ctypes.c_void_p)):
                raise OSError(f"SQLite does not let its {name.decode()} be replaced")
    logger.warning(SLOWED)


def _slowed(write: Callable[..., int]) -> Callable[..., int]:
    rng = random.Random()

    def slow_write(file: int, data: int, size: int, offset: int) -> int:
        if threading.current_thread() is threading.main_thread():
            logger.error(IN_EVENT_LOOP)
        time.sleep(STALL_SECONDS if rng.random() < STALL_RATE else rng.expovariate(1 / WRITE_SECONDS))
        return write(file, data, size, offset)

    return slow_write
