"""The protocol of the bot's persistent storage; `bot.storage.store` implements it with SQL."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from telegram.constants import MediaGroupLimit

logger = logging.getLogger(__name__)

MAX_ALBUM_SIZE = int(MediaGroupLimit.MAX_MEDIA_LENGTH)


class StoreUnavailableError(Exception):
    """The storage cannot be read or written: it is full, locked, damaged or away.

    Attributes:
        is_logged: Whether the log says so already.
    """

    is_logged = False


@dataclass(frozen=True, slots=True)
class Preferences:
    """A user's preferences, as chosen in /settings.

    Attributes:
        language: a language code; None follows the user's app.
        album: photos per answer, 1 to 10.
        quiet: whether answers are sent without a sound.
        numbers: whether closeness is shown in numbers instead of words.
    """

    language: str | None = None
    album: int = MAX_ALBUM_SIZE
    quiet: bool = False
    numbers: bool = False


class Store(Protocol):
    """Stores file ids, preferences and votes.

    Each method raises `StoreUnavailableError` where the storage cannot be used.
    """

    async def file_ids(self, pictures: Sequence[bytes]) -> tuple[str | None, ...]:
        """Return Telegram's file id of each picture, None where it is unknown."""

    async def keep_file_ids(self, pictures: Sequence[bytes], file_ids: Sequence[str]) -> None:
        """Store Telegram's file ids of pictures."""

    async def forget_file_ids(self, file_ids: Sequence[str]) -> None:
        """Delete file ids that Telegram no longer accepts."""

    async def some_file_ids(self, count: int) -> tuple[str, ...]:
        """Return file ids of random pictures, `count` at most."""

    async def drawing(self, name: bytes) -> str | None:
        """Return Telegram's file id of a drawing, such as a map; None where it is unknown."""

    async def keep_drawing(self, name: bytes, file_id: str) -> None:
        """Store Telegram's file id of a drawing."""

    async def preferences(self, user_id: int) -> Preferences:
        """Return a user's preferences, and record that they were active this month."""

    async def keep_preferences(self, user_id: int, preferences: Preferences) -> None:
        """Store a user's preferences; defaults are not stored."""

    async def forget(self, user_id: int) -> bool:
        """Delete all data of a user; return whether there was any."""

    async def forget_the_rest(self) -> None:
        """Delete what `forget` could not delete, if there is anything."""

    async def change_vote(self, kind: str, before: bool | None, now: bool | None) -> None:
        """Count a vote for a kind of answer in place of the one before; True is up, None is no vote."""

    async def votes(self) -> Mapping[str, tuple[int, int]]:
        """Return the numbers of votes up and down for each kind of answer."""


@contextmanager
def optional_storage() -> Iterator[None]:
    """Continue without the storage where it is unavailable: pictures are then uploaded again."""
    try:
        yield
    except StoreUnavailableError as error:
        logger.warning("File ids cannot be remembered: %s", error)
