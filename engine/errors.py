"""Everything that can go wrong inside the engine; each error owns the sentence a person reads.

EngineError
├── BadInput              the person can mend it
│   ├── UnreadablePhoto   not an image we can decode
│   ├── PhotoTooLarge     over the byte or pixel limit
│   ├── UnknownWord       no vector for this word
│   ├── EmptyQuery        nothing to look for
│   └── UnfitLabels       too few or too many labels to choose from
├── Busy                  too many requests are waiting
└── BrokenInstallation    the host can mend it
    ├── ArtifactError     weights, vocabulary or vectors missing or mismatched
    ├── GalleryError      a gallery's folder or vectors missing
    └── HomeError         what can be made again cannot be written
"""

from __future__ import annotations


class EngineError(Exception):
    """Root of the tree. `str(error)` is one kind sentence that says what to do.

    Attributes:
        key: a name of the sentence, for those who say it in other languages.
        values: what the sentence holds that differs from time to time.
    """

    def __init__(self, sentence: str = "", /, *, key: str = "", **values: str | int) -> None:
        super().__init__(sentence)
        self.key, self.values = key, values

    def __str__(self) -> str:
        return super().__str__() or self.key


class BadInput(EngineError):
    """The request cannot be answered as it stands; the person who sent it can mend it."""


class UnreadablePhoto(BadInput):
    """The bytes are not a whole image in a format we decode."""


class PhotoTooLarge(BadInput):
    """The image is over the limit of bytes or of pixels."""


class UnknownWord(BadInput):
    """The network has no vector for a word.

    Attributes:
        word: the word as it was asked for.
        suggestions: known words spelled alike, nearest first.
    """

    def __init__(self, word: str, suggestions: tuple[str, ...] = ()) -> None:
        self.word = word
        self.suggestions = suggestions
        hint = f" Did you mean {' or '.join(suggestions)}?" if suggestions else ""
        super().__init__(f"I do not know the word “{word}”.{hint or ' Please try another one.'}")


class EmptyQuery(BadInput):
    """There is nothing in the request to look for."""


class UnfitLabels(BadInput):
    """There are too few or too many labels to choose from."""


class Busy(EngineError):
    """More requests are waiting than can be answered in good time."""

    def __init__(self) -> None:
        super().__init__("I have my hands full just now. Please try again in a few seconds.")


class BrokenInstallation(EngineError):
    """The host has something to mend before the engine can start."""


class ArtifactError(BrokenInstallation):
    """The network's artifact is missing, damaged, or its parts do not fit together."""


class GalleryError(BrokenInstallation):
    """A gallery cannot be served: no folder, no images, or no vectors."""


class HomeError(BrokenInstallation):
    """KINDRED_HOME cannot be written."""
