"""The codec of `callback_data`: a button's action in at most 64 bytes.

No state is stored for a button: its data, its message and the message that this one replies to suffice,
even after a restart. Clients send the data back, so invalid data decodes to None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from telegram.constants import MediaGroupLimit

from engine.api import CAPTIONS

VERSION: Final = "1"  # buttons of another version have expired
MAX_PAGES: Final = 5  # of one answer: after fifty photos, other words find more than another page
MAX_PAGE_SIZE: Final = int(MediaGroupLimit.MAX_MEDIA_LENGTH)  # a page is sent as one media group
MAX_BYTES: Final = 64  # Telegram's limit


class Action(StrEnum):
    """What a button does."""

    MORE = "more"  # shows the page with this number
    CAPTION = "caption"  # shows the caption with this number
    WHY = "why"  # explains the caption with this number
    TAGS = "tags"  # lists the photo's tags
    PICK = "pick"  # offers the photos of this page by their numbers
    CLOSE = "close"  # removes these numbers
    LIKE = "like"  # shows photos similar to the one with this key, which was shown under this number
    PHOTO = "photo"  # answers the photo with this number of the person's album
    UP = "up"  # votes for the answer, or takes that vote back if the number is 1
    DOWN = "down"  # votes against it, or takes that vote back


class SubjectKind(StrEnum):
    """The kinds of subject that an answer can have."""

    DESCRIBE = "describe"  # a photo
    FOCUS = "focus"  # a photo and words
    FIND = "find"  # words
    GALLERY_IMAGE = "kindred"  # an image of the gallery; callback data holds its key instead
    ALBUM = "album"  # several photos
    RANDOM = "random"  # random images of the gallery


@dataclass(frozen=True, slots=True)
class ButtonAction:
    """The decoded callback data of a button.

    Attributes:
        action: what the button does.
        subject: the answer's subject: a `SubjectKind`, or the key of a gallery image.
        number: see `Action`; pages and captions count from 0, photos from 1.
        page_size: photos per page, for the actions on pages.
    """

    action: Action
    subject: str
    number: int = 0
    page_size: int = 0

    @property
    def data(self) -> str:
        """The action as `callback_data`."""
        return f"{VERSION}:{self.action}:{self.subject}:{self.number}:{self.page_size}"


_DATA = re.compile(rf"{VERSION}:([a-z]+):([\w-]+):(\d{{1,2}}):(\d{{1,2}})", re.ASCII)
_KEY = re.compile(r"[\w-]{11}", re.ASCII)
_KINDS = frozenset(SubjectKind) - {SubjectKind.GALLERY_IMAGE}


def is_image_key(subject: str) -> bool:
    """Return whether a subject can be an image key; these are longer than any `SubjectKind`."""
    return _KEY.fullmatch(subject) is not None


def decode(data: str | None) -> ButtonAction | None:
    """Decode `callback_data`; return None for data that `ButtonAction.data` cannot have written."""
    match = _DATA.fullmatch(data or "")
    if match is None or match[1] not in frozenset(Action):
        return None
    button = ButtonAction(Action(match[1]), match[2], int(match[3]), int(match[4]))
    return button if _is_valid(button) and button.data == data else None


def _is_valid(button: ButtonAction) -> bool:
    number, size = button.number, button.page_size
    if not (is_image_key(button.subject) or button.subject in _KINDS):
        return False
    if button.action in {Action.MORE, Action.PICK, Action.CLOSE}:
        return number < MAX_PAGES and 1 <= size <= MAX_PAGE_SIZE and _has_pages(button)
    return not size and _is_numbered_well(button)


def _is_numbered_well(button: ButtonAction) -> bool:
    """Return whether a button without pages has a number that its action allows."""
    number = button.number
    match button.action:
        case Action.LIKE:
            return is_image_key(button.subject) and 1 <= number <= MAX_PAGES * MAX_PAGE_SIZE
        case Action.CAPTION | Action.WHY:
            return _has_photo(button) and number < CAPTIONS
        case Action.TAGS:
            return _has_photo(button) and not number
        case Action.PHOTO:
            return button.subject == SubjectKind.ALBUM and 1 <= number <= MAX_PAGE_SIZE
        case _:  # a vote, given or not
            return number <= 1


def _has_pages(button: ButtonAction) -> bool:
    """Return whether the subject has pages; random images have next ones, and no page to come back to."""
    if button.subject == SubjectKind.RANDOM:
        return button.action is Action.MORE
    return button.subject != SubjectKind.ALBUM


def _has_photo(button: ButtonAction) -> bool:
    return button.subject in {SubjectKind.DESCRIBE, SubjectKind.FOCUS}
