"""A local HTTP server of downloads that drops connections, damages files and refuses."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from data.download import ARCHIVES, Archive

LARGE = 10_000  # bytes


@dataclass
class Mirror:
    """The files of a local HTTP server and its faults."""

    files: dict[str, bytes]
    ranges: bool = True
    cut_after: list[int] = field(default_factory=list)  # bytes; one response is cut for each entry
    content_type: str = "application/zip"
    shift: int = 0  # bytes; a range begins so much later than what was asked for
    announced: bool = True  # whether the length of a body is told before
    moved_to: str = ""  # the URL of the folder where the files are now
    held: threading.Event | None = None  # the second half of a large file waits for it
    ranges_requested: list[str | None] = field(default_factory=list)  # the Range header of every request
    url: str = ""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.answer(self)

            def log_message(self, *_: object) -> None:
                """Keep the test output quiet."""

        return Handler

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        wanted = request.headers["Range"]
        self.ranges_requested.append(wanted)
        if self.moved_to:
            request.send_response(302)
            request.send_header("Location", self.moved_to + request.path)
            request.end_headers()
            return
        body = self.files.get(request.path.strip("/"))
        if body is None:
            request.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.ranges else 0
        start += self.shift if start else 0
        if start >= len(body):
            request.send_error(416)
            return
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        request.send_header("Content-Type", self.content_type)
        if self.announced:
            request.send_header("Content-Length", str(len(body) - start))
        request.end_headers()
        end = start + self.cut_after.pop(0) if self.cut_after else len(body)
        if self.held and len(body) > LARGE:
            middle = max(start, end // 2)
            request.wfile.write(body[start:middle])
            self.held.wait(60)
            start = middle
        with suppress(ConnectionError):  # the client may have heard enough
            request.wfile.write(body[start:end])


Serve = Callable[..., Mirror]


def small_flickr8k(photos: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[Archive]]:
    """Return the zips of a Flickr8K of some photos, and what `fetch` is to know of them."""
    captions = "".join(f"{name}#0\tA dog runs .\n" for name in photos)
    contents = {
        "Flickr8k_Dataset.zip": {f"Flicker8k_Dataset/{name}": content for name, content in photos.items()},
        "Flickr8k_text.zip": {"Flickr8k.token.txt": captions.encode()},
    }
    files = {name: _zipped(content) for name, content in contents.items()}
    archives = [Archive(a.name, hashlib.md5(files[a.name]).hexdigest(), a.folder, a.suffix) for a in ARCHIVES]
    return files, archives


def _zipped(contents: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[ThreadingHTTPServer] = []

    def start(files: dict[str, bytes], **behaviour: Any) -> Mirror:
        mirror = Mirror(files, **behaviour)
        server = ThreadingHTTPServer(("127.0.0.1", 0), mirror.handler())
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        mirror.url = f"http://127.0.0.1:{server.server_port}"
        return mirror

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
