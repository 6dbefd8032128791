from __future__ import annotations

import pytest

from engine.model.vocabulary import END, SPECIALS, START, UNKNOWN, Vocabulary, pad, tokenize


def test_sentences_are_split_into_lower_case_words_without_punctuation() -> None:
    assert tokenize('A dog\'s  T-shirt, "RED" & blue !') == ["a", "dog", "'s", "t-shirt", "red", "blue"]


def test_typographic_apostrophes_are_recognised() -> None:
    assert tokenize("dog’s") == ["dog", "'s"]


def test_a_sentence_is_encoded_between_start_and_end(vocabulary: Vocabulary) -> None:
    token_ids = vocabulary.encode("A dog barks", 5)
    assert token_ids == [START, vocabulary.token_id("a"), vocabulary.token_id("dog"), UNKNOWN, END]


def test_a_long_sentence_is_truncated(vocabulary: Vocabulary) -> None:
    assert len(vocabulary.encode("a dog runs on the beach", 3)) == 5


def test_token_ids_are_decoded_up_to_the_end(vocabulary: Vocabulary) -> None:
    token_ids = [START, vocabulary.token_id("a"), vocabulary.token_id("dog"), END, vocabulary.token_id("boy")]
    assert vocabulary.decode(token_ids) == "a dog"


def test_misspelt_words_get_suggestions(vocabulary: Vocabulary) -> None:
    assert vocabulary.suggest("beech") == ("beach",)
    assert vocabulary.suggest("xyzzy") == ()


def test_a_vocabulary_without_special_tokens_is_refused() -> None:
    with pytest.raises(ValueError, match="special"):
        Vocabulary(("a", "dog"), 2)
    with pytest.raises(ValueError, match="special"):
        Vocabulary((*SPECIALS, "a"), 9)


def test_sentences_are_padded_to_the_longest() -> None:
    assert pad([[1, 5, 2], [1, 2]]).tolist() == [[1, 5, 2], [1, 2, 0]]
