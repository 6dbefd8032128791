"""The names of what the recognizer tells apart: of each class its own names and those of its kinds."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from engine.model.vocabulary import tokenize

_IRREGULAR = {
    "buses": "bus",
    "calves": "calf",
    "children": "child",
    "geese": "goose",
    "knives": "knife",
    "leaves": "leaf",
    "loaves": "loaf",
    "men": "man",
    "mice": "mouse",
    "people": "person",
    "scarves": "scarf",
    "shelves": "shelf",
    "skis": "ski",
    "wolves": "wolf",
    "women": "woman",
}
_ARTICLE = re.compile(r"^(?:an?|the) (?=.)")
_NOT_PLURAL = ("ss", "us", "is")


def singular(word: str) -> str:
    """Return the singular of an English noun, by rule; other words may lose an s as well."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(_NOT_PLURAL):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("ches", "shes", "sses", "xes", "zes", "toes")) else word[:-1]


def name_key(name: str) -> str:
    """Return what all spellings of a name have in common: its words in the singular."""
    return " ".join(map(singular, tokenize(name)))


@dataclass(frozen=True)
class ClassNames:
    """What people call the classes.

    Attributes:
        own: of each class the name by which people tell it from others, such as "giant panda".
        common: what people call it in a sentence, such as "bear"; empty where they hardly do.
        names: all names that stand for it, its own, then those of its kinds, the nearest first.
    """

    own: tuple[str, ...]
    common: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.own)

    def classes(self, name: str) -> tuple[int, ...]:
        """Return the classes that a name stands for: singular or plural, with an article or without."""
        return self._classes.get(_ARTICLE.sub("", name_key(name)), ())

    @cached_property
    def _classes(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, list[int]] = {}
        for number, names in enumerate(self.names):
            for key in dict.fromkeys(map(name_key, names)):
                found.setdefault(key, []).append(number)
        return {key: tuple(numbers) for key, numbers in found.items()}

    def sum_by_common_name(self, probabilities: np.ndarray) -> dict[str, float]:
        """Sum the probabilities (K,) of classes over their common names."""
        names, places = self._common_names
        named = places >= 0
        sums = np.bincount(places[named], probabilities[named], minlength=len(names))
        return dict(zip(names, sums.tolist(), strict=True))

    @cached_property
    def _common_names(self) -> tuple[tuple[str, ...], np.ndarray]:
        """The common names, and the place of each class's (K,) among them; -1 where it has none."""
        names = tuple(dict.fromkeys(filter(None, self.common)))
        place_of = {name: place for place, name in enumerate(names)}
        return names, np.array([place_of.get(name, -1) for name in self.common], int)

    @cached_property
    def common_keys(self) -> dict[str, str]:
        """The `name_key` of each common name."""
        return {name: name_key(name) for name in self._common_names[0]}

    def save(self, file: Path) -> None:
        """Write the names as JSON, a class a line."""
        lines = (
            json.dumps([own, common, *names], ensure_ascii=False)
            for own, common, names in zip(self.own, self.common, self.names, strict=True)
        )
        file.write_text("[" + ",\n".join(lines) + "]\n", encoding="utf-8")


def load(file: Path) -> ClassNames:
    """Read what `ClassNames.save` wrote.

    Raises:
        ValueError: the file is damaged.
    """
    rows: Sequence[Sequence[str]] = json.loads(file.read_text(encoding="utf-8"))
    return ClassNames(
        tuple(row[0] for row in rows), tuple(row[1] for row in rows), tuple(tuple(row[2:]) for row in rows)
    )


def no_class_names() -> ClassNames:
    """Return the names of no classes."""
    return ClassNames((), (), ())
