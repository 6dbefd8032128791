"""What handlers ask of the bot's memory; `bot.storage.store` keeps it in SQLite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from telegram.constants import MediaGroupLimit

MAX_ALBUM = int(MediaGroupLimit.MAX_MEDIA_LENGTH)


class StoreUnavailableError(Exception):
    """The storage cannot be read or written: it is full, locked or damaged."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person chose in /settings.

    Attributes:
        language: a language code, or None for that of their app.
        album: how many photos an answer shows, 1 to 10.
        quiet: whether answers arrive without a sound.
    """

    language: str | None = None
    album: int = MAX_ALBUM
    quiet: bool = False


class Store(Protocol):
    """Remember file ids, preferences and votes; a method may raise `StoreUnavailableError`."""

    async def file_ids(self, pictures: Sequence[bytes]) -> tuple[str | None, ...]:
        """Return for each picture the id of the file that Telegram has of it, if there is one."""

    async def keep_file_ids(self, pictures: Sequence[bytes], file_ids: Sequence[str]) -> None:
        """Remember the ids under which Telegram keeps pictures."""

    async def forget_file_ids(self, file_ids: Sequence[str]) -> None:
        """Drop ids that Telegram no longer knows."""

    async def some_file_ids(self, count: int) -> tuple[str, ...]:
        """Return ids of pictures chosen at random."""

    async def drawing(self, name: bytes) -> str | None:
        """Return the id of the file that Telegram has of a drawing of ours, such as a map."""

    async def keep_drawing(self, name: bytes, file_id: str) -> None:
        """Remember the id under which Telegram keeps a drawing."""

    async def preferences(self, person: int) -> Preferences:
        """Return what a person chose, and note that they wrote this month."""

    async def keep_preferences(self, person: int, chosen: Preferences) -> None:
        """Remember what a person chose."""

    async def forget(self, person: int) -> bool:
        """Delete whatever is kept about a person; return whether there was anything."""

    async def vote(self, kind: str, *, up: bool) -> None:
        """Count a thumb up or down for a kind of answer."""

    async def votes(self) -> Mapping[str, tuple[int, int]]:
        """Return for each kind of answer its thumbs up and down."""
