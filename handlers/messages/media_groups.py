"""Collecting what people send as one album: it arrives piece by piece, with no count and no end mark."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from telegram import Message

PAUSE = 1.2  # seconds after a piece in which none came: the album is whole
LONGEST = 4.0  # seconds: nobody is kept waiting longer, whatever still comes
MOST = 10  # pieces: Telegram's


class MediaGroup:
    """An album that is being collected."""

    def __init__(self, first: Message) -> None:
        """Begin with its first piece to arrive."""
        self.first = first
        self.answered = asyncio.Event()
        self._pieces = [first]
        self._changed = asyncio.Event()
        self._closed = False

    async def whole(self) -> tuple[Message, ...]:
        """Wait until no more pieces come; give them in the order they were sent in."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST):
                while len(self._pieces) < MOST:
                    self._changed.clear()
                    async with asyncio.timeout(PAUSE):
                        await self._changed.wait()
        self._closed = True
        return tuple(sorted(self._pieces, key=lambda piece: piece.message_id))

    def add(self, piece: Message) -> bool:
        """Add a piece, unless it comes too late."""
        if not self._closed:
            self._pieces.append(piece)
            self._changed.set()
        return not self._closed


class MediaGroupCollector:
    """Every album that is being collected or answered."""

    def __init__(self) -> None:
        """Begin with none."""
        self._albums: dict[tuple[int, str], MediaGroup] = {}

    @asynccontextmanager
    async def collecting(self, piece: Message) -> AsyncIterator[MediaGroup | None]:
        """Put a piece to its album; the block answers the album that it makes, if it makes one.

        Other pieces wait for that answer: none of them is dealt with before. A late one makes a new album.
        """
        name = piece.chat_id, piece.media_group_id or ""
        album = self._albums.get(name)
        if album is not None and album.add(piece):
            yield None
            await album.answered.wait()
            return
        album = self._albums[name] = MediaGroup(piece)
        try:
            yield album
        finally:
            album.answered.set()
            if self._albums.get(name) is album:  # a late piece may have taken its place, and be done
                del self._albums[name]
