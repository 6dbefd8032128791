"""Download of Flickr8K from public mirrors: resumable and checked against checksums."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import httpx
from tqdm import tqdm

MIRRORS = (
    "https://github.com/jbrownlee/Datasets/releases/download/Flickr8k",
    "https://nlp.cs.illinois.edu/HockenmaierGroup/Framing_Image_Description",
)
REQUIRED_SPACE = 2_500_000_000  # bytes: the zip of photos (1.1 GB), the photos unpacked, and a margin
MAX_ATTEMPTS = 3  # connections to one mirror; each resumes where the one before broke
CHUNK = 2**20
# Seconds. A short connect timeout reports at once that the machine is offline; 30 between two chunks.
TIMEOUT = httpx.Timeout(30, connect=5)


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


def fetch(folder: Path, mirrors: Sequence[str] = MIRRORS, archives: Sequence[Archive] = ARCHIVES) -> None:
    """Download the missing parts of Flickr8K into `folder`; complete parts are left alone.

    When interrupted (Ctrl-C, a lost connection), it leaves a `.part` file that the next call resumes.

    Raises:
        DownloadError: no mirror is reachable, all have a damaged file, or the disk is full.
    """
    missing = [archive for archive in archives if not _is_complete(folder / archive.folder)]
    if not missing:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _check_disk_space(folder)
        with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
            for archive in missing:
                part = _download_from_mirrors(client, archive, folder, mirrors)
                _unpack(part, archive, folder)
                part.unlink()
    except OSError as error:
        raise DownloadError(
            f"Flickr8K could not be written to {folder}: {error.strerror or error}."
        ) from error


def _is_complete(folder: Path) -> bool:
    """Return whether a folder is complete: it is moved into place as a whole, so any file means all."""
    return folder.is_dir() and any(folder.iterdir())


def _check_disk_space(folder: Path) -> None:
    """Raise `DownloadError` if the disk is too full; parts already downloaded need no more space."""
    needed = REQUIRED_SPACE - sum(part.stat().st_size for part in folder.glob(".*.part"))
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DownloadError(
            f"Flickr8K needs {needed / 1e9:.1f} GB of free disk, and {folder} has {free / 1e9:.1f} GB."
        )


def _download_from_mirrors(
    client: httpx.Client, archive: Archive, folder: Path, mirrors: Sequence[str]
) -> Path:
    """Return the path of the complete, verified zip, trying the mirrors in turn."""
    part = folder / f".{archive.name}.part"
    if part.exists() and _md5(part) == archive.md5:
        return part
    reasons = []
    for mirror in mirrors:
        url = f"{mirror}/{archive.name}"
        problem = _download(client, url, part)
        if problem is None and _md5(part) == archive.md5:
            return part
        if problem is None:
            problem = "the file is damaged"
            part.unlink()
        reasons.append(f"{httpx.URL(url).host}: {problem}")
    raise DownloadError(
        f"{archive.name} could not be fetched ({'; '.join(reasons)}); run this again when the network is "
        "back, and it goes on where it stopped."
    )


def _download(client: httpx.Client, url: str, part: Path) -> str | None:
    """Download the rest of `part`, with retries; return None when complete, else the reason why not."""
    for _ in range(MAX_ATTEMPTS):
        before = _size(part)
        try:
            return _resume(client, url, part)
        except httpx.ConnectTimeout:
            return "no answer"
        except httpx.ConnectError:
            return "no connection"
        except httpx.RequestError:
            if _size(part) <= before:  # no progress: another attempt would not help
                break
    return "the connection was cut"


def _resume(client: httpx.Client, url: str, part: Path) -> str | None:
    """Request the missing range of `part` and append it; start again if the server ignores Range."""
    offset = _size(part)
    # Without `identity` a server may compress on the fly, and ranges would count compressed bytes.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={offset}-"} if offset else {})
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return None  # nothing is missing; the caller verifies the checksum
        if not response.is_success:
            return f"answer {response.status_code}"
        if response.headers.get("Content-Type", "").startswith("text/"):
            return "a web page in place of the file"  # a captive portal's: the bytes so far are kept
        is_partial = response.headers.get("Content-Range", "").startswith(f"bytes {offset}-")
        with part.open("ab" if is_partial else "wb") as file:
            for chunk in _chunks_with_progress(response, url.rpartition("/")[2], offset if is_partial else 0):
                file.write(chunk)
    return None


def _chunks_with_progress(response: httpx.Response, name: str, offset: int) -> Iterator[bytes]:
    """Yield the response in chunks, with a progress bar on stderr if that is a terminal."""
    length = response.headers.get("Content-Length")
    total = offset + int(length) if length else None
    bar = tqdm(
        total=total, initial=offset, desc=name, unit="B", unit_scale=True, file=sys.stderr, disable=None
    )
    with bar:
        # As received: with a chunk size, buffered bytes would be lost when the connection breaks.
        for chunk in response.iter_raw():
            yield chunk
            bar.update(len(chunk))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _unpack(part: Path, archive: Archive, folder: Path) -> None:
    """Unpack into a temporary folder, then move it into place, so that no partial folder is ever visible."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unpack-") as temporary:
        target = Path(temporary, archive.folder)
        target.mkdir()
        try:
            with zipfile.ZipFile(part) as zipped:
                for member in _expected_members(zipped, archive):
                    copy = target / PurePosixPath(member).name
                    with zipped.open(member) as source, copy.open("wb") as file:
                        shutil.copyfileobj(source, file, CHUNK)
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
