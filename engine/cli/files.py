"""Files that commands name: whether they can be read and written is known before the work."""

from __future__ import annotations

import argparse
import errno
import os
from pathlib import Path
from typing import Final

from engine.errors import BadInputError

# Arguments by what they name.
INPUT_FILES: Final = ("photo", "words", "captions", "everyday_captions", "start")
INPUT_FOLDERS: Final = ("sentences", "wordnet", "word_sets")
OUTPUT_FILES: Final = ("output",)


def check_files(args: argparse.Namespace) -> None:
    """Check the files and folders that the arguments name.

    Raises:
        BadInputError: One cannot be read, or could not be written.
    """
    for names, check in ((INPUT_FILES, _read), (INPUT_FOLDERS, _list), (OUTPUT_FILES, _check_writable)):
        for path in (getattr(args, name, None) for name in names):
            if isinstance(path, Path):
                check(path)


def _read(file: Path) -> None:
    try:
        with file.open("rb") as content:
            content.read(1)
    except OSError as error:
        raise BadInputError(f"{file} cannot be read: {error.strerror}.") from error


def _list(folder: Path) -> None:
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        raise BadInputError(f"{folder} cannot be read: {error.strerror}.") from error


def _check_writable(file: Path) -> None:
    folder = file.parent
    problem = 0
    if file.is_dir():
        problem = errno.EISDIR
    elif not folder.is_dir():
        problem = errno.ENOENT
    elif not os.access(file if file.exists() else folder, os.W_OK):
        problem = errno.EACCES
    if problem:
        raise BadInputError(f"{file} cannot be written: {os.strerror(problem)}.")
