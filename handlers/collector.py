"""Collecting what people send as one album: it arrives piece by piece, with no count and no end mark."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from telegram import Message

PAUSE = 1.2  # seconds after a piece in which none came: the album is whole
LONGEST = 4.0  # seconds: nobody is kept waiting longer, whatever still comes
MOST = 10  # pieces: Telegram's


class Collected:
    """An album that is being collected."""

    def __init__(self, first: Message) -> None:
        """Begin with its first piece to arrive."""
        self.first = first
        self._pieces = [first]
        self._changed = asyncio.Event()
        self._closed = False

    async def whole(self) -> tuple[Message, ...]:
        """Wait until no more pieces come; give them in the order they were sent in."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST):
                while len(self._pieces) < MOST and not self._closed:
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

    def close(self) -> None:
        """Wait for no more pieces."""
        self._closed = True
        self._changed.set()


class Collector:
    """Every album that is being collected or answered."""

    def __init__(self) -> None:
        """Begin with none."""
        self._albums: dict[tuple[int, str], Collected] = {}
        self._answers: set[asyncio.Task[None]] = set()

    def add(self, piece: Message) -> Collected | None:
        """Put a piece to its album; where that makes a new one, give it. A late piece begins a new one."""
        album = self._albums.get(_name(piece))
        if album is not None and album.add(piece):
            return None
        album = self._albums[_name(piece)] = Collected(piece)
        return album

    def start(self, album: Collected, answer: Coroutine[Any, Any, None]) -> None:
        """Answer an album in a task of its own: an update must not wait for others behind it."""

        def over(task: asyncio.Task[None]) -> None:
            self._answers.discard(task)
            if self._albums.get(_name(album.first)) is album:
                del self._albums[_name(album.first)]

        task = asyncio.create_task(answer)
        self._answers.add(task)
        task.add_done_callback(over)

    async def close(self) -> None:
        """Wait for no more pieces, and until all albums are answered."""
        for album in self._albums.values():
            album.close()
        await asyncio.gather(*self._answers)


def _name(piece: Message) -> tuple[int, str]:
    return piece.chat_id, piece.media_group_id or ""
