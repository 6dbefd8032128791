"""How many sentences are read as what they ask for, judged without searching: hundreds in a second."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from engine.evaluation.asked_sentences import (
    INTENTS,
    NEGATIONS,
    SLIPS,
    THINGS,
    WAYS,
    content,
    misspell,
    rows,
)
from engine.language.entries import to_foreign
from engine.model.vocabulary import tokenize
from engine.results import Intent, IntentKind

Understand = Callable[[str, str], Intent]  # text and language to what it asks for
Counts = dict[str, Counter[IntentKind]]


class Reading:
    """Compares what sentences are read as with what the captions in them are read as."""

    def __init__(self, understand: Understand, captions: Sequence[str], seed: int) -> None:
        """Take what reads messages.

        Args:
            understand: `EngineAPI.understand`.
            captions: lower case, without their full stops.
            seed: of the slips.
        """
        self._understand, self._captions, self._seed = understand, captions, seed
        self._plain = cache(self._read_plain)

    def ways(self, of_set: str) -> list[dict[str, Any]]:
        """Return for each way of asking of a set the share of captions that keep their content words."""
        return [
            {
                "set": of_set,
                "way": f"{language} {way}",
                "read_right": self._share(language, partial(way.replace, "{}")),
            }
            for language, way in rows(of_set, WAYS)
        ]

    def slips(self) -> list[dict[str, Any]]:
        """Return the share of captions with one slip of the pen that are read as without it."""
        return [{"way": name, "read_right": self._share("en", self.slip(name))} for name in SLIPS]

    def untouched(self) -> float:
        """Return the share of captions in which nothing is corrected: they are spelt right, nearly all."""
        intents = [self._understand(caption, "en") for caption in self._captions]
        return round(sum(not intent.corrections for intent in intents) / len(intents), 3)

    def negations(self, of_set: str) -> list[dict[str, Any]]:
        """Return for each negation of a set how it is read, and whether that is what it says."""
        return [self._negation(of_set, *fields) for fields in rows(of_set, NEGATIONS)]

    def confusion(self, of_set: str) -> Counts:
        """Return how often a set's sentences of each kind of intent are read as each kind."""
        counts: Counts = defaultdict(Counter)
        for kind, language, sentence in rows(of_set, INTENTS):
            counts[kind][self._understand(sentence, language).kind] += 1
        return counts

    def slip(self, name: str) -> Callable[[str], str]:
        """Return what makes slips of one kind, the same ones each time."""
        rng = random.Random(self._seed)
        return lambda caption: misspell(rng, caption, SLIPS[name])

    def _negation(self, of_set: str, language: str, phrase: str, shown: str, hidden: str) -> dict[str, Any]:
        intent = self._understand(phrase, language)
        expected, found = set(content(shown)), set(content(" ".join(intent.positive)))
        excluded = {word for part in intent.negative for word in tokenize(part)}
        is_right = expected <= found and not excluded.isdisjoint(THINGS[hidden].split())
        return {
            "set": of_set,
            "phrase": f"{language} {phrase}",
            "read_as": intent.query,
            "hidden": hidden,
            "right": int(is_right),
        }

    def _share(self, language: str, ask: Callable[[str], str]) -> float:
        right = 0
        for caption in self._captions:
            intent = self._understand(ask(to_foreign(caption, language)), language)
            right += content(intent.query) == self._plain(caption, language)
        return round(right / len(self._captions), 3)

    def _read_plain(self, caption: str, language: str) -> list[str]:
        return content(self._understand(to_foreign(caption, language), language).query)
