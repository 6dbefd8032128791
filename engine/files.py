"""Files that stand a full disk and a power cut: room for arrays that are mapped, replacement as a whole.

Writing through a map of a sparse file ends the process with SIGBUS once the disk is full. A mapped array gets
its room when it is created, and what grows is written by calls, which fail with an `OSError` instead.
"""

from __future__ import annotations

import errno
import io
import math
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.lib import format as npy
from safetensors import SafetensorError
from safetensors.numpy import save_file

ZEROS: Final = bytes(2**20)
# What a file system or a C library answers that cannot allocate room without writing.
UNSUPPORTED: Final = {errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS}


def create_array(file: Path, shape: tuple[int, ...], dtype: type[np.generic]) -> None:
    """Create a .npy file of zeros, with its room on the disk, for an array that is mapped.

    Raises:
        OSError: the disk is full, or the file cannot be written. Then there is no file.
    """
    header = io.BytesIO()
    descr = npy.dtype_to_descr(np.dtype(dtype))
    npy.write_array_header_1_0(header, {"descr": descr, "fortran_order": False, "shape": shape})
    with removed_on_failure(file), file.open("wb", buffering=0) as new:
        write(new, header.getvalue())
        allocate(new, math.prod(shape) * np.dtype(dtype).itemsize)


def allocate(file: io.FileIO, size: int) -> None:
    """Extend a file by `size` bytes of zeros that take up room on the disk.

    Raises:
        OSError: the disk is full.
    """
    if size and not (hasattr(os, "posix_fallocate") and _is_allocated(file, size)):
        for written in range(0, size, len(ZEROS)):
            write(file, ZEROS[: size - written])


def _is_allocated(file: io.FileIO, size: int) -> bool:
    try:
        os.posix_fallocate(file.fileno(), file.tell(), size)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
        return False
    return True


def write(file: io.FileIO, content: bytes | memoryview) -> None:
    """Write all of some bytes to an unbuffered file, which may take them in parts.

    Raises:
        OSError: the disk is full.
    """
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


def replace(new: Path, file: Path) -> None:
    """Move a new file to another's place. After a power cut, one of the two is there, and whole.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    with new.open("rb+") as content:
        os.fsync(content.fileno())
    new.replace(file)
    if sys.platform != "win32":  # there folders cannot be opened
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def save_arrays(
    arrays: Mapping[str, np.ndarray], file: Path, metadata: Mapping[str, str] | None = None
) -> None:
    """Write arrays to a safetensors file that everybody may read, in a folder that is created if need be.

    Raises:
        OSError: the disk is full, or the file cannot be written. Then the former file stays.
    """
    with replacing(file) as new:
        try:
            save_file(dict(arrays), new, dict(metadata) if metadata else None)
        except SafetensorError as error:  # also raised for a full disk
            raise OSError(str(error)) from error


def mark_used(file: Path) -> None:
    """Set a file's modification time to now, so that it counts as used."""
    with suppress(OSError):  # a cache filled elsewhere may be read-only
        os.utime(file)


def save_bytes(content: bytes, file: Path) -> None:
    """Write a file that everybody may read, in a folder that is created if need be.

    Raises:
        OSError: the disk is full, or the file cannot be written. Then the former file stays.
    """
    with replacing(file) as new, new.open("wb", buffering=0) as output:
        write(output, content)


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """Yield the path of a new file, which takes another's place if the block succeeds.

    Its folder is created if need be. Everybody may read it: safetensors lets only the owner read its files,
    and a bot may run as another user.

    Raises:
        OSError: the disk is full, or the file cannot be written. Then the former file stays.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with removed_on_failure(file.with_suffix(f".{os.getpid()}.new")) as new:
        yield new
        new.chmod(0o644)
        replace(new, file)


@contextmanager
def removed_on_failure(new: Path) -> Iterator[Path]:
    """Remove a new file if the block fails: on a full disk, half a file would take the room of others."""
    with ExitStack() as on_failure:
        on_failure.callback(new.unlink, missing_ok=True)
        yield new
        on_failure.pop_all()
