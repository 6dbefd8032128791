"""Names in sentences without photos, and what a recognizer might have said of the photos they describe.

The decoder learns from such a sentence as if its photo had been there: with the names of what it mentions,
some left out, some of what other sentences about the photo mention, and some wrong ones, each with a
probability (ViECap, Fei et al. 2023, arXiv 2307.16525, does so with the nouns alone).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from engine.model.class_names import ClassNames, name_key, singular
from engine.model.vocabulary import Vocabulary, tokenize
from engine.training.names.detected_words import label_captions
from engine.words.stopwords import is_content

MAX_WORDS = 3  # of a name
MIN_AGREEMENT = 0.75  # share of a phrase's classes that have one common name before it stands for that name
WINDOW = 60  # sentences before and after one, among which the others about its photo are
MIN_COSINE, MAX_GROUP = 0.68, 4  # of sentences that are taken for descriptions of one photo
CONTEXT = 30  # names that fit a sentence by their word vectors
# Spellings of common names that WordNet has under other classes or not at all.
SPELLINGS = {
    "bike": "bicycle",
    "bull": "cattle",
    "cab": "car",
    "cake": "dessert",
    "cellphone": "cell phone",
    "cow": "cattle",
    "fridge": "refrigerator",
    "gull": "bird",
    "jet": "airplane",
    "lamb": "sheep",
    "meal": "food",
    "microwave": "microwave oven",
    "monitor": "computer monitor",
    "motorbike": "motorcycle",
    "phone": "cell phone",
    "plane": "airplane",
    "sandwich": "hamburger",
    "ski": "skis",
    "sofa": "couch",
    "tv": "television",
}
# Words that are common names and mean something else in most sentences.
AMBIGUOUS = frozenset(
    [
        "bow",
        "chest",
        "court",
        "cricket",
        "decoration",
        "ear",
        "fly",
        "head",
        "hip",
        "iron",
        "jack",
        "person",
        "plate",
        "rubber",
        "scale",
        "spot",
        "works",
    ]
)


def names_in_sentences(sentences: Sequence[str], names: ClassNames) -> list[list[str]]:
    """Return the common names that each sentence mentions, by whatever name of their classes."""
    phrases = _phrases(names)
    return [list(dict.fromkeys(_mentions(sentence, phrases))) for sentence in sentences]


def _phrases(names: ClassNames) -> dict[str, str]:
    counts: dict[str, Counter[str]] = {}
    for of_class, common in zip(names.names, names.common, strict=True):
        for name in of_class if common else ():
            counts.setdefault(name_key(name), Counter())[common] += 1
    best = {phrase: count.most_common(1)[0] for phrase, count in counts.items()}
    clear = {p: name for p, (name, n) in best.items() if n >= MIN_AGREEMENT * counts[p].total()}
    common_names = set(names.common) - {""}
    clear |= {name_key(name): name for name in common_names}
    clear |= {phrase: name for phrase, name in SPELLINGS.items() if name in common_names}
    return {phrase: name for phrase, name in clear.items() if phrase not in AMBIGUOUS}


def _mentions(sentence: str, phrases: Mapping[str, str]) -> Iterator[str]:
    words, start = [singular(word) for word in tokenize(sentence)], 0
    while start < len(words):
        sizes = range(min(MAX_WORDS, len(words) - start), 0, -1)
        size = next((n for n in sizes if " ".join(words[start : start + n]) in phrases), 0)
        if size:
            yield phrases[" ".join(words[start : start + size])]
        start += max(size, 1)


@dataclass(frozen=True)
class NamedSentences:
    """Sentences without photos, prepared for `SimulatedRecognizer`.

    Attributes:
        own: of each sentence the rows of the names it mentions, see `NameMemory.token_ids`.
        others: the rows of names that other sentences of its group mention.
        groups: of each sentence others that may be about the same photo.
        context: (S, CONTEXT), rows of names that fit a sentence, the best first.
        detected: (S, E), the share of its group that contains each detected word, 1 if it does itself.
    """

    own: list[list[int]]
    others: list[list[int]]
    groups: list[list[int]]
    context: np.ndarray
    detected: np.ndarray


def prepare_sentences(
    sentences: Sequence[str],
    *,
    names: ClassNames,
    rows: Mapping[str, int],
    name_vectors: np.ndarray,
    vocabulary: Vocabulary,
    pretrained: np.ndarray,
) -> NamedSentences:
    """Find names, detected words and groups.

    Args:
        sentences: S sentences, those about one photo near each other.
        names: of the recognizer's classes.
        rows: of each name, its row in `NameMemory.token_ids`.
        name_vectors: (names, D), pretrained, by row.
        vocabulary: of V words.
        pretrained: (V, D), their pretrained vectors.
    """
    vectors = _content_vectors(sentences, vocabulary, pretrained)
    groups = _groups(vectors)
    own = [[rows[name] for name in found] for found in names_in_sentences(sentences, names)]
    others = [
        [row for row in dict.fromkeys(chain.from_iterable(own[n] for n in group)) if row not in own[i]]
        for i, group in enumerate(groups)
    ]
    labels = label_captions(sentences).astype(np.float32)
    of_groups = [labels[group].mean(0) if group else labels[i] for i, group in enumerate(groups)]
    fit = vectors @ (name_vectors / np.maximum(np.linalg.norm(name_vectors, axis=1, keepdims=True), 1e-6)).T
    fit[:, 0] = -np.inf
    context = np.argsort(-fit, axis=1)[:, :CONTEXT]
    return NamedSentences(own, others, groups, context, np.maximum(labels, np.stack(of_groups)))


def _content_vectors(sentences: Sequence[str], vocabulary: Vocabulary, pretrained: np.ndarray) -> np.ndarray:
    """Return unit vectors of sentences: their content words' vectors, weighted by rarity."""
    words = [[word for word in tokenize(s) if is_content(word) and word in vocabulary] for s in sentences]
    counts = Counter(chain.from_iterable(map(set, words)))
    vectors = np.zeros((len(sentences), pretrained.shape[1]), np.float32)
    for row, of_sentence in enumerate(words):
        for word in of_sentence:
            rarity = math.log(len(sentences) / (counts[word] + 1))
            vectors[row] += rarity * pretrained[vocabulary.token_id(word)]
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)


def _groups(vectors: np.ndarray) -> list[list[int]]:
    groups = []
    for row, vector in enumerate(vectors):
        first = max(0, row - WINDOW)
        cosines = vectors[first : row + WINDOW + 1] @ vector
        cosines[row - first] = -1
        best = np.argsort(-cosines)[:MAX_GROUP]
        groups.append([first + n for n in best.tolist() if cosines[n] > MIN_COSINE])
    return groups
