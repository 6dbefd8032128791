"""The asynchronous interface of the engine, and its defaults.

Handlers depend on this protocol only. `engine.async_engine` implements it with threads of this process;
another process or machine could.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.results import (
    Caption,
    Description,
    Explanation,
    GalleryInfo,
    Intent,
    Label,
    Match,
    Point,
    Tag,
    WordMatch,
    WordSimilarity,
)

# How many results a method returns by default.
MATCHES = 10  # a Telegram album holds ten
CAPTIONS = 3
TAGS = 10
LABELS = 5
MAX_TEXT_LENGTH = 300  # characters of a message: the longest caption of Flickr8K has about 200
HANG_TIMEOUT = 120.0  # seconds without an answer after which the engine counts as hung; a map takes 30 s


def find_command(text: str) -> str:
    """Return the message that `EngineAPI.understand` reads as a description, whatever the text is."""
    return f"/find {text}"


class EngineAPI(Protocol):
    """The engine's methods. Each may raise `engine.errors.BadInputError` or `engine.errors.BusyError`."""

    @property
    def gallery(self) -> GalleryInfo:
        """The gallery that is searched."""

    @property
    def stalled_for(self) -> float:
        """Seconds since the last answer while a request is waiting; 0.0 while none is.

        More than `HANG_TIMEOUT` means that the engine hangs or has died.
        """

    async def describe(self, photo: bytes, count: int = MATCHES, captions: int = CAPTIONS) -> Description:
        """Caption a photo, given as the bytes of its file, and find the images most similar to it.

        Each caption takes longer than all matches together, so callers that show one request one.
        """

    async def captions(self, photo: bytes, count: int = CAPTIONS) -> tuple[Caption, ...]:
        """Caption a photo, best first; at most as many as the beam holds (`engine.model.beam_search`)."""

    async def tags(self, photo: bytes, count: int = TAGS) -> tuple[Tag, ...]:
        """Find single words for a photo, also words that captions never use, best first."""

    async def labels(self, photo: bytes, labels: Sequence[str], count: int = LABELS) -> tuple[Label, ...]:
        """Choose the labels that fit a photo best; probabilities are over the whole list."""

    async def similar(self, word: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """Find the words nearest to a word."""

    async def analogy(self, a: str, b: str, c: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """Answer "a is to b as c is to ?", best first."""

    async def word_similarity(self, a: str, b: str) -> WordSimilarity:
        """Compare two words."""

    async def understand(self, text: str, language: str | None = None, *, with_photo: bool = False) -> Intent:
        """Return what a message asks for, in one of seven languages.

        Args:
            text: the message, or a command such as "/similar boy". What follows "/find" is a description,
                whatever it looks like: a search box has no small talk.
            language: code of the language of the user's app, such as "pt-br"; None detects the language.
            with_photo: whether the text lies under a photo or replies to one, and steers the search by it.

        Raises:
            engine.errors.EmptyQueryError: the text is empty, or a command lacks its words.
            engine.errors.BadInputError: it is longer than `MAX_TEXT_LENGTH`, or a command has too few or too
                many words.
        """

    async def find(self, query: str, count: int = MATCHES, photo: bytes | None = None) -> tuple[Match, ...]:
        """Find the images that fit a description in English, such as `Intent.query`.

        What people write goes through `understand` first. Parts are added and subtracted: "cat + sofa",
        "ship - sail". With a photo they modify it: "- grass + beach".
        """

    async def search_focused(self, photo: bytes, text: str, count: int = MATCHES) -> tuple[Match, ...]:
        """Find the images most similar to a photo, with a focus on what a text names: the cat in it."""

    async def similar_images(self, image: str, count: int = MATCHES) -> tuple[Match, ...]:
        """Find the images most similar to one of the gallery, without the image itself.

        Args:
            image: its `Match.image` or `Match.key`.
            count: how many.

        Raises:
            engine.errors.UnknownImageError: the gallery has no such image.
        """

    async def explain(self, photo: bytes, caption: str = "") -> Explanation:
        """Draw what each word of a caption of a photo depends on; takes a second or two.

        Args:
            photo: encoded, as for `describe`.
            caption: one of `captions`; the likeliest if empty.
        """

    async def word_map(self) -> bytes:
        """Draw a map of the words of captions, as PNG; takes some seconds."""

    async def image_map(self) -> bytes:
        """Draw a map of the gallery's images, as PNG; takes some seconds."""

    async def word_points(self) -> tuple[Point, ...]:
        """Return the points of the map of words, the most frequent first; takes seconds the first time."""

    async def image_points(self) -> tuple[Point, ...]:
        """Return the points of the map of images; takes seconds the first time."""

    async def sample(self, count: int = MATCHES) -> tuple[Match, ...]:
        """Pick images of the gallery at random; their score is 0, because there is no query."""

    async def picture(self, image: str) -> bytes:
        """Return the file content of one image of the gallery, by its `Match.image`.

        Raises:
            KeyError: the gallery has no such image.
        """

    async def album_photo(self, image: str) -> bytes:
        """Return one image of the gallery as a JPEG within Telegram's limits for photos.

        Raises:
            KeyError: the gallery has no such image.
            BadInputError: it cannot be decoded any more.
        """

    async def thumbnail(self, image: str, side: int) -> bytes:
        """Return one image of the gallery as JPEG, at most `side` pixels a side; raises as `picture` does."""

    async def close(self) -> None:
        """Finish the current requests and release threads and processes."""
