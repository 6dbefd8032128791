"""What a button wishes for, and how that is written into the 64 bytes of its `callback_data`.

Nothing is remembered here for a button: with the message it hangs on and the question that message
answers, its wish says all, after a restart too. It comes back from clients: what does not fit is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.api import CAPTIONS
from handlers.store import MAX_ALBUM

VERSION: Final = "1"  # a button of another version has expired
PAGES: Final = 5  # of one answer: who has not found it among fifty photos says it in other words
MAX_BYTES: Final = 64  # Telegram's


class Action(StrEnum):
    """What is wished for."""

    MORE = "more"  # the page of this number
    CAPTION = "caption"  # the caption of this number
    WHY = "why"
    TAGS = "tags"
    PICK = "pick"  # numbers, to choose a photo of this page by
    CLOSE = "close"  # no numbers any more
    LIKE = "like"  # photos like the one of this key, which was shown under this number
    UP = "up"
    DOWN = "down"


class SubjectKind(StrEnum):
    """What an answer is about."""

    DESCRIBE = "describe"  # a photo
    FOCUS = "focus"  # a photo and words
    FIND = "find"  # words
    KINDRED = "kindred"  # an image of the gallery: a wish names it by its key
    ALBUM = "album"  # several photos


@dataclass(frozen=True, slots=True)
class ButtonAction:
    """Attributes of a wish.

    Attributes:
        verb: what is wished for.
        about: what the answer is about: a `SubjectKind`, or the key of an image of the gallery.
        number: see `Action`; pages and captions count from 0.
        size: photos a page, for the verbs that are about pages.
    """

    verb: Action
    about: str
    number: int = 0
    size: int = 0

    @property
    def data(self) -> str:
        """The wish as `callback_data`."""
        return f"{VERSION}:{self.verb}:{self.about}:{self.number}:{self.size}"


_DATA = re.compile(rf"{VERSION}:([a-z]+):([\w-]+):(\d{{1,2}}):(\d{{1,2}})", re.ASCII)
_KEY = re.compile(r"[\w-]{11}", re.ASCII)
_KINDS = frozenset(SubjectKind) - {SubjectKind.KINDRED}


def is_key(about: str) -> bool:
    """Tell whether this can be the key of an image, which is longer than any `SubjectKind`."""
    return _KEY.fullmatch(about) is not None


def read(data: str | None) -> ButtonAction | None:
    """Read `callback_data`; None where it is no wish that could have been written here."""
    found = _DATA.fullmatch(data or "")
    if found is None or found[1] not in frozenset(Action):
        return None
    wish = ButtonAction(Action(found[1]), found[2], int(found[3]), int(found[4]))
    return wish if _fits(wish) and wish.data == data else None


def _fits(wish: ButtonAction) -> bool:
    if not (is_key(wish.about) or wish.about in _KINDS):
        return False
    match wish.verb:
        case Action.MORE | Action.PICK | Action.CLOSE:
            return wish.number < PAGES and 1 <= wish.size <= MAX_ALBUM and wish.about != SubjectKind.ALBUM
        case Action.LIKE:
            return is_key(wish.about) and 1 <= wish.number <= PAGES * MAX_ALBUM and not wish.size
        case Action.CAPTION:
            return _has_photo(wish) and wish.number < CAPTIONS and not wish.size
        case Action.WHY | Action.TAGS:
            return _has_photo(wish) and not wish.number and not wish.size
        case Action.UP | Action.DOWN:
            return not wish.number and not wish.size


def _has_photo(wish: ButtonAction) -> bool:
    return wish.about in {SubjectKind.DESCRIBE, SubjectKind.FOCUS}
