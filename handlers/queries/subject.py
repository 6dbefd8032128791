"""What an answer is about: a photo, words, both, or an image of the gallery."""

from __future__ import annotations

from dataclasses import dataclass, field

from telegram import Message, MessageEntity

from engine.api import EngineAPI
from engine.results import Match
from handlers.keyboards.callback_data import PAGES, SubjectKind, is_key
from handlers.messages.attachments import download, picture_in
from handlers.messages.entities import marked
from handlers.queries.parsing import check_script, has_signs


class SubjectExpiredError(Exception):
    """What a button is about is not there any more."""


@dataclass(slots=True)
class Subject:
    """What images are looked for by.

    Attributes:
        photo: the message that carries it.
        words: of the person.
        image: key of an image of the gallery.
    """

    photo: Message | None = None
    words: str = ""
    image: str = ""
    _content: bytes = field(default=b"", init=False, repr=False)

    @property
    def kind(self) -> SubjectKind:
        """What that makes."""
        if self.image:
            return SubjectKind.KINDRED
        if self.photo:
            return SubjectKind.FOCUS if self.words else SubjectKind.DESCRIBE
        return SubjectKind.FIND

    @property
    def about(self) -> str:
        """See `ButtonAction.about`."""
        return self.image or self.kind

    async def content(self) -> bytes:
        """Fetch the photo, once.

        Raises:
            Gone: there is none.
        """
        if self.photo is None:
            raise SubjectExpiredError
        self._content = self._content or await download(self.photo)
        return self._content


def subject_of(answer: Message, about: str) -> Subject:
    """Tell what an answer of ours is about.

    A photo is in the message it replies to, a person's words stand in itself, as its first code.

    Raises:
        Gone: one of them is not there.
    """
    if is_key(about):
        return Subject(image=about)
    asked = answer.reply_to_message
    photo = asked if asked and picture_in(asked) and about != SubjectKind.FIND else None
    words = "" if about == SubjectKind.DESCRIBE else next(iter(marked(answer, MessageEntity.CODE)), "")
    subject = Subject(photo, words)
    if subject.about != about or not (photo or words):
        raise SubjectExpiredError
    return subject


async def page_of(
    engine: EngineAPI, subject: Subject, page: int, size: int
) -> tuple[tuple[Match, ...], bool]:
    """Give the matches of a page, counted from 0, and tell whether there are more after it."""
    end = (page + 1) * size
    found = await _matches(engine, subject, end + (page + 1 < PAGES))
    return found[end - size : end], len(found) > end


async def _matches(engine: EngineAPI, subject: Subject, count: int) -> tuple[Match, ...]:
    if subject.image:
        return await engine.similar_images(subject.image, count)
    check_script(subject.words)
    if subject.photo is None:
        return await engine.find(subject.words, count)
    photo = await subject.content()
    if not subject.words:
        return (await engine.describe(photo, count, captions=0)).matches
    if has_signs(subject.words):
        return await engine.find(subject.words, count, photo)
    return await engine.search_focused(photo, subject.words, count)
