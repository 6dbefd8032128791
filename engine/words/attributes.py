"""Attributes: which words describe which things, as captions use them: green of grass, red of a shirt."""

from __future__ import annotations

from engine.model.vocabulary import Vocabulary
from engine.words.word_context import shipped_word_context

MIN_ATTRACTION = 2.0  # how many times more often than elsewhere a thing follows its attribute


class AttributeDetector:
    """Decides by the pairs of neighbouring words in captions whether a word describes a thing."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words, self._context = vocabulary.words, shipped_word_context()

    def describes(self, attribute: int, thing: int) -> bool:
        """Return True if a word is an attribute of a thing; both are token ids."""
        return self._context.attraction(self._words[attribute], self._words[thing]) >= MIN_ATTRACTION
