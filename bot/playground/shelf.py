"""The files of all chats, in memory: what people sent never touches the disk."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from bot.playground.pictures import Copy
from bot.playground.wire import Json

Kind = Literal["photo", "document"]
PREFIXES: dict[Kind, str] = {"photo": "AgACAgIAAxk", "document": "BQACAgIAAxk"}  # as real ids begin
PLAIN = "application/octet-stream"


@dataclass(frozen=True)
class StoredFile:
    """One file: how it is named to bots, where it is fetched, what it holds."""

    file_id: str
    unique_id: str
    path: str
    kind: Kind
    mime_type: str
    content: bytes
    wire: Json  # as it stands in messages: a PhotoSize or a Document
    sizes: tuple[str, ...] = ()  # the file_ids of all sizes of the same photo


class Shelf:
    """Files by `file_id` and by path."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def find(self, file_id: str) -> StoredFile | None:
        """Look a file up by its id."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """Look a file up by the path getFile gave."""
        return self._by_path.get(path)

    def add_photo(self, copies: Iterable[Copy]) -> list[Json]:
        """Keep the sizes of a photo; the list is the `photo` of a message."""
        named = [(self._new_id("photo"), copy) for copy in copies]
        sizes = tuple(file_id for file_id, _ in named)
        return [self._add_size(file_id, copy, sizes) for file_id, copy in named]

    def add_document(self, content: bytes, file_name: str, mime_type: str) -> Json:
        """Keep a file unaltered; the object is the `document` of a message."""
        file_id, unique_id = self._new_id("document"), self._new_unique_id()
        wire: Json = {
            "file_name": PurePosixPath(file_name).name or "file",
            "mime_type": mime_type or PLAIN,
            "file_id": file_id,
            "file_unique_id": unique_id,
            "file_size": len(content),
        }
        path = f"documents/file_{len(self._by_path)}{PurePosixPath(wire['file_name']).suffix}"
        self._keep(StoredFile(file_id, unique_id, path, "document", wire["mime_type"], content, wire))
        return wire

    def _add_size(self, file_id: str, copy: Copy, sizes: tuple[str, ...]) -> Json:
        unique_id = self._new_unique_id()
        wire: Json = {
            "file_id": file_id,
            "file_unique_id": unique_id,
            "file_size": len(copy.content),
            "width": copy.width,
            "height": copy.height,
        }
        path = f"photos/file_{len(self._by_path)}.jpg"
        self._keep(StoredFile(file_id, unique_id, path, "photo", "image/jpeg", copy.content, wire, sizes))
        return wire

    def _keep(self, file: StoredFile) -> None:
        self._by_id[file.file_id] = file
        self._by_path[file.path] = file

    def _new_id(self, kind: Kind) -> str:
        return PREFIXES[kind] + secrets.token_urlsafe(42)

    def _new_unique_id(self) -> str:
        return "AQAD" + secrets.token_urlsafe(8)
