"""Similar words and analogies, on hand-made vectors."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import EmptyQueryError, UnknownWordError
from engine.model.vocabulary import SPECIALS, Vocabulary
from engine.words.word_similarity import WordSpace

VECTORS = {
    "man": (1, 0, 0, 0),
    "men": (1, 1, 0, 0),
    "woman": (1, 0, 1, 0),
    "women": (1, 1, 1, 0),
    "sky": (0, 0, 0, 1),
    "lady": (0.9, 0, 1, 0),  # not in the output vocabulary
}


@pytest.fixture
def space() -> WordSpace:
    vocabulary = Vocabulary((*SPECIALS, *VECTORS), output_size=9)
    table = np.array([(0, 0, 0, 0)] * 4 + list(VECTORS.values()), dtype=np.float32)
    return WordSpace(lambda token_ids: table[list(token_ids)], vocabulary)


def test_an_analogy_is_answered(space: WordSpace) -> None:
    assert space.analogy("man", "men", "woman", 3)[0].word == "women"


def test_a_blank_word_is_asked_for(space: WordSpace) -> None:
    with pytest.raises(EmptyQueryError, match="which-word"):
        space.similar(" ", 3)
    with pytest.raises(EmptyQueryError, match="which-two-words"):
        space.word_similarity("man", "")
    with pytest.raises(EmptyQueryError, match="three-words-only"):
        space.analogy("man", "men", "", 3)


def test_an_analogy_of_attributes_has_an_attribute_as_its_answer() -> None:
    vectors = {
        "grass": (0.5, 1, 0, 0),
        "green": (0.8, 0, 0.6, 0),
        "sky": (0.0, 0.5, 0, 1),
        "bright": (0.6, 0, 0.1, 0.8),  # rather near the sky
        "blue": (0.8, 0, 0.6, 0.3),  # a colour
    }
    vocabulary = Vocabulary((*SPECIALS, *vectors), output_size=9)
    table = np.array([(0, 0, 0, 0)] * 4 + list(vectors.values()), dtype=np.float32)

    def first(*, describes: bool) -> str:
        space = WordSpace(
            lambda token_ids: table[list(token_ids)], vocabulary, lambda attribute, thing: describes
        )
        return space.analogy("grass", "green", "sky", 1)[0].word

    assert (first(describes=False), first(describes=True)) == ("bright", "blue")


def test_words_of_the_query_are_no_results(space: WordSpace) -> None:
    assert "man" not in {match.word for match in space.similar("man", 5)}
    assert not {"man", "men", "woman"} & {match.word for match in space.analogy("man", "men", "woman", 5)}


def test_special_tokens_are_no_results(space: WordSpace) -> None:
    assert not set(SPECIALS) & {match.word for match in space.similar("sky", 9)}


def test_a_word_outside_the_output_vocabulary_can_be_a_query_but_no_result(space: WordSpace) -> None:
    assert space.similar("lady", 1)[0].word == "woman"
    assert "lady" not in {match.word for match in space.similar("woman", 9)}


def test_two_words_are_compared_with_all_pairs(space: WordSpace) -> None:
    near, far = space.word_similarity("man", "men"), space.word_similarity("man", "sky")
    assert near.cosine == pytest.approx(0.5**0.5)
    assert far.cosine == 0
    assert 0 <= far.percentile < near.percentile < 100
    assert space.word_similarity(" Men", "man").percentile == near.percentile


def test_a_word_and_itself_are_above_all_pairs(space: WordSpace) -> None:
    same = space.word_similarity("sky", "SKY")
    assert (same.a, same.b, same.cosine, same.percentile) == ("sky", "sky", 1, 100)


def test_both_words_must_be_known_to_be_compared(space: WordSpace) -> None:
    with pytest.raises(UnknownWordError, match="qwerty"):
        space.word_similarity("man", "qwerty")


def test_case_and_spaces_do_not_matter(space: WordSpace) -> None:
    assert space.similar(" Man ", 2) == space.similar("man", 2)
    assert space.knows("WOMAN")


@pytest.mark.parametrize("word", ["womann", "qwerty", "man woman", "<pad>", "!!"])
def test_an_unknown_word_is_an_error(space: WordSpace, word: str) -> None:
    assert not space.knows(word)
    with pytest.raises(UnknownWordError) as caught:
        space.similar(word, 3)
    assert word.strip() in str(caught.value)


def test_a_misspelt_word_gets_a_suggestion(space: WordSpace) -> None:
    with pytest.raises(UnknownWordError, match="unknown-word-near: word=womann, near=woman"):
        space.similar("womann", 3)
