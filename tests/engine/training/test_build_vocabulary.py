from __future__ import annotations

import numpy as np

from engine.model.vocabulary import SPECIALS
from engine.training.build_vocabulary import build_vocabulary, pretrained_embedding

CAPTIONS = ["A dog runs ."] * 5 + ["A zebra runs ."]
PRETRAINED_WORDS = ["the", ",", "dog", "zebra", "a", "ocean", "it's", "violin"]


def test_frequent_caption_words_are_output_words_and_others_need_a_pretrained_vector() -> None:
    vocabulary = build_vocabulary(CAPTIONS, PRETRAINED_WORDS, vocab_size=10)
    assert vocabulary.words == (*SPECIALS, "a", "runs", "dog", "zebra", "the", "ocean")
    assert vocabulary.words[: vocabulary.output_size] == (*SPECIALS, "a", "runs", "dog")


def test_punctuation_is_not_in_the_vocabulary() -> None:
    words = build_vocabulary(CAPTIONS, PRETRAINED_WORDS, vocab_size=99).words
    assert "," not in words
    assert "it's" not in words


def test_pretrained_vectors_follow_the_vocabulary_and_have_length_one_or_zero() -> None:
    vocabulary = build_vocabulary(CAPTIONS, PRETRAINED_WORDS, vocab_size=10)
    vectors = np.random.default_rng(0).normal(size=(len(PRETRAINED_WORDS), 6)).astype(np.float32)
    lengths = pretrained_embedding(vocabulary, PRETRAINED_WORDS, vectors).norm(dim=1)
    without_vector = [*SPECIALS, "runs"]
    for word, length in zip(vocabulary.words, lengths.tolist(), strict=True):
        assert abs(length - (0 if word in without_vector else 1)) < 1e-5
