"""Counts of neighbouring words in captions, for `engine.words.word_context`; seconds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.language.tagging import Tag
from engine.model.vocabulary import SPECIALS, Vocabulary, tokenize
from engine.training.language.descriptions import DescriptionSampler
from engine.words.word_context import EDGE, FIRST, OTHER, save

DRAWS = 1  # further texts for each caption: cut short, or in telegram style
MIN_COUNT = 2  # of a pair that is kept


def count_bigrams(captions: Sequence[str], vocabulary: Vocabulary, file: Path, *, seed: int) -> int:
    """Count the pairs of neighbouring words in captions and write the frequent ones.

    Args:
        captions: sentences that describe photos, in English.
        vocabulary: its output words are told apart.
        file: where the counts are written.
        seed: of the captions that are cut short.

    Returns:
        How many pairs are kept.
    """
    words = vocabulary.words[len(SPECIALS) : vocabulary.output_size]
    ids = {word: number for number, word in enumerate(words, FIRST)}
    sampler, rng = DescriptionSampler(captions, frozenset()), random.Random(seed)
    texts = [*captions, *(sampler.description(rng, Tag.KEPT) for _ in range(DRAWS * len(captions)))]
    numbers = [EDGE]
    for text in texts:
        numbers += [ids.get(word, OTHER) for word in tokenize(text)]
        numbers.append(EDGE)
    row, size = np.array(numbers), FIRST + len(words)
    pairs, counts = np.unique(row[:-1] * size + row[1:], return_counts=True)
    kept = counts >= MIN_COUNT
    save(file, words, pairs[kept], counts[kept])
    return int(kept.sum())
