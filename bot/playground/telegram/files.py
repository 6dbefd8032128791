"""The files of all chats, in memory: nothing that people send touches the disk."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from bot.playground.telegram.parameters import Json
from bot.playground.telegram.photo_sizes import ImageFile

FileKind = Literal["photo", "document", "sticker", "video", "animation", "voice", "thumbnail"]
FILE_ID_PREFIXES: dict[FileKind, str] = {  # as real ids begin
    "photo": "AgACAgIAAxk", "document": "BQACAgIAAxk", "sticker": "CAACAgIAAxk", "video": "BAACAgIAAxk",
    "animation": "CgACAgIAAxk", "voice": "AwACAgIAAxk", "thumbnail": "AAMCAgADGQ",
}  # fmt: skip
PLAIN = "application/octet-stream"


@dataclass(frozen=True)
class StoredFile:
    """One file.

    Attributes:
        file_id: the id that can be sent again
        unique_id: `file_unique_id`
        path: `file_path`, where the bot downloads it
        kind: what it was sent as
        mime_type: its MIME type
        content: its bytes
        wire: the object in messages: a PhotoSize, a Document, a Sticker, ...
        sizes: the file_ids of all sizes of the same photo
    """

    file_id: str
    unique_id: str
    path: str
    kind: FileKind
    mime_type: str
    content: bytes
    wire: Json
    sizes: tuple[str, ...] = ()


class FileStore:
    """Files by `file_id` and by path."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._revoked: set[str] = set()

    def valid(self, file_id: str) -> StoredFile | None:
        """Return the file of an id that the bot may still use, if any."""
        return None if file_id in self._revoked else self._by_id.get(file_id)

    def get(self, file_id: str) -> StoredFile | None:
        """Return the file of an id, revoked or not, if any: what was sent stays in the chat."""
        return self._by_id.get(file_id)

    def by_path(self, path: str) -> StoredFile | None:
        """Return the file of a path that getFile returned, if any."""
        return self._by_path.get(path)

    def revoke_ids(self) -> None:
        """Invalidate every file_id issued so far for the bot."""
        self._revoked.update(self._by_id)

    def add_photo(self, sizes: Iterable[ImageFile]) -> list[Json]:
        """Store the sizes of a photo and return the `photo` of a message."""
        images = [(self._new_id("photo"), image) for image in sizes]
        file_ids = tuple(file_id for file_id, _ in images)
        return [self._add_size("photo", file_id, image, file_ids) for file_id, image in images]

    def add_thumbnail(self, image: ImageFile) -> Json:
        """Store the thumbnail of a video or another file and return its PhotoSize."""
        return self._add_size("thumbnail", self._new_id("thumbnail"), image, ())

    def add_document(self, content: bytes, file_name: str, mime_type: str) -> Json:
        """Store a file unaltered and return the `document` of a message."""
        name = PurePosixPath(file_name).name or "file"
        fields = {"file_name": name, "mime_type": mime_type or PLAIN}
        return self.add("document", content, PurePosixPath(name).suffix, fields["mime_type"], fields)

    def add(self, kind: FileKind, content: bytes, suffix: str, mime_type: str, fields: Json) -> Json:
        """Store a file of another kind and return its object, with these further fields."""
        file_id, unique_id = self._new_id(kind), self._new_unique_id()
        ids = {"file_id": file_id, "file_unique_id": unique_id, "file_size": len(content)}
        path = f"{kind}s/file_{len(self._by_path)}{suffix}"
        wire = fields | ids
        self.keep(StoredFile(file_id, unique_id, path, kind, mime_type, content, wire))
        return wire

    def keep(self, file: StoredFile) -> None:
        """Store a file under the id and the path it carries."""
        self._by_id[file.file_id] = file
        self._by_path[file.path] = file

    def _add_size(self, kind: FileKind, file_id: str, image: ImageFile, sizes: tuple[str, ...]) -> Json:
        unique_id = self._new_unique_id()
        wire: Json = {
            "file_id": file_id,
            "file_unique_id": unique_id,
            "file_size": len(image.content),
            "width": image.width,
            "height": image.height,
        }
        path = f"{kind}s/file_{len(self._by_path)}.jpg"
        self.keep(StoredFile(file_id, unique_id, path, kind, "image/jpeg", image.content, wire, sizes))
        return wire

    def _new_id(self, kind: FileKind) -> str:
        return FILE_ID_PREFIXES[kind] + secrets.token_urlsafe(42)

    def _new_unique_id(self) -> str:
        return "AQAD" + secrets.token_urlsafe(8)
