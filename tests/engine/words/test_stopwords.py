"""Stop words."""

from __future__ import annotations

from engine.model.vocabulary import Vocabulary
from engine.words.stopwords import content_token_ids, is_content


def test_visible_words_are_content_and_function_words_are_not() -> None:
    assert all(map(is_content, ("dog", "red", "two", "running")))
    assert not any(map(is_content, ("the", "on", "is", "their", "<end>")))


def test_content_words_are_output_words_in_their_order(vocabulary: Vocabulary) -> None:
    token_ids = content_token_ids(vocabulary, 100)
    assert [vocabulary.words[token_id] for token_id in token_ids] == ["dog", "runs", "beach", "boy", "sits"]
    assert content_token_ids(vocabulary, 2) == token_ids[:2]
