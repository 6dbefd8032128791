"""A folder of images in an object store, by fsspec (filesystem-spec.readthedocs.io).

fsspec and the package of a store are imported when a bucket is read for the first time; the default needs
neither. Credentials and the store's address come from where its own tools have them: of S3, variables such as
AWS_ACCESS_KEY_ID and AWS_ENDPOINT_URL, or ~/.aws.
"""

from __future__ import annotations

import errno
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from data.listing import Listing, images_among

# Kinds of addresses, and how the package that reads them is installed.
PACKAGES: Final = {"s3": "pip install 'kindred[s3]'", "gs": "pip install gcsfs"}
ADDRESS: Final = re.compile(r"(?:s3|gs)://[A-Za-z0-9][\w.-]{1,220}[A-Za-z0-9](?:/.*)?", re.ASCII | re.DOTALL)
READ_TIMEOUT: Final = 15.0  # seconds for a file: people wait for it
LIST_TIMEOUT: Final = 900.0  # seconds for a listing: a store lists a thousand files a request
RETRY_INTERVAL: Final = 5.0  # seconds in which a store that did not answer is not asked again
MISREAD: Final = "?versionId="  # s3fs cuts a name there, and would read another object
# A listing that is kept hides what others write. s3fs repeats requests itself; botocore need not do so, too.
OPTIONS: Final[Mapping[str, dict[str, Any]]] = {
    "s3": {"use_listings_cache": False, "config_kwargs": {"retries": {"total_max_attempts": 1}}},
    "gs": {"use_listings_cache": False},
}


def is_address(text: str) -> bool:
    """Return whether a text is meant as an address, right or wrong, and not as a path."""
    return "://" in text


def is_bucket(text: str) -> bool:
    """Return whether a text is an address that `BucketFolder` reads."""
    return ADDRESS.fullmatch(text) is not None


class BucketFolder:
    """A folder of a bucket, an `ImageFolder`. Thread-safe."""

    def __init__(self, address: str) -> None:
        """Take an address, s3://BUCKET/FOLDER; nothing is asked yet."""
        self.address = address.rstrip("/")
        self._scheme, _, self._root = self.address.partition("://")
        self._states: dict[str, str] = {}  # of all files, as they were listed
        self._retry_at = 0.0  # monotonic time; until then the store is away

    def __str__(self) -> str:
        return self.address

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BucketFolder) and other.address == self.address

    def __hash__(self) -> int:
        return hash(self.address)

    def __reduce__(self) -> tuple[type[BucketFolder], tuple[str]]:
        return BucketFolder, (self.address,)  # other processes need no listing, which may be long

    @property
    def key(self) -> bytes:
        """Its address."""
        return self.address.encode(errors="surrogateescape")

    def listing(self) -> Listing:
        """List its images, and note the states of all files; see `ImageFolder.listing`."""
        prefix = f"{self._root}/"
        with self._asking():
            found = _files(self._scheme).find(prefix, detail=True, timeout=LIST_TIMEOUT)
        self._states = {
            name.removeprefix(prefix): _state(file)
            for name, file in found.items()
            if name.startswith(prefix) and MISREAD not in name
        }
        return images_among(self._states)

    def states(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the size and the store's digest of each file, as listed; see `ImageFolder.states`."""
        return {path: self._states[path] for path in paths if path in self._states}

    def read(self, path: str, most: int) -> bytes:
        """Read a file; see `ImageFolder.read`."""
        if self._states.get(path, "").startswith("0-"):  # it has no first byte to ask for
            return b""
        with self._asking():
            content: bytes = _files(self._scheme).cat_file(
                f"{self._root}/{path}", start=0, end=most, timeout=READ_TIMEOUT
            )
        return content

    def write(self, path: str, content: bytes) -> None:
        """Write a file.

        Raises:
            OSError: the store does not answer, or refuses.
        """
        with self._asking():
            _files(self._scheme).pipe_file(f"{self._root}/{path}", content, timeout=READ_TIMEOUT)

    def exists(self, path: str) -> bool:
        """Return whether the store answers, as far as is known: what can be asked for was listed."""
        return time.monotonic() >= self._retry_at

    def is_gone(self, path: str) -> bool:
        """Return whether the store says that there is no such file."""
        try:
            with self._asking():
                return not _files(self._scheme).exists(f"{self._root}/{path}", timeout=READ_TIMEOUT)
        except OSError:
            return False

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Ask the store in the block, unless it did not answer a moment ago.

        Raises:
            OSError: it does not answer, or refuses.
        """
        if time.monotonic() < self._retry_at:
            raise OSError(errno.EHOSTUNREACH, f"{self.address} does not answer")
        try:
            yield
        except (FileNotFoundError, PermissionError) as error:  # of this file, or of all
            raise type(error)(error.errno or errno.ENOENT, _reason(error)) from error
        except ImportError as error:
            needed = PACKAGES[self._scheme]
            raise OSError(errno.ENOSYS, f"a package is missing. Install it: {needed}") from error
        except Exception as error:  # each package raises errors of its own
            self._retry_at = time.monotonic() + RETRY_INTERVAL
            raise OSError(errno.EHOSTUNREACH, _reason(error)) from error


@cache
def _files(scheme: str) -> Any:  # noqa: ANN401 - fsspec has no types
    """Return the file system of a kind of address; one for all threads, where fsspec would make one each."""
    import fsspec

    return fsspec.filesystem(scheme, skip_instance_cache=True, **OPTIONS[scheme])


def _state(file: Mapping[str, Any]) -> str:
    """Return what changes with the content of a file: its size, and what the store calls its entity tag."""
    tag = file.get("ETag") or file.get("etag") or file.get("mtime") or ""
    return f"{file['size']}-{str(tag).strip(chr(34))}"


def _reason(error: Exception) -> str:
    """Return what went wrong, in one line."""
    if isinstance(error, TimeoutError):
        return "it does not answer in time"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(text.split()).rstrip(".")
