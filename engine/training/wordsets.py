"""Word vectors held to what people judged: relatedness, analogies, and words no caption held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from engine.model.prototypes import WordPrototypes
from engine.model.vocabulary import SPECIALS, UNKNOWN, Vocabulary, tokenize

MEN = "MEN-TR-3k.txt"
ANALOGIES = "questions-words.txt"

Vectors = Callable[[Sequence[int]], np.ndarray]  # numbers of N words to (N, any width)
Solve = Callable[[int, int, int], np.ndarray]  # a, b and c to scores of all spoken words (V,)


def relatedness(file: Path, vocabulary: Vocabulary, vectors: Vectors) -> dict[str, float]:
    """Spearman's correlation between cosines and people's judgements, on pairs of spoken words.

    Args:
        file: `word word judgement` a line (MEN, Bruni et al. 2014).
        vocabulary: of the network.
        vectors: of words by their numbers.
    """
    rows = [line.split() for line in file.read_text(encoding="utf-8").splitlines()]
    pairs = [(vocabulary.token_id(a), vocabulary.token_id(b), float(judged)) for a, b, judged in rows]
    covered = [pair for pair in pairs if all(_is_spoken(vocabulary, n) for n in pair[:2])]
    table = _unit(vectors(range(vocabulary.output_size)))
    cosines = [float(table[a] @ table[b]) for a, b, _ in covered]
    correlation = float(spearmanr(cosines, [judged for *_, judged in covered]).statistic)
    return {"pairs": len(covered), "spearman": round(correlation, 3)}


def analogies(file: Path, vocabulary: Vocabulary, solve: Solve) -> dict[str, float]:
    """Share of "a is to b as c is to d" where d comes first of all spoken words.

    Args:
        file: `a b c d` a line, sections begin with a colon (Mikolov et al. 2013).
        vocabulary: of the network; quadruples of spoken words are covered.
        solve: gives the scores of all spoken words for a, b and c.
    """
    lines = file.read_text(encoding="utf-8").lower().splitlines()
    rows = [[vocabulary.token_id(word) for word in line.split()] for line in lines if line[0] != ":"]
    covered = np.array([row for row in rows if all(_is_spoken(vocabulary, n) for n in row)])
    a, b, c, d = covered.T
    scores = np.stack([solve(*row[:3]) for row in covered.tolist()])
    scores[:, : len(SPECIALS)] = -np.inf
    for asked in (a, b, c):
        scores[np.arange(len(scores)), asked] = -np.inf
    return {"quadruples": len(covered), "accuracy": round(100 * float((scores.argmax(1) == d).mean()), 1)}


def three_cos_add(vectors: Vectors, vocabulary: Vocabulary) -> Solve:
    """Answer analogies by b - a + c alone (Mikolov et al. 2013)."""
    table = _unit(vectors(range(vocabulary.output_size)))
    return lambda a, b, c: np.asarray(table @ _unit(table[b] - table[a] + table[c]))


def unseen_words(
    prototypes: WordPrototypes,
    captions: Mapping[str, Sequence[str]],
    seen: Sequence[str],
    searched: Sequence[str],
    joint: np.ndarray,
) -> dict[str, float]:
    """Search images by single words that no training caption holds, as `engine.search.retriever` does.

    Args:
        prototypes: what is known of such words.
        captions: photo to what people wrote.
        seen: the training photos.
        searched: the photos to find.
        joint: (photos searched, J), their joint vectors.

    Returns:
        How many such words the captions hold, how many of them are known, and of those the median rank of
        the first photo whose captions hold one.
    """
    trained = {word for name in seen for text in captions[name] for word in tokenize(text)}
    holders: dict[str, set[int]] = defaultdict(set)
    for row, name in enumerate(searched):
        for word in (word for text in captions[name] for word in tokenize(text)):
            if word not in trained:
                holders[word].add(row)
    words = sorted(word for word in holders if word in prototypes)
    if not words:
        return {"of": len(holders), "words": 0, "median_rank": float("nan")}
    found = np.stack([prototypes.of(word) for word in words]) @ joint.T - prototypes.hubs(joint)
    best = [row[sorted(holders[word])].max() for word, row in zip(words, found, strict=True)]
    ranks = [1 + int((row > top).sum()) for row, top in zip(found, best, strict=True)]
    return {"of": len(holders), "words": len(words), "median_rank": float(np.median(ranks))}


def _is_spoken(vocabulary: Vocabulary, number: int) -> bool:
    return UNKNOWN < number < vocabulary.output_size


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)
