"""The verbs every provider of the engine answers.

Handlers know this protocol and nothing else of the engine: a thread of this process
(`engine.async_engine`) stands behind it today, another process or machine may tomorrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.results import (
    Caption,
    Description,
    Explanation,
    GalleryInfo,
    Label,
    Match,
    Point,
    Tag,
    WordMatch,
    WordSimilarity,
)

MATCHES = 10  # a Telegram album holds ten
CAPTIONS = 3  # of a photo
TAGS = 10
LABELS = 5  # the best of those that were given
HANG_TIMEOUT = 120.0  # seconds of silence after which nobody need wait any more; a map takes half a minute


class EngineAPI(Protocol):
    """Awaitable verbs. Each may raise `engine.errors.BadInputError` or `engine.errors.BusyError`."""

    @property
    def gallery(self) -> GalleryInfo:
        """The gallery that `describe`, `find` and `focus` search."""

    @property
    def stalled_for(self) -> float:
        """Seconds since it last answered anything, while something waits; 0.0 while nothing does.

        More than `HANG_TIMEOUT`: it hangs, or what should answer has died.
        """

    async def describe(self, photo: bytes, count: int = MATCHES, captions: int = CAPTIONS) -> Description:
        """Caption a photo (JPEG, PNG or WebP bytes) and find the images most like it.

        Each caption takes longer than all matches together: who shows one asks for one.
        """

    async def captions(self, photo: bytes, count: int = CAPTIONS) -> tuple[Caption, ...]:
        """Caption a photo, best first; at most as many as the beam holds (`engine.model.beam_search`)."""

    async def tags(self, photo: bytes, count: int = TAGS) -> tuple[Tag, ...]:
        """Find single words for a photo, also such as captions do not hold, best first."""

    async def labels(self, photo: bytes, labels: Sequence[str], count: int = LABELS) -> tuple[Label, ...]:
        """Choose among labels those that fit a photo best; probabilities are over all labels given."""

    async def similar(self, word: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """Find the words nearest to a word."""

    async def analogy(self, a: str, b: str, c: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """Answer "a is to b as c is to ?", best first."""

    async def word_similarity(self, a: str, b: str) -> WordSimilarity:
        """Tell how alike two words are."""

    async def find(self, text: str, count: int = MATCHES, photo: bytes | None = None) -> tuple[Match, ...]:
        """Find the images that a description fits.

        Parts may be added and taken away: "cat + sofa", "ship - sail". With a photo they change it:
        "- grass + beach".
        """

    async def search_focused(self, photo: bytes, text: str, count: int = MATCHES) -> tuple[Match, ...]:
        """Find the images most like a photo in what a text says of it: like this, but the cat."""

    async def similar_images(self, image: str, count: int = MATCHES) -> tuple[Match, ...]:
        """Find the images most like one of the gallery, itself left out.

        It is named by its `Match.image` or `Match.key`; `engine.errors.UnknownImageError` if there is none.
        """

    async def explain(self, photo: bytes) -> Explanation:
        """Caption a photo, and draw what each word depends on; takes a second or two."""

    async def word_map(self) -> bytes:
        """Draw the words of the captions, alike beside alike, as PNG; takes some seconds."""

    async def image_map(self) -> bytes:
        """Draw images of the gallery, alike beside alike, as PNG; takes some seconds."""

    async def word_points(self) -> tuple[Point, ...]:
        """Tell where the map of words has each of them, the most frequent first; seconds the first time."""

    async def image_points(self) -> tuple[Point, ...]:
        """Tell where the map of images has each of them; seconds the first time."""

    async def sample(self, count: int = MATCHES) -> tuple[Match, ...]:
        """Pick images of the gallery at random; nothing was asked, so their score is 0."""

    async def picture(self, image: str) -> bytes:
        """Read one image of the gallery, as the file on disk, by its `Match.image` name.

        Raises:
            KeyError: the gallery has no such image.
        """

    async def thumbnail(self, image: str, side: int) -> bytes:
        """Show one image of the gallery as JPEG, at most `side` pixels a side; errors as in `picture`."""

    async def knows(self, word: str) -> bool:
        """Tell whether the network has a vector for this word."""

    async def close(self) -> None:
        """Finish what is being answered and let go of threads and files."""
