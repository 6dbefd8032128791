"""What the engine answers: frozen values made of plain Python, safe to pass between threads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caption:
    """One sentence about a photo.

    Attributes:
        text: lower-case words, no full stop.
        score: geometric mean of the words' probabilities, 0 to 1.
    """

    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """One image of the gallery.

    Attributes:
        image: its name in the gallery.
        score: cosine between query and image in the joint space, -1 to 1.
        source: web page of the original, where there is one.
    """

    image: str
    score: float
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """What the network has to say about a photo: captions and matches, best first."""

    captions: tuple[Caption, ...]
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class WordMatch:
    """One word near another.

    Attributes:
        word: lower case.
        score: cosine of the word vectors, -1 to 1.
    """

    word: str
    score: float


@dataclass(frozen=True, slots=True)
class GalleryInfo:
    """What is being searched.

    Attributes:
        name: what people call it.
        size: how many images can be found.
        credit: whose photos they are, one sentence.
        notice: what the host should know about it (nothing if all is well).
    """

    name: str
    size: int
    credit: str
    notice: str = ""
