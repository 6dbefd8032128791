"""Results of the engine: frozen dataclasses of plain Python values, safe to pass between threads."""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import blake2b

# Below it a result is marked as unsure. The judge of calibration is strict: half of such results are useful.
WEAK_CONFIDENCE = 1 / 3

MIN_FAMILIARITY = 0.6  # of a description; below it the network does not know what is asked for


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption of a photo.

    Attributes:
        text: lower-case words, no full stop.
        score: geometric mean of the words' probabilities, 0 to 1.
        confidence: probability that it says what people would say, 0 to 1; None if it is not calibrated.
    """

    text: str
    score: float
    confidence: float | None = None

    @property
    def is_weak(self) -> bool:
        """True if it should be marked as unsure."""
        return self.confidence is not None and self.confidence < WEAK_CONFIDENCE


@dataclass(frozen=True, slots=True)
class Match:
    """An image of the gallery that matches a query.

    Attributes:
        image: its name in the gallery.
        score: cosine between query and image, -1 to 1; after re-ranking, minus how much less likely the
            decoder finds it than the likeliest image.
        source: URL of the original, if there is one.
        confidence: probability that it shows what the query asks for, 0 to 1; None if it is not calibrated.
        near_duplicates: names of further images that show the same and are not matches of their own: copies
            in another size, format, crop or brightness, and bursts of one scene.
    """

    image: str
    score: float
    source: str | None = None
    confidence: float | None = None
    near_duplicates: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Short name of the image, see `image_key`."""
        return image_key(self.image)

    def with_confidence_scaled(self, factor: float) -> Match:
        """Return this match with its confidence multiplied by a factor."""
        return self if self.confidence is None else replace(self, confidence=self.confidence * factor)

    @property
    def is_weak(self) -> bool:
        """True if it should be marked as unsure."""
        return self.confidence is not None and self.confidence < WEAK_CONFIDENCE


@dataclass(frozen=True, slots=True)
class Recognised:
    """A thing that is in a photo.

    Attributes:
        name: lower case; one or more words.
        probability: 0 to 1.
    """

    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Description:
    """Captions of a photo and the images most similar to it, best first.

    Attributes:
        captions: best first.
        matches: best first, without `known`.
        known: the image of the gallery that the photo itself is, possibly compressed or resized; None if the
            gallery does not have it.
        recognised: what is in the photo, the likeliest first.
    """

    captions: tuple[Caption, ...]
    matches: tuple[Match, ...]
    known: Match | None = None
    recognised: tuple[Recognised, ...] = ()


@dataclass(frozen=True, slots=True)
class WordMatch:
    """A word near another.

    Attributes:
        word: lower case.
        score: cosine of the word vectors, -1 to 1.
    """

    word: str
    score: float


@dataclass(frozen=True, slots=True)
class Tag:
    """A single word for a photo.

    Attributes:
        word: lower case.
        score: how much better it fits this photo than photos in general, less for rare words; -1 to 1.
        spoken: True if captions can contain it; other words are known by their neighbours only.
        thing: False if it names no thing that is seen: "running", "outside".
    """

    word: str
    score: float
    spoken: bool
    thing: bool = True


@dataclass(frozen=True, slots=True)
class Label:
    """One label of a list, zero-shot.

    Attributes:
        text: as in the request.
        probability: that this label of the list fits the photo best, 0 to 1.
    """

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class WordSimilarity:
    """The similarity of two words.

    Attributes:
        a: the first word, lower case.
        b: the second word, lower case.
        cosine: of the word vectors, -1 to 1.
        percentile: percent of random word pairs that are less similar, 0 to 100.
    """

    a: str
    b: str
    cosine: float
    percentile: float


@dataclass(frozen=True, slots=True)
class GalleryInfo:
    """The gallery that is searched.

    Attributes:
        name: its display name.
        size: how many images can be found.
        credit: one sentence on whose photos they are.
        notice: a warning for the host; empty if there is none.
        pending: how many more images are being indexed and cannot be found yet.
        fetched: share of Flickr8K that is downloaded, 0 to 1, while it is fetched to be served; else None.
    """

    name: str
    size: int
    credit: str
    notice: str = ""
    pending: int = 0
    fetched: float | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A word or an image on a map.

    Attributes:
        name: the word, or the image's name in the gallery.
        x: position from the left, 0 to 1.
        y: position from the top, 0 to 1.
        neighbourhood: number of its cluster, counted from the left.
    """

    name: str
    x: float
    y: float
    neighbourhood: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """A caption, and a saliency map for each of its words.

    Attributes:
        caption: the sentence.
        picture: PNG bytes: the photo, and for each word the parts of the photo that it depends on.
    """

    caption: str
    picture: bytes


class IntentKind(StrEnum):
    """What a message asks for."""

    DESCRIPTION = "description"  # photos that show what its words describe
    SIMILAR = "similar"  # words near a word
    ALIKE = "alike"  # how similar two words are
    ANALOGY = "analogy"  # the fourth word of "a is to b as c is to ?"
    CAPTION = "caption"  # what a photo shows
    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    HELP = "help"  # what can be asked
    NOTHING = "nothing"  # none of these: see `Problem`


class Problem(StrEnum):
    """Why a message asks for nothing that can be answered."""

    ADDRESS = "address"  # a web or mail address
    INCOMPLETE_ANALOGY = "incomplete-analogy"  # "king is to mother"
    ONLY_NEGATIVE = "only-negative"  # it only says what to leave out
    NO_DESCRIPTION = "no-description"  # talk, numbers or signs: no word names something visible
    UNKNOWN_WORDS = "unknown-words"  # none of its words is known


@dataclass(frozen=True, slots=True)
class Correction:
    """A misspelt word, and the known word it was read as."""

    written: str
    read: str


@dataclass(frozen=True, slots=True)
class Intent:
    """What a message asks for, without the words around it.

    Attributes:
        kind: what is asked for.
        words: of a word intent, in English and lower case: one of SIMILAR, two of ALIKE, and a, b and c of
            ANALOGY; empty for all other kinds.
        positive: of a DESCRIPTION, in English: the parts that photos show.
        negative: of a DESCRIPTION, in English: the parts that photos do not show.
        corrections: misspelt words that were read as known ones.
        translated: True if `words` or the parts were translated into English.
        unfamiliar: words of a DESCRIPTION that no training caption contains: it may be out of reach.
        familiarity: of a DESCRIPTION, the share of its content words that training captions contain, 0 to 1.
        problem: of NOTHING, why; None for all other kinds.
        written: of a word intent, its words as people call them in the language that they write.
    """

    kind: IntentKind
    words: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    translated: bool = False
    unfamiliar: tuple[str, ...] = ()
    familiarity: float = 1.0
    problem: Problem | None = None
    written: tuple[str, ...] = field(default=(), compare=False)

    @property
    def out_of_reach(self) -> bool:
        """True if so little of a DESCRIPTION is familiar that its best matches are a guess."""
        return self.familiarity < MIN_FAMILIARITY

    @property
    def query(self) -> str:
        """A DESCRIPTION as a text for `EngineAPI.find`: "beach", "cat + sofa", "beach - people"."""
        first = " + ".join(self.positive)
        return " ".join([first, *(f"- {part}" for part in self.negative)]).strip()


# Adds or subtracts a part of a query: a sign between blanks; the hyphen of "t-shirt" belongs to its word.
SIGN = re.compile(r"(?:^|(?<=\s))([+\-−])(?=\s|$)")


def image_key(image: str) -> str:
    """Return a short name of an image: eleven letters, digits, - and _, for callback data and URLs."""
    digest = blake2b(os.fsencode(image), digest_size=8).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
