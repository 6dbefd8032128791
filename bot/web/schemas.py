"""What can be asked over HTTP: fields, their limits, and an example of each."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from engine.api import CAPTIONS, LABELS, MATCHES, TAGS

MOST = 50  # of anything: a page shows no more, and an answer stays small
SMALLEST, LARGEST = 32, 1024  # pixels a side: a dot of a map, a screen

Word = Annotated[str, Field(max_length=64)]
Text = Annotated[str, Field(max_length=300, description="A few English words.")]
Count = Annotated[int, Field(ge=1, le=MOST, description="How many at most, best first.")]


class Question(BaseModel):
    """Nothing to say but that one asks."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PhotoQuestion(Question):
    """A photo: sent along, or one of the gallery."""

    image: str = Field(
        default="",
        max_length=300,
        description="Instead of a photo: the name of an image of the gallery, as answers give it.",
    )


class DescribeQuestion(PhotoQuestion):
    """A photo to describe."""

    count: Count = MATCHES


class CaptionQuestion(PhotoQuestion):
    """A photo to caption."""

    count: Count = CAPTIONS


class TagQuestion(PhotoQuestion):
    """A photo to find words for."""

    count: Count = TAGS


class LabelQuestion(PhotoQuestion):
    """A photo, and labels to choose from."""

    labels: tuple[Text, ...] = Field(
        description="From two to a hundred labels.", examples=[["a cat", "a dog", "a boat"]]
    )
    count: Count = LABELS


class SearchQuestion(PhotoQuestion):
    """Words, a photo, or a photo and how to change it."""

    text: Text = Field(
        default="", description="What to look for, such as: cat + sofa", examples=["a dog running"]
    )
    count: Count = MATCHES


class FocusQuestion(PhotoQuestion):
    """A photo, and what in it matters."""

    text: Text = Field(examples=["the face"])
    count: Count = MATCHES


class SimilarQuestion(Question):
    """A word."""

    word: Word = Field(examples=["boy"])
    count: Count = MATCHES


class AnalogyQuestion(Question):
    """Three words: a is to b as c is to ?"""

    a: Word = Field(examples=["man"])
    b: Word = Field(examples=["men"])
    c: Word = Field(examples=["woman"])
    count: Count = MATCHES


class AlikeQuestion(Question):
    """Two words to compare."""

    a: Word = Field(examples=["boy"])
    b: Word = Field(examples=["girl"])


class PictureQuestion(Question):
    """An image of the gallery, and how large to show it."""

    image: str = Field(max_length=300, description="Its name, as answers give it.")
    side: int = Field(
        default=LARGEST, ge=SMALLEST, le=LARGEST, description="Pixels of the longer side, at most."
    )
