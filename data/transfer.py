"""Transfer of one file over HTTP: resumed where it stopped, and never at the cost of what is here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx

MAX_BYTES = 1_500_000_000  # of an archive; the photos have 1.1 GB. A server must not fill the disk
ANEW = ".anew"  # suffix of a file that is downloaded from its beginning, beside the part that is here

# Takes an archive's name, how many bytes of it are here, and how many it has, if that is known. It may raise
# `DownloadError` to stop.
Report = Callable[[str, int, int | None], None]


def download(client: httpx.Client, url: str, part: Path, md5: str, report: Report) -> str | None:
    """Download the rest of `part`, again as long as each attempt brings more of it.

    Returns:
        None when complete, else the reason why not.
    """
    while True:
        before = size_of(part)
        try:
            return _resume(client, url, part, md5, report)
        except httpx.ConnectTimeout:
            return "no answer"
        except httpx.ConnectError:
            return "no connection"
        except httpx.RequestError:
            if size_of(part) <= before:  # no progress: another attempt would not help
                return "the connection was cut"


def _resume(client: httpx.Client, url: str, part: Path, md5: str, report: Report) -> str | None:
    """Request the missing range of `part` and append it; start again if the server ignores Range."""
    offset = size_of(part)
    # Without `identity` a server may compress on the fly, and ranges would count compressed bytes.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={offset}-"} if offset else {})
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return None  # nothing is missing; the caller verifies the checksum
        if problem := _refusal(response):
            return problem
        if offset and response.status_code != httpx.codes.PARTIAL_CONTENT:
            return _begin_anew(response, part, md5, report)
        if offset and not response.headers.get("Content-Range", "").startswith(f"bytes {offset}-"):
            return "another part of the file than was asked for"
        return _append(response, part, report)


def _refusal(response: httpx.Response) -> str | None:
    if not response.is_success:
        return f"answer {response.status_code}"
    if response.headers.get("Content-Type", "").startswith("text/"):
        return "a web page in place of the file"  # a captive portal's: the bytes so far are kept
    return None


def _begin_anew(response: httpx.Response, part: Path, md5: str, report: Report) -> str | None:
    """Receive the whole file beside `part`, which is given up only for the file, or for more of it.

    What a login page sends with status 200 and a wrong media type is neither.
    """
    anew = part.with_suffix(ANEW)
    with ExitStack() as at_end, ExitStack() as on_cut:
        at_end.callback(anew.unlink, missing_ok=True)
        on_cut.callback(_take_longer, anew, part)
        problem = _append(response, anew, report)
        on_cut.pop_all()
        if problem is None and md5_of(anew) != md5:
            problem = "the file is damaged"
        if problem is None:
            anew.replace(part)
    return problem


def _take_longer(anew: Path, part: Path) -> None:
    """Put what was received anew in the place of a shorter part."""
    if size_of(anew) > size_of(part):
        anew.replace(part)


def _append(response: httpx.Response, file: Path, report: Report) -> str | None:
    """Append a response's body to a file; return None, or the reason why it was not taken."""
    name, length = response.url.path.rpartition("/")[2], response.headers.get("Content-Length", "")
    before = done = size_of(file)
    total = done + int(length) if length.isdecimal() else None
    # Unbuffered: what a process that is killed has received need not be fetched again.
    with file.open("ab", buffering=0) as output:
        # As received: with a chunk size, buffered bytes would be lost when the connection breaks.
        for chunk in response.iter_raw():
            done += len(chunk)
            if max(done, total or done) > MAX_BYTES:
                output.truncate(before)
                return "more bytes than the file has"
            output.write(chunk)
            report(name, done, total)
    return None


def size_of(path: Path) -> int:
    """Return the size of a file in bytes; 0 if there is none."""
    return path.stat().st_size if path.exists() else 0


def md5_of(path: Path) -> str:
    """Return the hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
