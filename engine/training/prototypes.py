"""Predicting what a word looks like from what is said of it elsewhere.

A word of the training captions has a look: the mean joint vector of the photos whose captions hold it.
Kernel regression learns it from two descriptions of the word, its general vector and what a sentence
encoder makes of "a photo of ...", and predicts it for words that no caption holds. Regressing from words
to images, and not back, keeps images from becoming hubs (Shigeto et al. 2015, arXiv 1507.00825).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.kernel_ridge import KernelRidge

from engine.model.prototypes import STEPS, WordPrototypes
from engine.model.vocabulary import tokenize
from engine.training.teachers import encode_sentences

WORDS = 60_000  # of the general vectors, the most frequent first
FEWEST = 2  # times that a word stands in captions before it teaches
MOST = 200  # times that count; a word in a thousand captions looks like many things
RIDGE = 10.0
GAMMA = 1.0  # of exp(-gamma |x - y|^2); the descriptions of a word have length 1
NUMBERS = 32  # that a look is kept in; more of them find no more

_WORD = re.compile(r"[a-z]{2,}(?:-[a-z]+)*")


def predict_prototypes(
    captions: Mapping[str, Sequence[str]],
    images: Mapping[str, np.ndarray],
    general: Mapping[str, np.ndarray],
    sentences: Path,
) -> WordPrototypes:
    """Learn looks from training photos, and predict those of frequent words that their captions lack.

    Args:
        captions: training photo to what people wrote.
        images: training photo to its joint vector (J,).
        general: word to its general vector, most frequent words first.
        sentences: folder of the sentence encoder, see `engine.training.teachers`.
    """
    seen, counts, means = _mean_photos(captions, images)
    frequent = [word for word in list(general)[:WORDS] if _WORD.fullmatch(word)]
    unseen = [word for word in frequent if word not in counts]
    told = _describe([*seen, *unseen], general, sentences)
    model = KernelRidge(alpha=RIDGE, kernel="rbf", gamma=GAMMA)
    model.fit(told[: len(seen)], means, sample_weight=np.minimum([counts[word] for word in seen], MOST))
    return compress(unseen, np.asarray(model.predict(told[len(seen) :])))


def compress(words: Sequence[str], vectors: np.ndarray) -> WordPrototypes:
    """Keep the directions of N vectors (N, J) in few numbers of 8 bits."""
    _, directions = np.linalg.eigh(vectors.T @ vectors)  # weakest first
    basis = directions[:, -NUMBERS:].T
    numbers = vectors @ basis.T
    largest = np.maximum(np.abs(numbers).max(axis=1, keepdims=True), 1e-9)
    return WordPrototypes(
        words, np.round(STEPS * numbers / largest).astype(np.int8), basis.astype(np.float32)
    )


def _mean_photos(
    captions: Mapping[str, Sequence[str]], images: Mapping[str, np.ndarray]
) -> tuple[list[str], Counter[str], np.ndarray]:
    """Words that teach, how often each word stands in captions, and the looks (words, J) of those."""
    middle = np.mean(list(images.values()), axis=0)
    counts: Counter[str] = Counter()
    sums: dict[str, np.ndarray] = {}
    for name, texts in captions.items():
        here = Counter(word for text in texts for word in tokenize(text))
        counts.update(here)
        for word, times in here.items():
            sums[word] = sums.get(word, 0.0) + times * (images[name] - middle)
    words = sorted(word for word, count in counts.items() if count >= FEWEST)
    return words, counts, np.stack([sums[word] / counts[word] for word in words])


def _describe(words: Sequence[str], general: Mapping[str, np.ndarray], sentences: Path) -> np.ndarray:
    """Two descriptions of each word side by side, (N, D + G), of length 1 where both are there."""
    told = encode_sentences([f"a photo of {word}" for word in words], sentences)
    width = len(next(iter(general.values())))
    known = np.stack([general.get(word, np.zeros(width, np.float32)) for word in words])
    has_one = known.any(axis=1)
    known[has_one] = _centred(known[has_one])
    _, _, directions = np.linalg.svd(known[has_one], full_matrices=False)
    known -= known @ directions[:2].T @ directions[:2]  # how frequent a word is, not what it means
    return np.sqrt(0.5) * np.concatenate((_unit(_centred(told)), _unit(known)), axis=1)


def _centred(vectors: np.ndarray) -> np.ndarray:
    return vectors - vectors.mean(axis=0)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
