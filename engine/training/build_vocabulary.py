"""Building the vocabulary from the training captions, and its pretrained word vectors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from engine.model.vocabulary import SPECIALS, Vocabulary, tokenize

MIN_COUNT = 5  # occurrences in the training captions before the decoder may write a word
MIN_UNPAIRED_COUNT = 3  # of them in sentences without photos, if the captions lack it

_LETTERS_ONLY = re.compile(r"[a-z]{2,}")


def build_vocabulary(
    captions: Sequence[str],
    pretrained_words: Sequence[str],
    vocab_size: int,
    unpaired_sentences: Sequence[str] = (),
) -> Vocabulary:
    """Return the vocabulary.

    Frequent caption words come first, then words of sentences without photos, rare caption words, and
    frequent pretrained words.

    Args:
        captions: of the training split only; words of dev and test stay unseen.
        pretrained_words: words with a pretrained vector, most frequent first.
        vocab_size: number of words in all. The frequent caption words are the output vocabulary.
        unpaired_sentences: sentences without photos.
    """
    counts = Counter(word for caption in captions for word in tokenize(caption))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    output_words = [word for word in ranked if counts[word] >= MIN_COUNT]
    has_vector = set(pretrained_words)
    elsewhere = Counter(word for sentence in unpaired_sentences for word in tokenize(sentence))
    unpaired = [
        word
        for word, count in elsewhere.most_common()
        if count >= MIN_UNPAIRED_COUNT
        and counts[word] < MIN_COUNT <= count + counts[word]
        and word in has_vector
    ]
    rare = [word for word in ranked if counts[word] < MIN_COUNT and word in has_vector]
    words = dict.fromkeys([*SPECIALS, *output_words, *unpaired, *rare])
    for word in pretrained_words:
        if len(words) >= vocab_size:
            break
        if _LETTERS_ONLY.fullmatch(word):
            words.setdefault(word)
    return Vocabulary(list(words), len(SPECIALS) + len(output_words), len(unpaired))


def pretrained_embedding(
    vocabulary: Vocabulary, pretrained_words: Sequence[str], vectors: np.ndarray
) -> Tensor:
    """Return the pretrained vectors in the vocabulary's order; words without one get zeros.

    The mean and the two strongest directions, which encode a word's frequency rather than its meaning, are
    removed (Mu, Viswanath 2018, arXiv 1702.01417); then each vector is scaled to length 1.

    Args:
        vocabulary: V words.
        pretrained_words: N words.
        vectors: (N, D), their vectors.

    Returns:
        (V, D) float32.
    """
    row = {word: i for i, word in enumerate(pretrained_words)}
    token_ids = [n for n, word in enumerate(vocabulary.words) if word in row]
    chosen = vectors[[row[vocabulary.words[n]] for n in token_ids]]
    chosen = chosen - chosen.mean(axis=0)
    _, _, directions = np.linalg.svd(chosen, full_matrices=False)
    chosen = chosen - chosen @ directions[:2].T @ directions[:2]
    table = np.zeros((len(vocabulary), vectors.shape[1]), dtype=np.float32)
    table[token_ids] = chosen / np.linalg.norm(chosen, axis=1, keepdims=True)
    return torch.from_numpy(table)
