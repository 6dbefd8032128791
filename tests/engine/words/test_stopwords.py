from __future__ import annotations

from engine.model.vocabulary import Vocabulary
from engine.words.stopwords import content_words, is_content


def test_what_can_be_seen_is_content_and_what_holds_a_sentence_together_is_not() -> None:
    assert all(map(is_content, ("dog", "red", "two", "running")))
    assert not any(map(is_content, ("the", "on", "is", "their", "<end>")))


def test_content_words_are_spoken_ones_in_the_order_of_the_vocabulary(vocabulary: Vocabulary) -> None:
    numbers = content_words(vocabulary, 100)
    assert [vocabulary.words[number] for number in numbers] == ["dog", "runs", "beach", "boy", "sits"]
    assert content_words(vocabulary, 2) == numbers[:2]
