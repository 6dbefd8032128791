"""Evaluation of understanding: ways of asking, slips of the pen, negations, and intents.

`asked/` holds sentences that were not used in training: ways of asking around a description, negations, and
sentences with what they ask for.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from data.flickr8k import Flickr8k
from engine.errors import EmptyQueryError
from engine.evaluation.encoding import captioned_photos
from engine.language.dictionary import to_foreign
from engine.model.vocabulary import tokenize
from engine.results import IntentKind
from engine.service import Engine
from engine.words.stopwords import is_content

FOLDER = Path(__file__).with_name("asked")
WAYS, NEGATIONS, INTENTS = "ways.txt", "negations.txt", "intents.txt"
TOP = 10  # images among which the right one must be
MIN_MENTIONS = 2  # captions of a photo that name a thing, for the photo to show it
MIN_SLIP = 4  # letters of a word in which a slip is made
THINGS = {
    "people": "people person man men woman women boy boys girl girls child children kid kids couple crowd "
    "lady guy group someone baby toddler player players",
    "grass": "grass grassy lawn",
    "cars": "car cars truck van traffic taxi",
    "dogs": "dog dogs puppy puppies",
    "snow": "snow snowy snowing",
    "woman": "woman women lady girl girls",
    "ball": "ball balls football soccer basketball",
}


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

    def __init__(self, engine: Engine, flickr8k: Flickr8k, split: str, queries: int, seed: int) -> None:
        """Draw the captions of a split that search for their photos.

        Args:
            engine: searches all of Flickr8K.
            flickr8k: the data set.
            split: its photos are searched for, among all.
            queries: how many captions.
            seed: of the draw and of the slips.
        """
        self._engine, self._flickr8k = engine, flickr8k
        rng = random.Random(seed)
        photos = rng.sample(captioned_photos(flickr8k, split), queries)
        captions = [rng.choice(flickr8k.captions[photo]).strip(" .").lower() for photo in photos]
        self._queries = [Query(*pair) for pair in zip(captions, photos, strict=True)]
        self._seed = seed
        self._found = cache(self._find)

    def ways(self) -> list[dict[str, Any]]:
        """Return recall@10 of each way of asking, beside the plain caption's and the literal sentence's."""
        return [
            {
                "way": f"{language} {group}: {way}",
                **self._recalls(language, partial(way.replace, "{}")),
            }
            for language, group, way in tqdm(list(_rows(WAYS)), desc="ways", unit="")
        ]

    def slips(self) -> list[dict[str, Any]]:
        """Return recall@10 of captions with one slip of the pen."""
        return [
            {"way": "two letters swapped", **self._recalls("en", self._slip(_swap))},
            {"way": "a letter left out", **self._recalls("en", self._slip(_omit))},
        ]

    def negations(self) -> list[dict[str, Any]]:
        """Return for each negation how many of the ten best show what they should not, now and literally."""
        rows = []
        for language, phrase, shown, hidden in _rows(NEGATIONS):
            intent = self._engine.understand(phrase, language)
            expected, found = set(_content(shown)), set(_content(" ".join(intent.positive)))
            is_read = expected <= found and any(word in " ".join(intent.negative) for word in hidden.split())
            rows.append({
                "phrase": f"{language} {phrase}",
                "read_as": intent.query,
                "right": int(is_read),
                "shown": self._showing(intent.query, hidden),
                "shown_today": self._showing(phrase, hidden),
            })  # fmt: skip
        return rows

    def confusion(self) -> list[dict[str, Any]]:
        """Return for each kind of intent how often it was read as each kind."""
        counts: dict[str, Counter[IntentKind]] = defaultdict(Counter)
        for kind, language, sentence in _rows(INTENTS):
            counts[kind][self._engine.understand(sentence, language).kind] += 1
        return [
            {
                "kind": kind,
                "right": f"{100 * row[IntentKind(kind)] / row.total():.0f} %",
                **{str(other): row[other] for other in IntentKind},
            }
            for kind, row in counts.items()
        ]

    def _recalls(self, language: str, ask: Callable[[str], str]) -> dict[str, float]:
        """Return recall@10 of asking, of the plain caption, and of the sentence as it is."""
        plain = [to_foreign(query.caption, language) for query in self._queries]
        asked = [ask(caption) for caption in plain]
        today = self._recall(asked)
        understood = self._recall([self._read(sentence, language) for sentence in asked])
        reference = self._recall([self._read(sentence, language) for sentence in plain])
        return {"today": today, "plain": reference, "asked": understood}

    def _read(self, sentence: str, language: str) -> str:
        return self._engine.understand(sentence, language).query

    def _recall(self, texts: Sequence[str]) -> float:
        """Return the share of the queries' photos that are among the ten best of these texts."""
        pairs = zip(texts, self._queries, strict=True)
        return sum(query.photo in self._found(text) for text, query in pairs) / len(self._queries)

    def _find(self, text: str) -> tuple[str, ...]:
        try:
            return tuple(match.image for match in self._engine.find_literally(text, TOP))
        except EmptyQueryError:
            return ()

    def _slip(self, slip: Callable[[random.Random, str], str]) -> Callable[[str], str]:
        rng = random.Random(self._seed)

        def misspell(caption: str) -> str:
            words = caption.split()
            places = [n for n, word in enumerate(words) if _can_slip(word)]
            if places:
                place = rng.choice(places)
                words[place] = slip(rng, words[place])
            return " ".join(words)

        return misspell

    def _showing(self, text: str, hidden: str) -> int:
        """Return how many of the ten best photos of a text show a thing, by their captions."""
        names = set(THINGS[hidden].split())
        captions = (self._flickr8k.captions.get(photo, ()) for photo in self._found(text))
        return sum(
            sum(not names.isdisjoint(tokenize(caption)) for caption in of_photo) >= MIN_MENTIONS
            for of_photo in captions
        )


def evaluate_asked(
    engine: Engine, flickr8k: Flickr8k, split: str, queries: int = 200, seed: int = 1
) -> dict[str, Any]:
    """Measure how well an engine understands what it is asked; see `AskedEvaluation`."""
    evaluation = AskedEvaluation(engine, flickr8k, split, queries, seed)
    return {
        "split": split,
        "queries": queries,
        "recall_at_10_by_way_of_asking": evaluation.ways(),
        "recall_at_10_with_slips": evaluation.slips(),
        "ten_best_that_show_what_they_should_not": evaluation.negations(),
        "intents": evaluation.confusion(),
    }


def _rows(name: str) -> Iterator[list[str]]:
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    return (line.split("\t") for line in lines if line and not line.startswith("#"))


def _content(text: str) -> list[str]:
    return [word for word in tokenize(text) if is_content(word)]


def _can_slip(word: str) -> bool:
    return len(word) >= MIN_SLIP and word.isalpha() and is_content(word) and len(set(word[1:])) > 1


def _swap(rng: random.Random, word: str) -> str:
    """Swap two different neighbouring letters, not the first."""
    at = rng.choice([n for n in range(1, len(word) - 1) if word[n] != word[n + 1]])
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _omit(rng: random.Random, word: str) -> str:
    at = rng.randrange(1, len(word))
    return word[:at] + word[at + 1 :]
