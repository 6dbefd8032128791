"""Everything that can go wrong inside the engine.

EngineError
├── BadInputError              the user can correct the request
│   ├── UnreadablePhotoError   not an image that can be decoded
│   │   └── DecoderEndedError  its decoder crashed, hung or grew: another attempt may succeed
│   ├── PhotoTooLargeError     over the byte or pixel limit
│   ├── UnknownWordError       no vector for this word
│   ├── EmptyQueryError        nothing to search for
│   ├── UnknownImageError      no such image in the gallery
│   └── UnfitLabelsError       too few or too many labels to choose from
├── BusyError                  too many requests are waiting; the same request can be answered later
│   └── PhotosAwayError        no file of the gallery can be reached, as where a disk is not mounted
└── BrokenInstallationError    the host has to repair something
    ├── CheckpointError        weights or vocabulary missing, damaged or mismatched
    ├── GalleryError           a gallery's folder or embeddings missing
    ├── CacheDirError          the cache directory cannot be written
    ├── DatabaseError          the database that holds the index cannot be used
    ├── EngineHungError        the inference thread no longer answers
    └── ClusterError           Ray cannot be reached, or cannot run the engine

Errors for users carry a key and values, no sentence: `handlers.i18n` has the sentence of each key in every
language. Errors for the host, and those of files named on the command line, carry a message.
"""

from __future__ import annotations


class EngineError(Exception):
    """Base class of the engine's errors.

    Attributes:
        key: name of a sentence in the locale files; empty if the error has a message for the host instead.
        values: what the sentence is filled in with.
    """

    def __init__(self, message: str = "", /, *, key: str = "", **values: str | int) -> None:
        """Take a message for the host, or a key with its values."""
        facts = ", ".join(f"{name}={value}" for name, value in values.items())
        super().__init__(message or (f"{key}: {facts}" if facts else key))
        self.key, self.values = key, values

    def __reduce__(self) -> tuple[object, ...]:
        """Let an error cross processes: by default it would be made anew from its message alone."""
        return _restore, (type(self), self.args, self.__dict__)


def _restore(kind: type[EngineError], args: tuple[str, ...], values: dict[str, object]) -> EngineError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(values)
    return error


class BadInputError(EngineError):
    """The request cannot be answered as it is; its sender can correct it."""


class UnreadablePhotoError(BadInputError):
    """The bytes are not a complete image in a format that is decoded."""


class DecoderEndedError(UnreadablePhotoError):
    """The process that decoded the image crashed or took too long, as it may on a busy machine."""


class PhotoTooLargeError(BadInputError):
    """The image is over the limit of bytes or of pixels."""


class UnknownWordError(BadInputError):
    """The network has no vector for a word.

    Attributes:
        word: the word of the request.
        suggestions: known words with a similar spelling, nearest first.
    """

    def __init__(self, word: str, suggestions: tuple[str, ...] = ()) -> None:
        self.word = word
        self.suggestions = suggestions
        if suggestions:
            super().__init__(key="unknown-word-near", word=word, near=" / ".join(suggestions))
        else:
            super().__init__(key="unknown-word", word=word)


class EmptyQueryError(BadInputError):
    """The request holds nothing to search for."""


class UnknownImageError(BadInputError):
    """The gallery has no such image, or no longer has it."""

    def __init__(self) -> None:
        super().__init__(key="unknown-image")


class UnfitLabelsError(BadInputError):
    """There are too few or too many labels to choose from."""


class BusyError(EngineError):
    """More requests are waiting than can be answered in good time; later this one can be answered."""

    def __init__(self) -> None:
        super().__init__(key="busy")


class PhotosAwayError(BusyError):
    """No file of the gallery can be reached; the request can be answered when its disk is back."""

    def __init__(self) -> None:
        EngineError.__init__(self, key="photos-away")


class BrokenInstallationError(EngineError):
    """The host has to repair something before the engine can start."""


class CheckpointError(BrokenInstallationError):
    """The checkpoint is missing or damaged, or its parts do not fit together."""


class GalleryError(BrokenInstallationError):
    """A gallery cannot be served: no folder, no images, or no embeddings."""


class CacheDirError(BrokenInstallationError):
    """KINDRED_HOME cannot be written."""


class DatabaseError(BrokenInstallationError):
    """The database that holds the index cannot be used."""


class EngineHungError(BrokenInstallationError):
    """The inference thread has died or hangs; only a new process helps."""


class ClusterError(BrokenInstallationError):
    """Ray is not installed, cannot be reached, or cannot run the engine."""
