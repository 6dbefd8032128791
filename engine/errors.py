"""Everything that can go wrong inside the engine; each error owns the sentence a person reads.

EngineError
├── BadInput              the person can mend it
│   ├── UnreadablePhoto   not an image we can decode
│   ├── PhotoTooLarge     over the byte or pixel limit
│   ├── UnknownWord       no vector for this word
│   ├── EmptyQuery        nothing to look for
│   ├── UnknownImage      no such image in the gallery
│   └── UnfitLabels       too few or too many labels to choose from
├── Busy                  too many requests are waiting
└── BrokenInstallation    the host can mend it
    ├── ArtifactError     weights, vocabulary or vectors missing or mismatched
    ├── GalleryError      a gallery's folder or vectors missing
    ├── HomeError         what can be made again cannot be written
    └── EngineHung        what computes has ceased to answer
"""

from __future__ import annotations

from typing import Final

# By key, in English, for the command line and whoever has no words of their own. Those who speak other
# languages say the same by the key (`handlers/locales`).
SENTENCES: Final = {
    "busy": "I have my hands full just now. Please try again in a few seconds.",
    "unreadable-photo": "I could not read that as a picture. Please send a JPEG, PNG or WebP photo.",
    "file-too-large": "That file is over 20 MB. Please send a smaller photo.",
    "photo-too-wide": (
        "That photo has {width} x {height} pixels, more than I can open. Please send a smaller one."
    ),
    "unknown-word": "I do not know the word “{word}”. Please try another one.",
    "unknown-word-near": "I do not know the word “{word}”. Did you mean {near}?",
    "unknown-image": "I do not have this photo in my gallery. Please ask for another one.",
    "unknown-words": "I know none of these words. Please say it in other, English words.",
    "unknown-part": "I know none of the words “{text}”. Please say it in other, English words.",
    "which-word": "Similar to which word? For example: boy",
    "which-two-words": "Which two words shall I compare? For example: boy girl",
    "look-for-what": "What shall I look for? Say it in a few words, such as: a dog running on the beach",
    "change-what": (
        "What shall I add to the photo or take away? Say it in a few words, such as: - grass + beach"
    ),
    "nothing-beside-sign": "There is nothing beside one of the signs. Words go there, such as: cat + sofa",
    "only-minus": "Minus says what to leave out. Please say what to look for, such as: ship - sail",
    "no-signs": "Looked for this way, I can take one description at a time, without + or -.",
    "focus-on-what": "On what in the photo? Say it in a few words, such as: the dog",
    "too-few-labels": "Please give me at least two labels to choose from, such as: cat, dog, boat",
    "too-many-labels": "Those are {count:,} labels. Please give me {limit} or fewer.",
    "gallery-too-small": "A map needs at least {fewest} photos, and my gallery has {count:,}.",
}


class EngineError(Exception):
    """Root of the tree. `str(error)` is one kind sentence that says what to do.

    Attributes:
        key: a name of the sentence, for those who say it in other languages.
        values: what the sentence holds that differs from time to time.
    """

    def __init__(self, sentence: str = "", /, *, key: str = "", **values: str | int) -> None:
        super().__init__(sentence or SENTENCES.get(key, key).format_map(values))
        self.key, self.values = key, values


class BadInputError(EngineError):
    """The request cannot be answered as it stands; the person who sent it can mend it."""


class UnreadablePhotoError(BadInputError):
    """The bytes are not a whole image in a format we decode."""


class PhotoTooLargeError(BadInputError):
    """The image is over the limit of bytes or of pixels."""


class UnknownWordError(BadInputError):
    """The network has no vector for a word.

    Attributes:
        word: the word as it was asked for.
        suggestions: known words spelled alike, nearest first.
    """

    def __init__(self, word: str, suggestions: tuple[str, ...] = ()) -> None:
        self.word = word
        self.suggestions = suggestions
        if suggestions:
            super().__init__(key="unknown-word-near", word=word, near=" / ".join(suggestions))
        else:
            super().__init__(key="unknown-word", word=word)


class EmptyQueryError(BadInputError):
    """There is nothing in the request to look for."""


class UnknownImageError(BadInputError):
    """The gallery has no such image, or not any more."""

    def __init__(self) -> None:
        super().__init__(key="unknown-image")


class UnfitLabelsError(BadInputError):
    """There are too few or too many labels to choose from."""


class BusyError(EngineError):
    """More requests are waiting than can be answered in good time."""

    def __init__(self) -> None:
        super().__init__(key="busy")


class BrokenInstallationError(EngineError):
    """The host has something to mend before the engine can start."""


class CheckpointError(BrokenInstallationError):
    """The network's artifact is missing, damaged, or its parts do not fit together."""


class GalleryError(BrokenInstallationError):
    """A gallery cannot be served: no folder, no images, or no vectors."""


class CacheDirError(BrokenInstallationError):
    """KINDRED_HOME cannot be written."""


class EngineHungError(BrokenInstallationError):
    """What computes has died or hangs; only another process can do better."""
