from __future__ import annotations

import numpy as np

from engine.model.vocabulary import SPECIALS
from engine.training.corpus import build_vocabulary, general_vectors

CAPTIONS = ["A dog runs ."] * 5 + ["A zebra runs ."]
GENERAL = ["the", ",", "dog", "zebra", "a", "ocean", "it's", "violin"]


def test_words_are_spoken_when_seen_often_enough_and_known_when_they_have_a_vector() -> None:
    vocabulary = build_vocabulary(CAPTIONS, GENERAL, vocab_size=10)
    assert vocabulary.words == (*SPECIALS, "a", "runs", "dog", "zebra", "the", "ocean")
    assert vocabulary.words[: vocabulary.output_size] == (*SPECIALS, "a", "runs", "dog")


def test_punctuation_is_no_word() -> None:
    words = build_vocabulary(CAPTIONS, GENERAL, vocab_size=99).words
    assert "," not in words
    assert "it's" not in words


def test_general_vectors_follow_the_vocabulary_and_have_length_one_or_none() -> None:
    vocabulary = build_vocabulary(CAPTIONS, GENERAL, vocab_size=10)
    vectors = np.random.default_rng(0).normal(size=(len(GENERAL), 6)).astype(np.float32)
    table = general_vectors(vocabulary, GENERAL, vectors).norm(dim=1)
    has_none = [*SPECIALS, "runs"]
    for word, length in zip(vocabulary.words, table.tolist(), strict=True):
        assert abs(length - (0 if word in has_none else 1)) < 1e-5
