"""Fetch Flickr8K from its public zips: resumable, checked, from more than one mirror."""

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
ROOM = 2_500_000_000  # bytes: the zip of photos (1.1 GB), the photos out of it, and some to spare
TRIES = 3  # connections to one mirror; each goes on where the one before was cut
CHUNK = 2**20
# Five seconds to connect: whoever is offline should hear so at once. Thirty between two chunks.
TIMEOUT = httpx.Timeout(30, connect=5)


class DownloadError(Exception):
    """Flickr8K could not be fetched; the message is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One zip of the data set.

    Attributes:
        name: file name on every mirror.
        md5: hex digest of the whole zip. MD5 is what is published; it guards against damage.
        folder: where its files go, under the root; files may lie in a folder of this name in the zip.
        suffix: file names we want end so; the rest (`__MACOSX`, hidden files) is left in the zip.
    """

    name: str
    md5: str
    folder: str
    suffix: str


# The small one first: whatever is wrong shows itself before the gigabyte.
ARCHIVES = (
    Archive("Flickr8k_text.zip", "bf6c1abcb8e4a833b7f922104de18627", "Flickr8k_text", ".txt"),
    Archive("Flickr8k_Dataset.zip", "f18a1e2920de5bd84dae7cf08ec78978", "Flicker8k_Dataset", ".jpg"),
)


def fetch(folder: Path, mirrors: Sequence[str] = MIRRORS, archives: Sequence[Archive] = ARCHIVES) -> None:
    """Fetch what is missing of Flickr8K into `folder`; what is there already is left alone.

    Cut short (Ctrl-C, a lost network), it leaves a `.part` file from which the next call goes on.

    Raises:
        DownloadError: no mirror in reach, damaged on all of them, or no room on the disk.
    """
    missing = [archive for archive in archives if not _is_complete(folder / archive.folder)]
    if not missing:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _check_room(folder)
        with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
            for archive in missing:
                part = _obtain(client, archive, folder, mirrors)
                _unpack(part, archive, folder)
                part.unlink()
    except OSError as error:
        raise DownloadError(
            f"Flickr8K could not be written to {folder}: {error.strerror or error}."
        ) from error


def _is_complete(folder: Path) -> bool:
    """Folders are moved into place whole, so one that holds anything holds everything."""
    return folder.is_dir() and any(folder.iterdir())


def _check_room(folder: Path) -> None:
    """Refuse to begin what cannot end. What an earlier call has fetched needs no more room."""
    needed = ROOM - sum(part.stat().st_size for part in folder.glob(".*.part"))
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DownloadError(
            f"Flickr8K needs {needed / 1e9:.1f} GB of free disk, and {folder} has {free / 1e9:.1f} GB."
        )


def _obtain(client: httpx.Client, archive: Archive, folder: Path, mirrors: Sequence[str]) -> Path:
    """Answer the path of the whole, checked zip, asking the mirrors in turn."""
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
    """Bring `part` to its full length; None when done, else what stands in the way."""
    for _ in range(TRIES):
        before = _size(part)
        try:
            return _continue(client, url, part)
        except httpx.ConnectTimeout:
            return "no answer"
        except httpx.ConnectError:
            return "no connection"
        except httpx.RequestError:
            if _size(part) <= before:  # a mirror that hands out nothing more is not worth another try
                break
    return "the connection was cut"


def _continue(client: httpx.Client, url: str, part: Path) -> str | None:
    """Ask for what is missing of `part` and append it; begin anew where the server ignores Range."""
    have = _size(part)
    # Without `identity` a server may compress on the fly, and ranges would count compressed bytes.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return None  # nothing is missing; the caller's checksum tells whether it is right
        if not response.is_success:
            return f"answer {response.status_code}"
        if response.headers.get("Content-Type", "").startswith("text/"):
            return "a web page in place of the file"  # a hotel's login page must not cost us a gigabyte
        continued = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        with part.open("ab" if continued else "wb") as file:
            for chunk in _with_progress(response, url.rpartition("/")[2], have if continued else 0):
                file.write(chunk)
    return None


def _with_progress(response: httpx.Response, name: str, have: int) -> Iterator[bytes]:
    """Pass the bytes on while a bar on stderr (none where stderr is no terminal) counts them."""
    length = response.headers.get("Content-Length")
    total = have + int(length) if length else None
    bar = tqdm(total=total, initial=have, desc=name, unit="B", unit_scale=True, file=sys.stderr, disable=None)
    with bar:
        for chunk in response.iter_raw():  # as they come: a chunk size would hold bytes back at a cut
            yield chunk
            bar.update(len(chunk))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _unpack(part: Path, archive: Archive, folder: Path) -> None:
    """Unpack beside the target, then move the whole folder into place: there is no half of it."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unpack-") as temporary:
        target = Path(temporary, archive.folder)
        target.mkdir()
        try:
            with zipfile.ZipFile(part) as zipped:
                for member in _wanted(zipped, archive):
                    copy = target / PurePosixPath(member).name
                    with zipped.open(member) as source, copy.open("wb") as file:
                        shutil.copyfileobj(source, file, CHUNK)
        except zipfile.BadZipFile as error:
            raise DownloadError(f"{archive.name} is not a zip that can be unpacked ({error}).") from error
        if not any(target.iterdir()):
            raise DownloadError(f"{archive.name} holds no {archive.suffix} file.")
        target.replace(folder / archive.folder)


def _wanted(zipped: zipfile.ZipFile, archive: Archive) -> Iterator[str]:
    """Names of the files we expect, at the top or in the archive's folder; refuse a path that climbs out."""
    for name in zipped.namelist():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise DownloadError(f"{archive.name} holds the unsafe path {name!r} and was not unpacked.")
        ours = str(path.parent) in {".", archive.folder}
        if ours and path.suffix == archive.suffix and not path.name.startswith("."):
            yield name
