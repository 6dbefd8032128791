"""What the operations of the HTTP API respond with, where it is no type of `engine.results`."""

from __future__ import annotations

from pydantic import BaseModel, Field

from engine.results import Caption, Correction, IntentKind, Label, Match, Point, Problem, Tag, WordMatch


class GallerySummary(BaseModel):
    """The gallery that is searched, and the name of one of its images to try other requests with."""

    name: str
    size: int
    credit: str
    example: str


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
    """The points of a map."""

    points: tuple[Point, ...]


class Understood(BaseModel):
    """What a message asks for; see `engine.results.Intent`."""

    kind: str = Field(description="One of " + ", ".join(IntentKind) + ".")
    query: str = Field(description="Of a description: the text to search for, in English.")
    words: tuple[str, ...] = Field(description="Of similar, alike and analogy: the words, in English.")
    positive: tuple[str, ...]
    negative: tuple[str, ...]
    corrections: tuple[Correction, ...] = Field(description="Misspelt words, and what they were read as.")
    translated: bool
    unfamiliar: tuple[str, ...] = Field(
        description="Words of the description that no training caption holds."
    )
    out_of_reach: bool = Field(description="Whether the best matches are a guess.")
    problem: str | None = Field(description="Of nothing, why: one of " + ", ".join(Problem) + ".")
