"""The verbs every provider of the engine answers.

Handlers know this protocol and nothing else of the engine: a thread of this process
(`engine.worker`) stands behind it today, another process or machine may tomorrow.
"""

from __future__ import annotations

from typing import Protocol

from engine.results import Description, GalleryInfo, Match, WordMatch

MATCHES = 10  # a Telegram album holds ten


class Verbs(Protocol):
    """Awaitable verbs. Each may raise `engine.errors.BadInput` or `engine.errors.Busy`."""

    @property
    def gallery(self) -> GalleryInfo:
        """The gallery that `describe` and `find` search."""

    async def describe(self, photo: bytes, count: int = MATCHES) -> Description:
        """Caption a photo (JPEG, PNG or WebP bytes) and find the images most like it."""

    async def similar(self, word: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """Find the words nearest to a word."""

    async def analogy(self, a: str, b: str, c: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """Answer "a is to b as c is to ?", best first."""

    async def find(self, text: str, count: int = MATCHES) -> tuple[Match, ...]:
        """Find the images that a description fits."""

    async def picture(self, image: str) -> bytes:
        """Read one image of the gallery, as the file on disk, by its `Match.image` name."""

    async def knows(self, word: str) -> bool:
        """Tell whether the network has a vector for this word."""

    async def close(self) -> None:
        """Finish what is being answered and let go of threads and files."""
