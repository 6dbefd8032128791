"""The images among the files of a folder and the folders below it, as people's disks and buckets have them.

Other programs' files are left out; links to folders are followed, once each; a folder that may not be entered
costs only itself. What is left out for a reason that its owner can change is named.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

# What the engine decodes, by the end of the name.
SUFFIXES: Final = frozenset(
    (
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp"),
        *(".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff"),
    )
)
# Photos that cameras write and the engine does not decode: named, so that nobody searches for them in vain.
UNREAD: Final = frozenset(
    (".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".jxl", ".jp2", ".psd", ".svg")
)
# Folders in which other programs keep thumbnails and what was deleted, in lower case. Hidden folders
# (.thumbnails, .Trash-1000) and hidden files (AppleDouble's ._photo.jpg) are left out as well.
LITTER: Final = frozenset(
    (
        *("@eadir", "#recycle", "#snapshot", "$recycle.bin", "recycler"),
        *("system volume information", "lost+found", "__macosx"),
    )
)
NAMED: Final = 3  # examples in a notice
# What cannot be printed, sent or stored: bytes that are no UTF-8, as Python holds them; control characters
# and line ends; marks that reverse the direction of the text around a name.
_UNPRINTABLE = re.compile(
    "[\udc80-\udcff\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder holds.

    Attributes:
        files: each image's name, in order, and its path below the folder. A name is the path with forward
            slashes, as `printable` writes it, so that it can be printed, sent and stored.
        notices: what was left out, a sentence each.
    """

    files: MappingProxyType[str, str]
    notices: tuple[str, ...] = field(default=())


def list_images(folder: Path) -> Listing:
    """List the images in a folder and the folders below it."""
    barred: list[str] = []
    images, notices = _images_among(_walk(folder, barred))
    if barred:
        notices.insert(0, f"{_count(barred, 'folder')} may not be entered: {_examples(barred)}.")
    return Listing(images, tuple(notices))


def images_among(paths: Iterable[str]) -> Listing:
    """List the images among all files below a folder.

    Args:
        paths: of the files, below the folder, with forward slashes.
    """
    images, notices = _images_among(path for path in paths if not any(map(_is_litter, path.split("/"))))
    return Listing(images, tuple(notices))


def printable(path: str) -> str:
    """Return a path with the bytes of what cannot be printed as %XX, as in URLs."""
    return _UNPRINTABLE.sub(lambda found: "".join(f"%{byte:02X}" for byte in os.fsencode(found[0])), path)


def _images_among(paths: Iterable[str]) -> tuple[MappingProxyType[str, str], list[str]]:
    """Return the paths of images by their names, and notices of files that are not read."""
    unread: list[str] = []
    images: list[str] = []
    for path in paths:
        suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122 - of thousands of strings
        if suffix in SUFFIXES:
            images.append(path)
        elif suffix in UNREAD:
            unread.append(printable(path))
    notices = []
    if unread:
        notices.append(f"{_count(unread, 'file')} of formats that are not read: {_examples(unread)}.")
    return MappingProxyType(dict(sorted(_named(images).items()))), notices


def _named(paths: list[str]) -> dict[str, str]:
    """Return paths by their names; "a%0A.jpg" may be the name of a file as well as that of another one."""
    files = {path: path for path in paths if printable(path) == path}
    for path in paths:
        if path not in files:
            name = printable(path)
            while name in files:
                name = name.replace("%", "%25")
            files[name] = path
    return files


def _walk(folder: Path, barred: list[str]) -> Iterator[str]:
    """Yield the relative paths of all files below a folder; note in `barred` what may not be entered."""
    entered = {_identity(folder)}

    def note(error: OSError) -> None:
        barred.append(printable(os.path.relpath(error.filename, folder)))

    for here, folders, names in os.walk(folder, onerror=note, followlinks=True):
        below = os.path.relpath(here, folder)
        prefix = "" if below == "." else f"{Path(below).as_posix()}/"
        kept = (name for name in sorted(folders) if not _is_litter(name))
        folders[:] = [name for name in kept if _enters(Path(here, name), entered)]
        for name in names:
            if not name.startswith(".") and os.path.isfile(f"{here}/{name}"):  # noqa: PTH113 - Path raises
                yield f"{prefix}{name}"


def _is_litter(name: str) -> bool:
    return name.startswith(".") or name.lower() in LITTER


def _enters(folder: Path, entered: set[tuple[int, int]]) -> bool:
    """Return whether a folder is met for the first time, and note it: links may lead in circles."""
    try:
        identity = _identity(folder)
    except OSError:
        return False
    if identity in entered:
        return False
    entered.add(identity)
    return True


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def _count(names: list[str], what: str) -> str:
    return f"{len(names):,} {what}{'s' * (len(names) > 1)}"


def _examples(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(sorted(names)[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
