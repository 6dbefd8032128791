"""Correction of slips of the pen."""

from pathlib import Path

import pytest
from safetensors.numpy import load_file

from engine.language.known_words import RelatedWords
from engine.language.spelling import SpellingCorrector
from engine.model.checkpoint import Checkpoint
from engine.model.vocabulary import SPECIALS, Vocabulary
from engine.training.language.count_bigrams import count_bigrams
from engine.words.word_context import WordContext

FREQUENT = ("dog", "black", "ground", "group", "frisbee", "running", "snow", "hill", "three", "there", "bee")
CORRECTOR = SpellingCorrector(FREQUENT, ("violin", "form", "sand"), {"lack", "snwo"})
CAPTIONS = (
    "a black dog on a snow covered hill",
    "three dogs run in the snow",
    "there is a hill",
    "a bee on a rose",
    "a man drinks a beer",
)


@pytest.fixture
def context(tmp_path: Path) -> WordContext:
    words = sorted({word for caption in CAPTIONS for word in caption.split()})
    vocabulary = Vocabulary((*SPECIALS, *words), len(SPECIALS) + len(words))
    count_bigrams(CAPTIONS * 50, vocabulary, tmp_path / "pairs", seed=1)
    return WordContext(load_file(tmp_path / "pairs"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("dgo", "dog"),
        ("blcak", "black"),
        ("groud", "ground"),
        ("runing", "running"),
        ("firsbee", "frisbee"),
        ("doooog", "dog"),
        ("violn", "violin"),
    ],
)
def test_a_slip_becomes_the_nearest_word(written: str, read: str) -> None:
    assert CORRECTOR.correct([written]) == [read]


@pytest.mark.parametrize("word", ["dog", "lack", "no", "x2y", "xylophone"])
def test_known_words_short_words_and_words_far_from_all_stay(word: str) -> None:
    assert CORRECTOR.correct([word]) == [None]


def test_of_two_near_words_the_one_that_fits_beside_the_others_is_read(context: WordContext) -> None:
    corrector = SpellingCorrector(("covered", "hovered", "beer", "bee"), context=context)
    assert corrector.correct(["a", "snow", "xovered", "hill"])[2] == "covered"
    assert corrector.correct(["a", "beez", "on", "a", "rose"])[1] == "bee"


def test_pairs_that_captions_hold_are_likelier_than_others(context: WordContext) -> None:
    text = ["a", "snow", "covered", "hill"]
    fits = {word: context.log_probability(text, 1, word) for word in ("snow", "rose", "of", "elephant")}
    assert max(fits, key=lambda word: fits[word]) == "snow"
    assert context.is_attested(text, 1)
    assert not context.is_attested(["two", "snow", "rose"], 1)


@pytest.mark.parametrize(
    ("text", "written", "read"),
    [
        ("a balck dog in the snow", "balck", "black"),
        ("a boy kicks a bal on the grass", "bal", "ball"),
        ("a litle girl in a pink dress", "litle", "little"),
        ("two brow dogs on a hill", "brow", "brown"),
        ("a woman in a funy mask", "funy", "funny"),
        ("a back dog runs on the grass", "back", "black"),
        ("a crow of people watches a race", "crow", "crowd"),
    ],
)
def test_a_known_word_is_a_slip_where_another_is_likelier_by_far(
    shipped_corrector: SpellingCorrector, text: str, written: str, read: str
) -> None:
    words = text.split()
    assert shipped_corrector.correct(words) == [read if word == written else None for word in words]


@pytest.mark.parametrize(
    "text",
    [
        "a sick child in a bed",
        "a sad girl on the sand",
        "a cove with boats",
        "a crow on a fence",
        "a moth on a flower",
        "a bee on top of a flower",
        "a man with a cello",
        "a zebra on the grass",
        "a kayak on the river",
        "an owl in a tree",
        "the big ben in london",
        "the back of a dog",
    ],
)
def test_a_visible_word_is_never_read_as_a_slip(shipped_corrector: SpellingCorrector, text: str) -> None:
    assert not any(shipped_corrector.correct(text.split()))


def test_how_near_words_are_to_those_of_captions_is_known_where_they_have_vectors(
    shipped: Checkpoint,
) -> None:
    related = RelatedWords(shipped)
    sick, slip = related.cosine("sick"), related.cosine("feild")
    assert sick is not None
    assert slip is not None
    assert sick > slip
    assert related.cosine("qwzxv") is None
