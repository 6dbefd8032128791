"""Download of Flickr8K from public mirrors: resumable and checked against checksums."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NoReturn

import httpx
from tqdm import tqdm

from data.transfer import ANEW, Report, download, md5_of, size_of

if sys.platform != "win32":
    import fcntl

MIRRORS = (
    "https://github.com/jbrownlee/Datasets/releases/download/Flickr8k",
    "https://nlp.cs.illinois.edu/HockenmaierGroup/Framing_Image_Description",
)
REQUIRED_SPACE = 2_500_000_000  # bytes: the zip of photos (1.1 GB), the photos unpacked, and a margin
# Seconds. A short connect timeout reports at once that the machine is offline; 30 between two chunks.
TIMEOUT = httpx.Timeout(30, connect=5)
UNPACKING = ".unpack-"  # prefix of temporary folders


class DownloadError(Exception):
    """Flickr8K could not be downloaded; the message is one sentence with the reason."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One zip of the data set.

    Attributes:
        name: file name on every mirror.
        md5: hex digest of the whole zip. MD5 is what is published; it detects damage.
        folder: folder of its files under the root, and optionally inside the zip.
        suffix: extension of the files to unpack; others (`__MACOSX`, hidden files) are skipped.
    """

    name: str
    md5: str
    folder: str
    suffix: str


# The small one first: problems show before the gigabyte is downloaded.
ARCHIVES = (
    Archive("Flickr8k_text.zip", "bf6c1abcb8e4a833b7f922104de18627", "Flickr8k_text", ".txt"),
    Archive("Flickr8k_Dataset.zip", "f18a1e2920de5bd84dae7cf08ec78978", "Flicker8k_Dataset", ".jpg"),
)


def fetch(
    folder: Path,
    mirrors: Sequence[str] = MIRRORS,
    archives: Sequence[Archive] = ARCHIVES,
    report: Report | None = None,
) -> None:
    """Download the missing parts of Flickr8K into `folder`; complete parts are left alone.

    When interrupted (Ctrl-C, a lost connection), it leaves a `.part` file that the next call resumes.

    Args:
        folder: where to put it.
        mirrors: URLs of folders that hold the archives, tried in turn.
        archives: what to fetch.
        report: told of the progress; by default a bar is shown if standard error is a terminal.

    Raises:
        DownloadError: no mirror is reachable, all have a damaged file, the disk is full, another process is
            fetching it, or `report` stopped it.
    """
    missing = [archive for archive in archives if not _is_complete(folder / archive.folder)]
    if not missing:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shown = report or _Bar()
        with _locked(folder), httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
            _remove_remains(folder)
            _check_disk_space(folder)
            for archive in missing:
                part = _download_from_mirrors(client, archive, folder, mirrors, shown)
                _unpack(part, archive, folder)
                part.unlink()
    except OSError as error:
        raise DownloadError(
            f"Flickr8K could not be written to {folder}: {error.strerror or error}."
        ) from error


def part_size(folder: Path) -> int:
    """Return how many bytes of a download that is not complete are in a folder."""
    return sum(size_of(part) for part in folder.glob(".*.part"))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other processes from fetching into the same folder: they would write the same files."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise DownloadError("Another process is fetching Flickr8K.") from error
    finally:
        os.close(descriptor)


def _remove_remains(folder: Path) -> None:
    """Remove what a process that was killed had unpacked."""
    for remains in folder.glob(f"{UNPACKING}*"):
        shutil.rmtree(remains)
    for file in folder.glob(f".*{ANEW}"):
        file.unlink()


def _is_complete(folder: Path) -> bool:
    """Return whether a folder is complete: it is moved into place as a whole, so any file means all."""
    return folder.is_dir() and any(folder.iterdir())


def _check_disk_space(folder: Path) -> None:
    """Raise `DownloadError` if the disk is too full; parts already downloaded need no more space."""
    needed = REQUIRED_SPACE - part_size(folder)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DownloadError(f"Flickr8K needs {_size(needed)} of free disk, and {folder} has {_size(free)}.")


def _size(count: int) -> str:
    """Return a number of bytes as people read it: 2.50GB."""
    size: str = tqdm.format_sizeof(count, "B")
    return size


def _download_from_mirrors(
    client: httpx.Client, archive: Archive, folder: Path, mirrors: Sequence[str], report: Report
) -> Path:
    """Return the path of the complete, verified zip, trying the mirrors in turn."""
    part = folder / f".{archive.name}.part"
    if part.exists() and md5_of(part) == archive.md5:
        return part
    reasons = []
    for mirror in mirrors:
        url = f"{mirror}/{archive.name}"
        problem = download(client, url, part, archive.md5, report)
        if problem is None and md5_of(part) == archive.md5:
            return part
        if problem is None:
            problem = "the file is damaged"
            part.unlink()
        reasons.append(f"{httpx.URL(url).host}: {problem}")
    raise DownloadError(
        f"{archive.name} could not be fetched ({'; '.join(reasons)}); run this again when the network is "
        "back, and it goes on where it stopped."
    )


class _Bar:
    """A `Report` that shows a progress bar on standard error, if that is a terminal."""

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None
        self._archive = ""
        self._done: int  # bytes shown, once there is a bar

    def __call__(self, archive: str, done: int, total: int | None) -> None:
        if self._bar is None or archive != self._archive or done < self._done:  # another file, or once more
            if self._bar is not None:
                self._bar.close()
            self._bar = tqdm(
                total=total,
                initial=done,
                desc=archive,
                unit="B",
                unit_scale=True,
                file=sys.stderr,
                disable=None,
            )
        else:
            self._bar.update(done - self._done)
        self._archive, self._done = archive, done


def _unpack(part: Path, archive: Archive, folder: Path) -> None:
    """Unpack into a temporary folder, then move it into place, so that no partial folder is ever visible."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=UNPACKING) as temporary:
        target = Path(temporary, archive.folder)
        target.mkdir()
        try:
            with zipfile.ZipFile(part) as zipped:
                for member in _expected_members(zipped, archive):
                    copy = target / PurePosixPath(member).name
                    with zipped.open(member) as source, copy.open("wb") as file:
                        shutil.copyfileobj(source, file)
        except zipfile.BadZipFile as error:
            raise DownloadError(f"{archive.name} is not a zip that can be unpacked ({error}).") from error
        if not any(target.iterdir()):
            raise DownloadError(f"{archive.name} holds no {archive.suffix} file.")
        target.replace(folder / archive.folder)


def _expected_members(zipped: zipfile.ZipFile, archive: Archive) -> Iterator[str]:
    """Yield the names of the expected files, at the top or in the archive's folder.

    Raises:
        DownloadError: a path leads out of the folder (path traversal).
    """
    for name in zipped.namelist():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise DownloadError(f"{archive.name} holds the unsafe path {name!r} and was not unpacked.")
        ours = str(path.parent) in {".", archive.folder}
        if ours and path.suffix == archive.suffix and not path.name.startswith("."):
            yield name
