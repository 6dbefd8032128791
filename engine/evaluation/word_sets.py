"""Word metrics: relatedness (MEN), analogies (Google), and image search by words unseen in training."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from engine.model.prototypes import WordPrototypes
from engine.model.vocabulary import SPECIALS, UNKNOWN, Vocabulary, tokenize
from engine.search.zero_shot import zero_shot_scores

MEN_FILE = "MEN-TR-3k.txt"
ANALOGIES_FILE = "questions-words.txt"
FIRST = 10  # results that a reader looks at

WordVectors = Callable[[Sequence[int]], np.ndarray]  # N token ids to their vectors (N, any width)
AnalogySolver = Callable[[int, int, int], np.ndarray]  # a, b and c to scores (V,) of the output vocabulary


def word_relatedness(file: Path, vocabulary: Vocabulary, vectors: WordVectors) -> dict[str, float]:
    """Return Spearman's correlation of cosines with human judgements.

    Args:
        file: `word word judgement` a line (MEN, Bruni et al. 2014).
        vocabulary: pairs in which both words are in its output vocabulary are used.
        vectors: returns the vectors of token ids.

    Returns:
        The number of pairs and the correlation.
    """
    from scipy.stats import spearmanr  # takes a second to import

    rows = [line.split() for line in file.read_text(encoding="utf-8").splitlines()]
    pairs = [(vocabulary.token_id(a), vocabulary.token_id(b), float(judged)) for a, b, judged in rows]
    covered = [pair for pair in pairs if all(_is_output_word(vocabulary, n) for n in pair[:2])]
    table = _unit_rows(vectors(range(vocabulary.output_size)))
    cosines = [float(table[a] @ table[b]) for a, b, _ in covered]
    correlation = float(spearmanr(cosines, [judged for *_, judged in covered]).statistic)
    return {"pairs": len(covered), "spearman": round(correlation, 3)}


def analogy_accuracy(file: Path, vocabulary: Vocabulary, solve: AnalogySolver) -> dict[str, float]:
    """Return the accuracy on "a is to b as c is to d": d must rank first in the output vocabulary.

    Args:
        file: `a b c d` a line, sections begin with a colon (Mikolov et al. 2013).
        vocabulary: quadruples whose words are all in its output vocabulary are used.
        solve: returns the scores of the output vocabulary for a, b and c.

    Returns:
        The number of quadruples and the accuracy in percent.
    """
    lines = file.read_text(encoding="utf-8").lower().splitlines()
    rows = [[vocabulary.token_id(word) for word in line.split()] for line in lines if line[0] != ":"]
    covered = np.array([row for row in rows if all(_is_output_word(vocabulary, n) for n in row)])
    a, b, c, d = covered.T
    scores = np.stack([solve(*row[:3]) for row in covered.tolist()])
    scores[:, : len(SPECIALS)] = -np.inf
    for query_word in (a, b, c):
        scores[np.arange(len(scores)), query_word] = -np.inf
    return {"quadruples": len(covered), "accuracy": round(100 * float((scores.argmax(1) == d).mean()), 1)}


def three_cos_add(vectors: WordVectors, vocabulary: Vocabulary) -> AnalogySolver:
    """Return a solver that ranks words by their cosine with b - a + c (3CosAdd, Mikolov et al. 2013)."""
    table = _unit_rows(vectors(range(vocabulary.output_size)))
    return lambda a, b, c: np.asarray(table @ _unit_rows(table[b] - table[a] + table[c]))


def unseen_word_search(
    prototypes: WordPrototypes,
    captions: Mapping[str, Sequence[str]],
    train_photos: Sequence[str],
    gallery: Sequence[str],
    *,
    joint: np.ndarray,
    classes: np.ndarray,
) -> dict[str, float]:
    """Search images by single words that no training caption contains, as `engine.search.retriever` does.

    Args:
        prototypes: predicted joint vectors of such words.
        captions: photo to its reference captions.
        train_photos: names of the training photos.
        gallery: names of the N photos to search.
        joint: (N, J), joint embeddings of the photos to search.
        classes: (N, TOP, 2), their likeliest classes.

    Returns:
        `of`: number of such words in the captions of the gallery; `words`: how many of them have a
        prototype; `median_rank`: of the first photo whose captions contain the word; `among_first_ten`: share
        of the words for which it is among the first ten.
    """
    trained = {word for name in train_photos for text in captions[name] for word in tokenize(text)}
    relevant: dict[str, set[int]] = defaultdict(set)
    for row, name in enumerate(gallery):
        for word in (word for text in captions[name] for word in tokenize(text)):
            if word not in trained:
                relevant[word].add(row)
    words = sorted(word for word in relevant if word in prototypes)
    if not words:
        return {"of": len(relevant), "words": 0, "median_rank": math.nan, "among_first_ten": math.nan}
    scores = [zero_shot_scores(prototypes, word, joint, classes) for word in words]
    best = [row[sorted(relevant[word])].max() for word, row in zip(words, scores, strict=True)]
    ranks = [1 + int((row > top).sum()) for row, top in zip(scores, best, strict=True)]
    return {
        "of": len(relevant),
        "words": len(words),
        "median_rank": float(np.median(ranks)),
        "among_first_ten": float(np.mean(np.array(ranks) <= FIRST)),
    }


def _is_output_word(vocabulary: Vocabulary, token_id: int) -> bool:
    return UNKNOWN < token_id < vocabulary.output_size


def _unit_rows(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)
