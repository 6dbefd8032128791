"""The training captions as numbers, and the vocabulary they make."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.model.vocabulary import SPECIALS, Vocabulary, tokenize

SPOKEN_FROM = 5  # times a word stands in the training captions before the decoder may say it

_PLAIN = re.compile(r"[a-z]{2,}")


def build_vocabulary(captions: Sequence[str], general: Sequence[str], vocab_size: int) -> Vocabulary:
    """Choose the words: spoken ones by count, then rare ones, then the most frequent general ones.

    Args:
        captions: of the training split alone; words of dev and test stay unseen.
        general: words that have a general vector, most frequent first.
        vocab_size: how many words to take in all.
    """
    counts = Counter(word for caption in captions for word in tokenize(caption))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    spoken = [word for word in ranked if counts[word] >= SPOKEN_FROM]
    has_vector = set(general)
    rare = [word for word in ranked if counts[word] < SPOKEN_FROM and word in has_vector]
    words = dict.fromkeys([*SPECIALS, *spoken, *rare])
    for word in general:
        if len(words) >= vocab_size:
            break
        if _PLAIN.fullmatch(word):
            words.setdefault(word)
    return Vocabulary(list(words), len(SPECIALS) + len(spoken))


def general_vectors(vocabulary: Vocabulary, general: Sequence[str], vectors: np.ndarray) -> Tensor:
    """Put general vectors in the vocabulary's order; words without one get zeros.

    The mean and the two strongest directions, which say how frequent a word is rather than what it
    means, are taken out (Mu, Viswanath 2018, arXiv 1702.01417), and the lengths made one.

    Returns:
        (len(vocabulary), numbers) float32.
    """
    row = {word: i for i, word in enumerate(general)}
    numbers = [n for n, word in enumerate(vocabulary.words) if word in row]
    chosen = vectors[[row[vocabulary.words[n]] for n in numbers]]
    chosen = chosen - chosen.mean(axis=0)
    _, _, directions = np.linalg.svd(chosen, full_matrices=False)
    chosen = chosen - chosen @ directions[:2].T @ directions[:2]
    table = np.zeros((len(vocabulary), vectors.shape[1]), dtype=np.float32)
    table[numbers] = chosen / np.linalg.norm(chosen, axis=1, keepdims=True)
    return torch.from_numpy(table)


def encode_captions(
    vocabulary: Vocabulary, names: Sequence[str], captions: Mapping[str, Sequence[str]], length: int
) -> list[list[list[int]]]:
    """Captions of each photo as numbers, in the order of `names`; one that is cut has no end."""

    def encode(text: str) -> list[int]:
        numbers = vocabulary.encode(text, length)
        return numbers[:-1] if len(tokenize(text)) > length else numbers

    return [[encode(text) for text in captions[name]] for name in names]
