"""The subject of an answer: a photo, words, both, or an image of the gallery."""

from __future__ import annotations

from dataclasses import dataclass, field

from telegram import Message, MessageEntity

from engine.api import EngineAPI
from engine.results import Match
from handlers.keyboards.callback_data import MAX_PAGES, SubjectKind, is_image_key
from handlers.messages.attachments import download, subject_picture
from handlers.messages.entities import entity_texts
from handlers.queries.parsing import has_signs


class SubjectExpiredError(Exception):
    """The subject of a button is no longer available."""


@dataclass(slots=True)
class Subject:
    """What the images of an answer are searched by.

    Attributes:
        photo: the message with the photo.
        words: the user's words, in English.
        image: the key of a gallery image.
    """

    photo: Message | None = None
    words: str = ""
    image: str = ""
    _photo_bytes: bytes = field(default=b"", init=False, repr=False)

    @property
    def kind(self) -> SubjectKind:
        """The kind of subject."""
        if self.image:
            return SubjectKind.GALLERY_IMAGE
        if self.photo:
            return SubjectKind.FOCUS if self.words else SubjectKind.DESCRIBE
        return SubjectKind.FIND

    @property
    def code(self) -> str:
        """The subject in callback data: see `ButtonAction.subject`."""
        return self.image or self.kind

    async def photo_bytes(self) -> bytes:
        """Download the photo, once.

        Returns:
            The bytes of the encoded file.

        Raises:
            SubjectExpiredError: there is no photo.
        """
        if self.photo is None:
            raise SubjectExpiredError
        self._photo_bytes = self._photo_bytes or await download(self.photo)
        return self._photo_bytes


def subject_of(answer: Message, code: str) -> Subject:
    """Restore the subject of one of the bot's answers.

    The photo is attached to the message that the answer replies to; the user's words are the first code
    entity of the answer.

    Raises:
        SubjectExpiredError: the photo or the words are missing.
    """
    if is_image_key(code):
        return Subject(image=code)
    original = answer.reply_to_message
    photo = original if original and subject_picture(original) and code != SubjectKind.FIND else None
    codes = () if code == SubjectKind.DESCRIBE else entity_texts(answer, MessageEntity.CODE)
    words = next(iter(codes), "")
    subject = Subject(photo, words)
    if subject.code != code or not (photo or words):
        raise SubjectExpiredError
    return subject


async def matches_page(
    engine: EngineAPI, subject: Subject, page: int, page_size: int
) -> tuple[tuple[Match, ...], bool]:
    """Return the matches of a page, counted from 0, and whether more follow."""
    end = (page + 1) * page_size
    matches = await _search(engine, subject, end + (page + 1 < MAX_PAGES))
    return matches[end - page_size : end], len(matches) > end


async def _search(engine: EngineAPI, subject: Subject, count: int) -> tuple[Match, ...]:
    if subject.image:
        return await engine.similar_images(subject.image, count)
    if subject.photo is None:
        return await engine.find(subject.words, count)
    photo = await subject.photo_bytes()
    if not subject.words:
        return (await engine.describe(photo, count, captions=0)).matches
    if has_signs(subject.words):
        return await engine.find(subject.words, count, photo)
    return await engine.search_focused(photo, subject.words, count)
