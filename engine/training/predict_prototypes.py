"""Zero-shot word prototypes: predicting the joint vectors of words that no training caption contains.

The prototype of a word in the training captions is the mean joint embedding of the photos whose captions
contain it. Kernel ridge regression learns it from two descriptions of the word, its pretrained vector and a
sentence encoder's embedding of "a photo of ...", and predicts it for other words. Regressing from words to
images rather than back keeps images from becoming hubs (Shigeto et al. 2015, arXiv 1507.00825). With the
inverse covariance of the photos beside it, it is ridge regression on both sides (ESZSL, Romera-Paredes, Torr
2015).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.kernel_ridge import KernelRidge

from engine.model.prototypes import SHARES, STEPS, WordPrototypes
from engine.model.vocabulary import tokenize
from engine.training.teachers import encode_sentences

MAX_WORDS = 60_000  # most frequent words of the pretrained vectors
MIN_COUNT = 2  # occurrences in captions before a word is used to fit
MAX_SAMPLE_WEIGHT = 200  # occurrences; the photos of words in thousands of captions have little in common
RIDGE_ALPHA = 10.0
RBF_GAMMA = 2.0  # of exp(-gamma |x - y|^2); word descriptions have length 1
COMPONENTS = 64  # of a compressed prototype; 32 cost a tenth of the rank, all 256 gain a twentieth
NEAREST_CLASSES = 4  # of a word; 8, or all, are no better
CLASS_TEMPERATURE = 0.1  # of the cosines that make them nearer or less
SHRINKAGE = 0.1  # of the mean variance, added to each in the photos' covariance

_WORD = re.compile(r"[a-z]{2,}(?:-[a-z]+)*")


def predict_prototypes(
    captions: Mapping[str, Sequence[str]],
    images: Mapping[str, np.ndarray],
    pretrained: Mapping[str, np.ndarray],
    class_names: Sequence[str],
    sentence_encoder: Path,
) -> WordPrototypes:
    """Fit the prototypes of caption words, and predict those of frequent words that captions lack.

    Args:
        captions: training photo to its captions.
        images: training photo to its joint embedding (J,).
        pretrained: word to its pretrained vector (D,), most frequent words first.
        class_names: a name of each of the recognizer's classes.
        sentence_encoder: folder of the model, see `engine.training.teachers`.
    """
    known, counts, targets = _caption_word_prototypes(captions, images)
    frequent = [word for word in list(pretrained)[:MAX_WORDS] if _WORD.fullmatch(word)]
    unseen = [word for word in frequent if word not in counts]
    words = [*known, *unseen]
    embedded = encode_sentences([f"a photo of {name}" for name in (*words, *class_names)], sentence_encoder)
    meanings = _unit_rows(embedded - embedded[: len(words)].mean(axis=0))
    descriptions = _describe(words, meanings[: len(words)], pretrained)
    model = KernelRidge(alpha=RIDGE_ALPHA, kernel="rbf", gamma=RBF_GAMMA)
    weights = np.minimum([counts[word] for word in known], MAX_SAMPLE_WEIGHT)
    model.fit(descriptions[: len(known)], targets, sample_weight=weights)
    predicted = np.asarray(model.predict(descriptions[len(known) :]))
    nearest = _nearest(meanings[len(known) : len(words)] @ meanings[len(words) :].T)
    return compress(unseen, predicted, np.cov(np.stack(list(images.values())).T), nearest)


def compress(
    words: Sequence[str],
    vectors: np.ndarray,
    covariance: np.ndarray,
    nearest: tuple[np.ndarray, np.ndarray] | None = None,
) -> WordPrototypes:
    """Project the vectors (N, J) of N words on their principal components, and round to int8.

    Args:
        words: N words.
        vectors: (N, J).
        covariance: (J, J), of the joint embeddings of photos.
        nearest: classes, see `WordPrototypes`.
    """
    _, directions = np.linalg.eigh(vectors.T @ vectors)  # weakest first
    basis = directions[:, -COMPONENTS:].T
    coordinates = vectors @ basis.T
    largest = np.maximum(np.abs(coordinates).max(axis=1, keepdims=True), 1e-9)
    codes = np.round(STEPS * coordinates / largest).astype(np.int8)
    width = len(covariance)
    shrunk = covariance + SHRINKAGE * np.trace(covariance) / width * np.eye(width)
    detectors = np.linalg.solve(shrunk, basis.T).T
    return WordPrototypes(words, codes, basis.astype(np.float32), detectors.astype(np.float32), nearest)


def _nearest(cosines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the `NEAREST_CLASSES` classes nearest to each word, and how near, by cosines (N, K)."""
    classes = np.argsort(-cosines, axis=1, kind="stable")[:, :NEAREST_CLASSES]
    near = np.take_along_axis(cosines, classes, axis=1)
    shares = np.exp((near - near.max(axis=1, keepdims=True, initial=-1)) / CLASS_TEMPERATURE)
    return classes.astype(np.uint16), np.round(SHARES * shares).astype(np.uint8)


def _caption_word_prototypes(
    captions: Mapping[str, Sequence[str]], images: Mapping[str, np.ndarray]
) -> tuple[list[str], Counter[str], np.ndarray]:
    """Return the N words to fit on, the count of every caption word, and the N prototypes (N, J)."""
    mean = np.mean(list(images.values()), axis=0)
    counts: Counter[str] = Counter()
    sums: dict[str, np.ndarray] = {}
    for name, texts in captions.items():
        in_photo = Counter(word for text in texts for word in tokenize(text))
        counts.update(in_photo)
        for word, times in in_photo.items():
            sums[word] = sums.get(word, 0.0) + times * (images[name] - mean)
    words = sorted(word for word, count in counts.items() if count >= MIN_COUNT)
    return words, counts, np.stack([sums[word] / counts[word] for word in words])


def _describe(words: Sequence[str], meanings: np.ndarray, pretrained: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return both descriptions of each word, concatenated (N, S + D), of length 1 if it has both.

    Args:
        words: N words.
        meanings: (N, S), of length 1, by the sentence encoder.
        pretrained: word to its pretrained vector (D,).
    """
    width = len(next(iter(pretrained.values())))
    vectors = np.stack([pretrained.get(word, np.zeros(width, np.float32)) for word in words])
    has_vector = vectors.any(axis=1)
    vectors[has_vector] = _centred(vectors[has_vector])
    _, _, directions = np.linalg.svd(vectors[has_vector], full_matrices=False)
    # The two strongest directions encode a word's frequency, not its meaning.
    vectors -= vectors @ directions[:2].T @ directions[:2]
    return np.sqrt(0.5) * np.concatenate((meanings, _unit_rows(vectors)), axis=1)


def _centred(vectors: np.ndarray) -> np.ndarray:
    return vectors - vectors.mean(axis=0)


def _unit_rows(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
