"""The files of all chats, in memory: what people sent never touches the disk."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from bot.playground.telegram.parameters import Json
from bot.playground.telegram.photo_sizes import Copy

Kind = Literal["photo", "document", "sticker", "video", "animation", "voice", "thumbnail"]
PREFIXES: dict[Kind, str] = {  # as real ids begin
    "photo": "AgACAgIAAxk", "document": "BQACAgIAAxk", "sticker": "CAACAgIAAxk", "video": "BAACAgIAAxk",
    "animation": "CgACAgIAAxk", "voice": "AwACAgIAAxk", "thumbnail": "AAMCAgADGQ",
}  # fmt: skip
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
    wire: Json  # as it stands in messages: a PhotoSize, a Document, a Sticker, ...
    sizes: tuple[str, ...] = ()  # the file_ids of all sizes of the same photo


class Shelf:
    """Files by `file_id` and by path."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._forgotten: set[str] = set()

    def find(self, file_id: str) -> StoredFile | None:
        """Look a file up by its id, as a bot may: ids that were forgotten are not there."""
        return None if file_id in self._forgotten else self._by_id.get(file_id)

    def look(self, file_id: str) -> StoredFile | None:
        """Look a file up as people see it: what was sent stays in the chat."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """Look a file up by the path getFile gave."""
        return self._by_path.get(path)

    def forget(self) -> None:
        """Make every id given out so far worthless to the bot."""
        self._forgotten.update(self._by_id)

    def add_photo(self, copies: Iterable[Copy]) -> list[Json]:
        """Keep the sizes of a photo; the list is the `photo` of a message."""
        named = [(self._new_id("photo"), copy) for copy in copies]
        sizes = tuple(file_id for file_id, _ in named)
        return [self._add_size("photo", file_id, copy, sizes) for file_id, copy in named]

    def add_thumbnail(self, copy: Copy) -> Json:
        """Keep the small picture of a video or another file; the object is its `thumbnail`."""
        return self._add_size("thumbnail", self._new_id("thumbnail"), copy, ())

    def add_document(self, content: bytes, file_name: str, mime_type: str) -> Json:
        """Keep a file unaltered; the object is the `document` of a message."""
        name = PurePosixPath(file_name).name or "file"
        named = {"file_name": name, "mime_type": mime_type or PLAIN}
        return self.add("document", content, PurePosixPath(name).suffix, named["mime_type"], named)

    def add(self, kind: Kind, content: bytes, suffix: str, mime_type: str, fields: Json) -> Json:
        """Keep a file of some other kind; the object stands in messages under the kind's name."""
        file_id, unique_id = self._new_id(kind), self._new_unique_id()
        names = {"file_id": file_id, "file_unique_id": unique_id, "file_size": len(content)}
        path = f"{kind}s/file_{len(self._by_path)}{suffix}"
        wire = fields | names
        self.keep(StoredFile(file_id, unique_id, path, kind, mime_type, content, wire))
        return wire

    def keep(self, file: StoredFile) -> None:
        """Keep a file under the names it carries."""
        self._by_id[file.file_id] = file
        self._by_path[file.path] = file

    def _add_size(self, kind: Kind, file_id: str, copy: Copy, sizes: tuple[str, ...]) -> Json:
        unique_id = self._new_unique_id()
        wire: Json = {
            "file_id": file_id,
            "file_unique_id": unique_id,
            "file_size": len(copy.content),
            "width": copy.width,
            "height": copy.height,
        }
        path = f"{kind}s/file_{len(self._by_path)}.jpg"
        self.keep(StoredFile(file_id, unique_id, path, kind, "image/jpeg", copy.content, wire, sizes))
        return wire

    def _new_id(self, kind: Kind) -> str:
        return PREFIXES[kind] + secrets.token_urlsafe(42)

    def _new_unique_id(self) -> str:
        return "AQAD" + secrets.token_urlsafe(8)
