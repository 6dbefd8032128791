"""Every operation of the HTTP API, once: the routes and the OpenAPI document are made of this list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from bot.web import schemas as q
from bot.web.errors import RequestRefusedError
from engine.api import EngineAPI
from engine.results import Caption, Description, Label, Match, Point, Tag, WordMatch, WordSimilarity

PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
NO_PHOTO: Final = "Please send a photo, or the name of an image of the gallery as “image”."


class About(BaseModel):
    """The gallery that is searched."""

    name: str
    size: int
    credit: str


class Captions(BaseModel):
    """Sentences about a photo, best first."""

    captions: tuple[Caption, ...]


class Tags(BaseModel):
    """Words for a photo, best first."""

    tags: tuple[Tag, ...]


class Labels(BaseModel):
    """Labels that fit a photo, best first."""

    labels: tuple[Label, ...]


class Words(BaseModel):
    """Words, nearest first."""

    words: tuple[WordMatch, ...]


class Matches(BaseModel):
    """Images of the gallery, best first."""

    matches: tuple[Match, ...]


class Points(BaseModel):
    """What a map shows, and where."""

    points: tuple[Point, ...]


@dataclass(frozen=True)
class Asked:
    """One question, and the photo that came with it (nothing if none did)."""

    engine: EngineAPI
    question: Any  # an instance of the operation's `asks`
    photo: bytes = b""

    async def see(self) -> bytes:
        """Give the photo that was sent or named.

        Raises:
            Refused: there is neither, or both, or the gallery has no such image.
        """
        photo = await self.glance()
        if not photo:
            raise RequestRefusedError(400, NO_PHOTO)
        return photo

    async def glance(self) -> bytes:
        """Give the photo that was sent or named; nothing if there is neither."""
        name = self.question.image
        if self.photo and name:
            raise RequestRefusedError(400, "Please send a photo or name an image, not both.")
        return await _there(self.engine.picture(name)) if name else self.photo


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked.

    Attributes:
        name: what programs call it.
        method, path: where it is; a part of the path in braces is a field of the question.
        summary: one sentence for people.
        asks: the question's fields.
        answers: the answer's type, or its media type where it is a picture.
        answer: what does the work.
        kind: under which it is counted, one of `handlers.usage.metrics.KINDS`.
        cost: of one request, in requests of the common kind.
    """

    name: str
    method: str
    path: str
    summary: str
    asks: type[q.Question]
    answers: type | str
    answer: Callable[[Asked], Awaitable[Any]]
    kind: str
    cost: float = 1

    @property
    def takes_photo(self) -> bool:
        """Whether a photo may come with the question."""
        return issubclass(self.asks, q.PhotoQuestion)


async def _there(image: Awaitable[bytes]) -> bytes:
    """Wait for an image of the gallery; names are looked up there and never taken as paths."""
    try:
        return await image
    except (KeyError, OSError) as error:  # OSError: the file has gone since
        raise RequestRefusedError(404, "The gallery has no image of this name.") from error


async def _describe(asked: Asked) -> Description:
    return await asked.engine.describe(await asked.see(), asked.question.count)


async def _captions(asked: Asked) -> Captions:
    return Captions(captions=await asked.engine.captions(await asked.see(), asked.question.count))


async def _tags(asked: Asked) -> Tags:
    return Tags(tags=await asked.engine.tags(await asked.see(), asked.question.count))


async def _labels(asked: Asked) -> Labels:
    question = asked.question
    return Labels(labels=await asked.engine.labels(await asked.see(), question.labels, question.count))


async def _why(asked: Asked) -> bytes:
    return (await asked.engine.explain(await asked.see())).picture


async def _focus(asked: Asked) -> Matches:
    question = asked.question
    return Matches(
        matches=await asked.engine.search_focused(await asked.see(), question.text, question.count)
    )


async def _search(asked: Asked) -> Matches:
    text, count, photo = asked.question.text, asked.question.count, await asked.glance()
    if photo and not text.strip():
        return Matches(matches=(await asked.engine.describe(photo, count, captions=0)).matches)
    return Matches(matches=await asked.engine.find(text, count, photo or None))


async def _similar(asked: Asked) -> Words:
    return Words(words=await asked.engine.similar(asked.question.word, asked.question.count))


async def _analogy(asked: Asked) -> Words:
    question = asked.question
    return Words(words=await asked.engine.analogy(question.a, question.b, question.c, question.count))


async def _alike(asked: Asked) -> WordSimilarity:
    return await asked.engine.word_similarity(asked.question.a, asked.question.b)


async def _gallery(asked: Asked) -> About:
    gallery = asked.engine.gallery
    return About(name=gallery.name, size=gallery.size, credit=gallery.credit)


async def _picture(asked: Asked) -> bytes:
    return await _there(asked.engine.thumbnail(asked.question.image, asked.question.side))


async def _word_points(asked: Asked) -> Points:
    return Points(points=await asked.engine.word_points())


async def _image_points(asked: Asked) -> Points:
    return Points(points=await asked.engine.image_points())


async def _word_map(asked: Asked) -> bytes:
    return await asked.engine.word_map()


async def _image_map(asked: Asked) -> bytes:
    return await asked.engine.image_map()


OPERATIONS: Final = (
    # Photos.
    Operation(
        "describe", "POST", "/v1/describe", "Caption a photo, and find the images most like it.",
        q.DescribeQuestion, Description, _describe, "describe",
    ),
    Operation(
        "captions", "POST", "/v1/captions", "Say in a sentence what a photo shows.",
        q.CaptionQuestion, Captions, _captions, "captions",
    ),
    Operation(
        "tags", "POST", "/v1/tags", "Find single words for a photo.",
        q.TagQuestion, Tags, _tags, "tags",
    ),
    Operation(
        "labels", "POST", "/v1/labels", "Choose among labels those that fit a photo best.",
        q.LabelQuestion, Labels, _labels, "labels",
    ),
    Operation(
        "why", "POST", "/v1/why", "Draw where in a photo each word of its caption comes from.",
        q.PhotoQuestion, PNG, _why, "why", 5,
    ),
    Operation(
        "search", "POST", "/v1/search", "Find images by words, by a photo, or by a photo that words change.",
        q.SearchQuestion, Matches, _search, "find",
    ),
    Operation(
        "focus", "POST", "/v1/focus", "Find the images most like a photo in what a text says of it.",
        q.FocusQuestion, Matches, _focus, "focus",
    ),
    # Words.
    Operation(
        "similar", "POST", "/v1/words/similar", "Find the words nearest to a word.",
        q.SimilarQuestion, Words, _similar, "similar",
    ),
    Operation(
        "analogy", "POST", "/v1/words/analogy", "Answer “a is to b as c is to ?”.",
        q.AnalogyQuestion, Words, _analogy, "analogy",
    ),
    Operation(
        "alike", "POST", "/v1/words/alike", "Tell how alike two words are.",
        q.AlikeQuestion, WordSimilarity, _alike, "alike",
    ),
    # The gallery and the maps.
    Operation(
        "gallery", "GET", "/v1/gallery", "Tell what is searched.",
        q.Question, About, _gallery, "gallery",
    ),
    Operation(
        "picture", "GET", "/v1/pictures/{image}", "Show an image of the gallery.",
        q.PictureQuestion, JPEG, _picture, "picture", 0.05,
    ),
    Operation(
        "word_points", "GET", "/v1/maps/words", "Tell where the map of words has each of them.",
        q.Question, Points, _word_points, "maps", 2,
    ),
    Operation(
        "image_points", "GET", "/v1/maps/images", "Tell where the map of images has each of them.",
        q.Question, Points, _image_points, "maps", 2,
    ),
    Operation(
        "word_map", "GET", "/v1/maps/words.png", "Draw the map of words; takes some seconds.",
        q.Question, PNG, _word_map, "maps", 10,
    ),
    Operation(
        "image_map", "GET", "/v1/maps/images.png", "Draw the map of images; takes some seconds.",
        q.Question, PNG, _image_map, "maps", 10,
    ),
)  # fmt: skip
