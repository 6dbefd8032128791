"""What the engine answers: frozen values made of plain Python, safe to pass between threads."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from hashlib import blake2b

WEAK = 1 / 3  # the judge of what is right is strict: half of what it doubts is still of use


@dataclass(frozen=True, slots=True)
class Caption:
    """One sentence about a photo.

    Attributes:
        text: lower-case words, no full stop.
        score: geometric mean of the words' probabilities, 0 to 1.
        confidence: probability that it says what people would, 0 to 1; None where nobody measured.
    """

    text: str
    score: float
    confidence: float | None = None

    @property
    def is_weak(self) -> bool:
        """Whether it should be said to be unsure."""
        return self.confidence is not None and self.confidence < WEAK


@dataclass(frozen=True, slots=True)
class Match:
    """One image of the gallery.

    Attributes:
        image: its name in the gallery.
        score: cosine between query and image, -1 to 1; where the decoder was asked, too, less what it
            finds the image less likely than the likeliest.
        source: web page of the original, where there is one.
        confidence: probability that it shows what was asked for, 0 to 1; None where nobody measured.
    """

    image: str
    score: float
    source: str | None = None
    confidence: float | None = None

    @property
    def key(self) -> str:
        """See `key_of`."""
        return key_of(self.image)

    @property
    def is_weak(self) -> bool:
        """Whether it should be said to be unsure."""
        return self.confidence is not None and self.confidence < WEAK


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
class Tag:
    """One word for a photo.

    Attributes:
        word: lower case.
        score: how much better it fits this photo than photos in general, less for rare words; -1 to 1.
        spoken: whether captions may hold it; a word that they do not is known from its neighbours alone.
    """

    word: str
    score: float
    spoken: bool


@dataclass(frozen=True, slots=True)
class Label:
    """One label out of a list.

    Attributes:
        text: as it was given.
        probability: that of all labels of the list this one fits the photo best, 0 to 1.
    """

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class WordSimilarity:
    """How alike two words are.

    Attributes:
        a, b: the words, lower case.
        cosine: of the word vectors, -1 to 1.
        percentile: of random pairs of words, the share in percent that are less alike.
    """

    a: str
    b: str
    cosine: float
    percentile: float


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


@dataclass(frozen=True, slots=True)
class Point:
    """One word or image of a map.

    Attributes:
        name: the word, or the image's name in the gallery.
        x, y: how far from the left and from the top, 0 to 1.
        neighbourhood: number of the neighbourhood it lies in, counted from the left.
    """

    name: str
    x: float
    y: float
    neighbourhood: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a caption says what it says.

    Attributes:
        caption: the sentence.
        picture: PNG bytes: the photo, and for each word where in it the network saw that.
    """

    caption: str
    picture: bytes


def key_of(image: str) -> str:
    """Name an image of a gallery in eleven letters, digits, - and _, where there is no room for its name."""
    digest = blake2b(os.fsencode(image), digest_size=8).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
