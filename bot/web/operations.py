"""Operations of the HTTP API: routes, OpenAPI document and reference are generated from this list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from bot.web import schemas
from bot.web.asking import Answer, ask
from bot.web.errors import RequestRefusedError
from bot.web.responses import Captions, GallerySummary, Labels, Matches, Points, Tags, Understood, Words
from engine.api import EngineAPI, find_command
from engine.errors import PhotosAwayError
from engine.results import (
    Caption,
    Description,
    WordSimilarity,
)

PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
NO_PHOTO: Final = "Please send a photo, or the name of an image of the gallery as “image”."

FILE_AWAY: Final = "The file of this image is out of reach just now. Please ask again in a while."


@dataclass(frozen=True)
class OperationRequest:
    """A validated request.

    Attributes:
        engine: The engine that answers it.
        fields: An instance of the operation's `request_model`.
        upload: The bytes of the uploaded photo; empty if there is none.
    """

    engine: EngineAPI
    fields: Any
    upload: bytes = b""

    async def photo(self) -> bytes:
        """Return the photo that was uploaded or named.

        Raises:
            RequestRefusedError: There is neither, or both, or the gallery has no such image.
        """
        photo = await self.optional_photo()
        if not photo:
            raise RequestRefusedError(400, NO_PHOTO)
        return photo

    async def optional_photo(self) -> bytes:
        """Return the photo that was uploaded or named; empty bytes if there is neither.

        Raises:
            RequestRefusedError: There are both, or the gallery has no such image.
        """
        name = self.fields.image
        if self.upload and name:
            raise RequestRefusedError(400, "Please send a photo or name an image, not both.")
        return await _gallery_image(self.engine.picture(name)) if name else self.upload


@dataclass(frozen=True)
class Operation:
    """One operation of the API.

    Attributes:
        name: The operation id.
        method: The HTTP method.
        path: The URL path; a part in braces is a field of the request.
        summary: One sentence for people.
        request_model: The fields of the request.
        response: The response's model, or its media type if it is a picture.
        handler: Computes the response.
        metric_kind: The metrics label, one of `handlers.usage.metrics.KINDS`.
        cost: How many common requests one counts as in the rate limit.
    """

    name: str
    method: str
    path: str
    summary: str
    request_model: type[schemas.ApiRequest]
    response: type | str
    handler: Callable[[OperationRequest], Awaitable[Any]]
    metric_kind: str
    cost: float = 1

    @property
    def takes_photo(self) -> bool:
        """Return whether a photo can be uploaded."""
        return issubclass(self.request_model, schemas.PhotoRequest)


async def _gallery_image(image: Awaitable[bytes]) -> bytes:
    """Await an image of the gallery; its name is looked up there and never used as a path."""
    try:
        return await image
    except KeyError as error:
        raise RequestRefusedError(404, "The gallery has no image of this name.") from error
    except OSError as error:  # deleted, or its disk is not mounted
        raise RequestRefusedError(404, FILE_AWAY) from error


async def _describe(request: OperationRequest) -> Description:
    return await request.engine.describe(await request.photo(), request.fields.count)


async def _captions(request: OperationRequest) -> Captions:
    return Captions(captions=await request.engine.captions(await request.photo(), request.fields.count))


async def _tags(request: OperationRequest) -> Tags:
    return Tags(tags=await request.engine.tags(await request.photo(), request.fields.count))


async def _labels(request: OperationRequest) -> Labels:
    fields = request.fields
    return Labels(labels=await request.engine.labels(await request.photo(), fields.labels, fields.count))


async def _why(request: OperationRequest) -> bytes:
    return (await request.engine.explain(await request.photo())).picture


async def _focus(request: OperationRequest) -> Matches:
    fields = request.fields
    return Matches(
        matches=await request.engine.search_focused(await request.photo(), fields.text, fields.count)
    )


async def _search(request: OperationRequest) -> Matches:
    text, count, photo = request.fields.text, request.fields.count, await request.optional_photo()
    if photo and not text.strip():
        description = await request.engine.describe(photo, count, captions=0)
        itself = (description.known,) if description.known else ()
        return Matches(matches=(*itself, *description.matches)[:count])
    query = text
    if text.strip():
        query = (await request.engine.understand(find_command(text), with_photo=bool(photo))).query or text
    return Matches(matches=await request.engine.find(query, count, photo or None))


async def _understand(request: OperationRequest) -> Understood:
    fields = request.fields
    language = fields.language or None
    intent = await request.engine.understand(fields.text, language, with_photo=fields.with_photo)
    return Understood.model_validate(intent, from_attributes=True)


async def _ask(request: OperationRequest) -> Answer:
    fields = request.fields
    return await ask(request.engine, fields.text, fields.language, fields.count)


async def _similar(request: OperationRequest) -> Words:
    return Words(words=await request.engine.similar(request.fields.word, request.fields.count))


async def _analogy(request: OperationRequest) -> Words:
    fields = request.fields
    return Words(words=await request.engine.analogy(fields.a, fields.b, fields.c, fields.count))


async def _alike(request: OperationRequest) -> WordSimilarity:
    return await request.engine.word_similarity(request.fields.a, request.fields.b)


async def _gallery(request: OperationRequest) -> GallerySummary:
    gallery = request.engine.gallery
    try:
        (example,) = await request.engine.sample(1)
    except PhotosAwayError:
        return GallerySummary(name=gallery.name, size=gallery.size, credit=gallery.credit, example="")
    return GallerySummary(name=gallery.name, size=gallery.size, credit=gallery.credit, example=example.image)


async def _caption(request: OperationRequest) -> Caption:
    photo = await _gallery_image(request.engine.picture(request.fields.image))
    return (await request.engine.captions(photo, 1))[0]


async def _picture(request: OperationRequest) -> bytes:
    return await _gallery_image(request.engine.thumbnail(request.fields.image, request.fields.side))


async def _word_points(request: OperationRequest) -> Points:
    return Points(points=await request.engine.word_points())


async def _image_points(request: OperationRequest) -> Points:
    return Points(points=await request.engine.image_points())


async def _word_map(request: OperationRequest) -> bytes:
    return await request.engine.word_map()


async def _image_map(request: OperationRequest) -> bytes:
    return await request.engine.image_map()


OPERATIONS: Final = (
    # Photos.
    Operation(
        "describe", "POST", "/v1/describe", "Caption a photo, and find the most similar images.",
        schemas.DescribeRequest, Description, _describe, "describe",
    ),
    Operation(
        "captions", "POST", "/v1/captions", "Caption a photo.",
        schemas.CaptionRequest, Captions, _captions, "captions",
    ),
    Operation(
        "tags", "POST", "/v1/tags", "Tag a photo with single words.",
        schemas.TagRequest, Tags, _tags, "tags",
    ),
    Operation(
        "labels", "POST", "/v1/labels", "Choose the labels that fit a photo best.",
        schemas.LabelRequest, Labels, _labels, "labels",
    ),
    Operation(
        "why", "POST", "/v1/why", "Draw which part of a photo each word of its caption comes from.",
        schemas.PhotoRequest, PNG, _why, "why", 5,
    ),
    Operation(
        "search", "POST", "/v1/search", "Find images by words, by a photo, or by a photo modified by words.",
        schemas.SearchRequest, Matches, _search, "find",
    ),
    Operation(
        "focus", "POST", "/v1/focus", "Find the images most similar to a photo in what a text names.",
        schemas.FocusRequest, Matches, _focus, "focus",
    ),
    Operation(
        "understand", "POST", "/v1/understand", "Say what a message asks for, in one of seven languages.",
        schemas.UnderstandRequest, Understood, _understand, "understand", 0.1,
    ),
    Operation(
        "ask", "POST", "/v1/ask", "Read a message as the bot does, and answer it.",
        schemas.AskRequest, Answer, _ask, "text",
    ),
    # Words.
    Operation(
        "similar", "POST", "/v1/words/similar", "Find the words nearest to a word.",
        schemas.SimilarRequest, Words, _similar, "similar",
    ),
    Operation(
        "analogy", "POST", "/v1/words/analogy", "Answer “a is to b as c is to ?”.",
        schemas.AnalogyRequest, Words, _analogy, "analogy",
    ),
    Operation(
        "alike", "POST", "/v1/words/alike", "Compare two words.",
        schemas.AlikeRequest, WordSimilarity, _alike, "alike",
    ),
    # The gallery and the maps.
    Operation(
        "gallery", "GET", "/v1/gallery", "Return name, size and credit of the gallery.",
        schemas.ApiRequest, GallerySummary, _gallery, "gallery",
    ),
    Operation(
        "picture", "GET", "/v1/pictures/{image}", "Return an image of the gallery.",
        schemas.PictureRequest, JPEG, _picture, "picture", 0.05,
    ),
    Operation(
        "caption", "GET", "/v1/captions/{image}", "Caption an image of the gallery.",
        schemas.ImageRequest, Caption, _caption, "captions", 0.25,
    ),
    Operation(
        "word_points", "GET", "/v1/maps/words", "Return the position of each word on the map of words.",
        schemas.ApiRequest, Points, _word_points, "maps", 2,
    ),
    Operation(
        "image_points", "GET", "/v1/maps/images", "Return the position of each image on the map of images.",
        schemas.ApiRequest, Points, _image_points, "maps", 2,
    ),
    Operation(
        "word_map", "GET", "/v1/maps/words.png", "Draw the map of words; takes some seconds.",
        schemas.ApiRequest, PNG, _word_map, "maps", 10,
    ),
    Operation(
        "image_map", "GET", "/v1/maps/images.png", "Draw the map of images; takes some seconds.",
        schemas.ApiRequest, PNG, _image_map, "maps", 10,
    ),
)  # fmt: skip
