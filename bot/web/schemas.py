"""Request models of the HTTP API: fields, their limits, and examples."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from engine.api import CAPTIONS, LABELS, MATCHES, TAGS

MAX_COUNT = 50  # results: a page shows no more, and a response stays small
MAX_NAME_LENGTH = 3 * 4096  # of an image's name: the longest path, each of its bytes written %XX
MIN_SIDE, MAX_SIDE = 32, 1024  # pixels: a dot of a map, a screen

Word = Annotated[str, Field(max_length=64)]
Text = Annotated[str, Field(max_length=300, description="A few English words.")]
Language = Annotated[
    str, Field(max_length=35, description="The reader's language, such as pt-BR; empty: it is detected.")
]
Count = Annotated[int, Field(ge=1, le=MAX_COUNT, description="Maximum number of results, best first.")]


class ApiRequest(BaseModel):
    """A request without fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PhotoRequest(ApiRequest):
    """A photo: uploaded, or named in the gallery."""

    image: str = Field(
        default="",
        max_length=MAX_NAME_LENGTH,
        description="Instead of a photo: the name of an image of the gallery, as in responses.",
    )


class DescribeRequest(PhotoRequest):
    """A photo to describe."""

    count: Count = MATCHES


class CaptionRequest(PhotoRequest):
    """A photo to caption."""

    count: Count = CAPTIONS


class TagRequest(PhotoRequest):
    """A photo to tag."""

    count: Count = TAGS


class LabelRequest(PhotoRequest):
    """A photo, and labels to choose from."""

    labels: tuple[Text, ...] = Field(
        description="Two to a hundred labels; in a form or a URL, also one text with commas between them.",
        examples=[["a cat", "a dog", "a boat"]],
    )
    count: Count = LABELS

    @field_validator("labels", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:  # noqa: ANN401 - pydantic checks it afterwards
        """Split a single text at its commas: one label alone is never meant."""
        single = value[0] if isinstance(value, list | tuple) and len(value) == 1 else value
        if not isinstance(single, str):
            return value
        return [label.strip() for label in single.split(",") if label.strip()]


class SearchRequest(PhotoRequest):
    """Words, a photo, or a photo and how to change it."""

    text: Text = Field(
        default="", description="What to look for, for example: cat + sofa", examples=["a dog running"]
    )
    count: Count = MATCHES


class UnderstandRequest(ApiRequest):
    """A message in one of seven languages."""

    text: Text = Field(
        description="What somebody writes.", examples=["please show me a beach without people"]
    )
    language: Language = ""
    with_photo: bool = Field(default=False, description="Whether the text lies under a photo and steers it.")


class AskRequest(ApiRequest):
    """A message in one of seven languages."""

    text: Text = Field(
        description="What somebody writes.", examples=["please show me a beach without people"]
    )
    language: Language = ""
    count: Count = MATCHES


class FocusRequest(PhotoRequest):
    """A photo, and the part of it that matters."""

    text: Text = Field(examples=["the face"])
    count: Count = MATCHES


class SimilarRequest(ApiRequest):
    """A word."""

    word: Word = Field(examples=["boy"])
    count: Count = MATCHES


class AnalogyRequest(ApiRequest):
    """Three words: a is to b as c is to ?"""

    a: Word = Field(examples=["man"])
    b: Word = Field(examples=["men"])
    c: Word = Field(examples=["woman"])
    count: Count = MATCHES


class AlikeRequest(ApiRequest):
    """Two words to compare."""

    a: Word = Field(examples=["boy"])
    b: Word = Field(examples=["girl"])


class ImageRequest(ApiRequest):
    """An image of the gallery."""

    image: str = Field(max_length=MAX_NAME_LENGTH, description="Its name, as in responses.")


class PictureRequest(ImageRequest):
    """An image of the gallery, and how large to show it."""

    side: int = Field(
        default=MAX_SIDE,
        ge=MIN_SIDE,
        le=MAX_SIDE,
        description="Maximum length of the longer side, in pixels.",
    )
