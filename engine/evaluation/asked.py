"""Evaluation of understanding: ways of asking, slips of the pen, negations, and intents.

The sentences are those of `asked/`, see `engine.evaluation.asked_sentences`. How they are read is judged on a
hundred captions at least; what is then found, on as many as are asked for.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from typing import Any

from tqdm import tqdm

from data.flickr8k import Flickr8k
from engine.errors import EmptyQueryError
from engine.evaluation.asked_reading import Reading
from engine.evaluation.asked_sentences import SETS, SLIPS, THINGS, WAYS, rows
from engine.evaluation.encoding import captioned_photos
from engine.language.entries import to_foreign
from engine.model.vocabulary import tokenize
from engine.results import IntentKind
from engine.service import Engine

TOP = 10  # images among which the right one must be
READ = 100  # captions whose reading is judged without a search
NEAR = 0.95  # of the plain caption's recall, the goal of every way of asking
MIN_MENTIONS = 2  # captions of a photo that name a thing, for the photo to show it


@dataclass(frozen=True)
class Query:
    """A caption that searches for its photo.

    Attributes:
        caption: lower case, without its full stop.
        photo: its name in the gallery.
    """

    caption: str
    photo: str


class AskedEvaluation:
    """Measures one engine, whose gallery is Flickr8K."""

    def __init__(
        self,
        engine: Engine,
        flickr8k: Flickr8k,
        split: str,
        queries: int,
        *,
        seed: int = 1,
        literally: bool = False,
    ) -> None:
        """Draw the captions of a split: all are read, the first search for their photos.

        Args:
            engine: searches all of Flickr8K.
            flickr8k: the data set.
            split: its photos are searched for, among all.
            queries: how many captions search.
            seed: of the draw and of the slips.
            literally: whether to search for each sentence as it is written, too; most of the time goes there.
        """
        self._engine, self._flickr8k, self._literally = engine, flickr8k, literally
        rng = random.Random(seed)
        names = captioned_photos(flickr8k, split)
        photos = rng.sample(names, min(max(queries, READ), len(names)))
        captions = [rng.choice(flickr8k.captions[photo]).strip(" .").lower() for photo in photos]
        self._queries = [Query(*pair) for pair in zip(captions, photos, strict=True)][:queries]
        self.reading = Reading(cache(engine.understand), captions, seed)
        self._found = cache(self._find)

    def ways(self, of_set: str) -> list[dict[str, Any]]:
        """Return for each way of asking how it is read, and recall@10 beside the plain caption's."""
        read = zip(rows(of_set, WAYS), self.reading.ways(of_set), strict=True)
        return [
            {**row, **self._recalls(language, partial(way.replace, "{}"))}
            for (language, way), row in tqdm(list(read), desc=f"ways, {of_set} set", unit="")
        ]

    def slips(self) -> list[dict[str, Any]]:
        """Return the same for captions with one slip of the pen."""
        read = zip(SLIPS, self.reading.slips(), strict=True)
        return [{**row, **self._recalls("en", self.reading.slip(name))} for name, row in read]

    def negations(self, of_set: str) -> list[dict[str, Any]]:
        """Return for each negation how many of the ten best show what they should not: as read, literally."""
        return [
            {
                **row,
                "shown": self._showing(row["read_as"], row["hidden"]),
                "shown_literally": self._showing(row["phrase"].partition(" ")[2], row["hidden"]),
            }
            for row in self.reading.negations(of_set)
        ]

    def confusion(self, of_set: str) -> list[dict[str, Any]]:
        """Return for each kind of intent how often it was read as each kind."""
        return [
            {
                "set": of_set,
                "kind": kind,
                "right": f"{100 * row[IntentKind(kind)] / row.total():.0f} %",
                **{str(other): row[other] for other in IntentKind},
            }
            for kind, row in self.reading.confusion(of_set).items()
        ]

    def _recalls(self, language: str, ask: Callable[[str], str]) -> dict[str, float]:
        """Return recall@10 of the plain caption, of asking, and, if wanted, of the sentence as it is."""
        plain = [to_foreign(query.caption, language) for query in self._queries]
        asked = [ask(caption) for caption in plain]
        understood = self._recall([self._read(sentence, language) for sentence in asked])
        reference = self._recall([self._read(sentence, language) for sentence in plain])
        literal = {"literally": self._recall(asked)} if self._literally else {}
        return {"plain": reference, "asked": understood} | literal

    def _read(self, sentence: str, language: str) -> str:
        return self._engine.understand(sentence, language).query

    def _recall(self, texts: Sequence[str]) -> float:
        """Return the share of the queries' photos that are among the ten best of these texts."""
        pairs = zip(texts, self._queries, strict=True)
        return round(sum(query.photo in self._found(text) for text, query in pairs) / len(self._queries), 3)

    def _find(self, text: str) -> tuple[str, ...]:
        try:
            return tuple(match.image for match in self._engine.find(text, TOP))
        except EmptyQueryError:
            return ()

    def _showing(self, text: str, hidden: str) -> int:
        """Return how many of the ten best photos of a text show a thing, by their captions."""
        names = set(THINGS[hidden].split())
        captions = (self._flickr8k.captions.get(photo, ()) for photo in self._found(text))
        return sum(
            sum(not names.isdisjoint(tokenize(caption)) for caption in of_photo) >= MIN_MENTIONS
            for of_photo in captions
        )


def evaluate_asked(
    engine: Engine,
    flickr8k: Flickr8k,
    split: str,
    queries: int = 300,
    *,
    seed: int = 1,
    literally: bool = False,
) -> dict[str, Any]:
    """Measure how well an engine understands what it is asked; see `AskedEvaluation`."""
    evaluation = AskedEvaluation(engine, flickr8k, split, queries, seed=seed, literally=literally)
    ways = {of_set: evaluation.ways(of_set) for of_set in SETS}
    negations = {of_set: evaluation.negations(of_set) for of_set in SETS}
    intents = {of_set: evaluation.confusion(of_set) for of_set in SETS}
    slips = evaluation.slips()
    return {
        "split": split,
        "queries": queries,
        "summary": {
            **{
                of_set: {
                    "ways": _by_language(ways[of_set]),
                    "negations": _read_right(negations[of_set]),
                    "intents": _right_kinds(intents[of_set]),
                }
                for of_set in SETS
            },
            "slips": {row["way"]: {"read_right": row["read_right"], "ratio": _ratio(row)} for row in slips},
            "captions_left_as_they_are": evaluation.reading.untouched(),
        },
        "recall_at_10_by_way_of_asking": [*chain(*ways.values())],
        "recall_at_10_with_slips": slips,
        "ten_best_that_show_what_they_should_not": [*chain(*negations.values())],
        "intents": [*chain(*intents.values())],
    }


def _by_language(ways: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return for English and other languages how many ways reach the goal, and means over all ways.

    They are recall@10 as a share of the plain caption's, and the share that is read right.
    """
    groups: dict[str, list[dict[str, Any]]] = {"english": [], "other_languages": []}
    for row in ways:
        groups["english" if row["way"].startswith("en ") else "other_languages"].append(row)
    return {
        name: {
            "within_5_percent": f"{sum(map(_is_near, of_group))} of {len(of_group)}",
            "ratio": round(sum(map(_ratio, of_group)) / len(of_group), 3),
            "read_right": round(sum(row["read_right"] for row in of_group) / len(of_group), 3),
        }
        for name, of_group in groups.items()
    }


def _read_right(negations: Sequence[dict[str, Any]]) -> str:
    return f"{sum(row['right'] for row in negations)} of {len(negations)}"


def _right_kinds(confusion: Sequence[dict[str, Any]]) -> str:
    right = sum(row[row["kind"]] for row in confusion)
    return f"{right} of {sum(row[kind] for row in confusion for kind in IntentKind)}"


def _ratio(row: dict[str, Any]) -> float:
    """Return recall of asking as a share of the plain caption's."""
    return round(row["asked"] / row["plain"], 3) if row["plain"] else 1.0


def _is_near(row: dict[str, Any]) -> bool:
    return _ratio(row) >= NEAR
