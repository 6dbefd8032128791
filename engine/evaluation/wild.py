"""Evaluation on photos unlike the training photos: everyday photos, and photos of 1,000 kinds of things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from data.wild import WildPhotos
from engine.errors import EmptyQueryError
from engine.evaluation.caption_metrics import caption_metrics
from engine.model.vocabulary import tokenize
from engine.results import Caption, Match, Tag
from engine.words.stopwords import is_content

TAGS = 10
FIRST = 10  # results in which a class's photo should be
# Words that name a dog, and words that name a person, in captions.
DOG = frozenset(["dog", "dogs", "puppy", "puppies"])
PERSON = frozenset(
    [
        "man",
        "men",
        "woman",
        "women",
        "boy",
        "boys",
        "girl",
        "girls",
        "person",
        "persons",
        "people",
        "child",
        "children",
        "kid",
        "kids",
        "baby",
        "babies",
        "lady",
        "ladies",
        "guy",
        "guys",
        "gentleman",
        "adult",
        "adults",
        "toddler",
        "toddlers",
        "teenager",
        "teenagers",
        "player",
        "players",
        "skier",
        "skiers",
        "surfer",
        "surfers",
        "snowboarder",
        "snowboarders",
        "skateboarder",
        "skateboarders",
        "rider",
        "riders",
        "batter",
        "pitcher",
        "crowd",
        "couple",
        "family",
        "worker",
        "workers",
        "chef",
        "cyclist",
        "biker",
        "bikers",
        "pedestrian",
        "pedestrians",
        "someone",
        "him",
        "her",
    ]
)


class WildEngine(Protocol):
    """What of `engine.service.Engine` is measured; its gallery holds the class photos by their file names."""

    def captions(self, photo: bytes, count: int) -> tuple[Caption, ...]: ...
    def tags(self, photo: bytes, count: int) -> tuple[Tag, ...]: ...
    def find(self, text: str, count: int) -> tuple[Match, ...]: ...


def evaluate_wild(engine: WildEngine, photos: WildPhotos) -> dict[str, Any]:
    """Measure captions of everyday photos, and tags and search of class photos.

    Returns:
        Caption metrics; captions that name a dog or a person, and how many of them are wrong because no
        reference caption names one; Brier score of the confidence; how often the last word of a class's name
        is among ten tags, and the first of them; rank of a class's photo among those of all classes when its
        name is searched for.
    """
    best = {photo: engine.captions(photo.read_bytes(), 1)[0] for photo in photos.captions}
    return {
        "everyday_photos": len(best),
        **caption_scores(best, photos.captions),
        "class_photos": len(photos.class_names),
        "tags": tag_accuracy(engine, photos.class_names),
        "search": class_search(engine, photos.class_names),
    }


def caption_scores(best: Mapping[Path, Caption], references: Mapping[Path, Sequence[str]]) -> dict[str, Any]:
    """Score one caption for each photo."""
    texts = {str(photo): caption.text for photo, caption in best.items()}
    truth = {str(photo): list(references[photo]) for photo in best}
    return {
        "caption": caption_metrics(texts, truth),
        "names_a_dog": wrongly_named(texts, truth, DOG),
        "names_a_person": wrongly_named(texts, truth, PERSON),
        "confidence": confidence_scores(best, references),
    }


def wrongly_named(
    captions: Mapping[str, str], references: Mapping[str, Sequence[str]], words: frozenset[str]
) -> dict[str, int]:
    """Count the captions with one of the words, and those of which no reference caption has one."""
    named = [photo for photo, text in captions.items() if words & set(tokenize(text))]
    wrong = [photo for photo in named if not words & _words(references[photo])]
    return {"captions": len(named), "wrong": len(wrong)}


def confidence_scores(
    best: Mapping[Path, Caption], references: Mapping[Path, Sequence[str]]
) -> dict[str, float]:
    """Compare confidences with whether a caption is right, by the Brier score; 0 is best."""
    confidences = [0.5 if caption.confidence is None else caption.confidence for caption in best.values()]
    right = [is_right(caption.text, references[photo]) for photo, caption in best.items()]
    truth = np.array(right, dtype=float)
    return {
        "right": round(float(truth.mean()), 3),
        "mean_confidence": round(float(np.mean(confidences)), 3),
        "brier": round(float(np.mean((np.array(confidences) - truth) ** 2)), 3),
        "brier_of_the_mean": round(float(truth.var()), 3),
    }


def is_right(caption: str, references: Sequence[str]) -> bool:
    """Return whether at least half of a caption's content words are in reference captions."""
    words = [word for word in tokenize(caption) if is_content(word)]
    known = _words(references)
    return 2 * sum(word in known for word in words) >= len(words)


def tag_accuracy(engine: WildEngine, class_names: Mapping[Path, str]) -> dict[str, float]:
    """Return how often the last word of a class's name is among ten tags of its photo, and the first."""
    among, first = [], []
    for photo, name in class_names.items():
        words = [tag.word for tag in engine.tags(photo.read_bytes(), TAGS)]
        word = _last_word(name)
        among.append(word in words)
        first.append(words[:1] == [word])
    return {"among_ten": round(float(np.mean(among)), 3), "first": round(float(np.mean(first)), 3)}


def class_search(engine: WildEngine, class_names: Mapping[Path, str]) -> dict[str, float]:
    """Search for each class by its name; a name that is not understood ranks its photo last."""
    ranks, unknown = [], 0
    for photo, name in class_names.items():
        try:
            found = [match.image for match in engine.find(name, len(class_names))]
        except EmptyQueryError:
            found, unknown = [], unknown + 1
        ranks.append(found.index(photo.name) + 1 if photo.name in found else len(class_names))
    return {
        "names": len(ranks),
        "not_understood": unknown,
        "median_rank": float(np.median(ranks)),
        "among_first_ten": round(float(np.mean(np.array(ranks) <= FIRST)), 3),
    }


def _last_word(name: str) -> str:
    return name.lower().replace("-", " ").split()[-1]


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in tokenize(text)}
