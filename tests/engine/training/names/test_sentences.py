"""Names in sentences without photos, and what is simulated to be recognised."""

from __future__ import annotations

import random

import numpy as np

from engine.model.class_names import ClassNames
from engine.model.vocabulary import SPECIALS, Vocabulary, tokenize
from engine.training.names.detected_words import label_captions, read_detected_words
from engine.training.names.sentences import NamedSentences, names_in_sentences, prepare_sentences
from engine.training.names.simulated_recognizer import SimulatedRecognizer

NAMES = ClassNames(
    ("beagle", "tabby", "hot dog", "fridge"),
    ("dog", "cat", "hot dog", "refrigerator"),
    (("beagle", "dog"), ("tabby", "cat"), ("hot dog", "food"), ("refrigerator",)),
)
SENTENCES = ["Beagles and a cat.", "A dog and a cat.", "The man eats a hot dog.", "A white fridge."]


def prepare() -> NamedSentences:
    words = dict.fromkeys([*SPECIALS, *(word for sentence in SENTENCES for word in tokenize(sentence))])
    vocabulary = Vocabulary(list(words), len(words))
    pretrained = np.eye(len(words), dtype=np.float32)
    rows = {"dog": 1, "cat": 2, "hot dog": 3, "refrigerator": 4}
    pretrained[vocabulary.token_id("beagles")] = pretrained[vocabulary.token_id("dog")]
    vectors = np.stack([np.zeros(len(words)), *(pretrained[vocabulary.token_id(w)] for w in ("dog", "cat"))])
    vectors = np.concatenate((vectors, vectors[1:]))
    return prepare_sentences(
        SENTENCES, names=NAMES, rows=rows, name_vectors=vectors, vocabulary=vocabulary, pretrained=pretrained
    )


def test_a_sentence_mentions_common_names_by_any_name_of_their_kinds() -> None:
    found = names_in_sentences(SENTENCES, NAMES)
    assert found == [["dog", "cat"], ["dog", "cat"], ["hot dog"], ["refrigerator"]]


def test_sentences_about_one_photo_share_what_they_mention() -> None:
    prepared = prepare()
    assert prepared.groups == [[1], [0], [], []]
    assert prepared.own == [[1, 2], [1, 2], [3], [4]]
    assert prepared.others == [[], [], [], []]


def test_detected_words_are_found_in_all_their_forms() -> None:
    words = list(read_detected_words())
    labels = label_captions(["Two men surf a wave", "a quiet room"])
    assert {words[n] for n in np.flatnonzero(labels[0])} == {"person", "man", "people", "water", "surfboard"}
    assert {words[n] for n in np.flatnonzero(labels[1])} == {"room"}


def test_what_a_sentence_mentions_is_mostly_recognised_and_seldom_surely() -> None:
    detected = list(range(5, 5 + len(read_detected_words())))
    alike, frequency = (
        np.array([[0, 0], [2, 3], [1, 3], [1, 4], [3, 1]]),
        np.array([0, 0.25, 0.25, 0.25, 0.25]),
    )
    recognizer = SimulatedRecognizer(prepare(), detected, alike, frequency, count=8)
    rng, noise = random.Random(1), np.random.default_rng(1)
    drawn = [recognizer.draw(3, rng, noise) for _ in range(200)]
    probabilities = [dict(names).get(4, 0) for names in drawn]
    assert all(len(names) == 8 for names in drawn)
    assert all(0 <= p <= 1 for names in drawn for _, p in names)
    assert np.mean([p > 0.2 for p in probabilities]) > 0.5
    assert np.mean([p < 0.1 for p in probabilities]) > 0.1
