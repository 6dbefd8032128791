"""The shipped network over the starter gallery: the whole engine, for real."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skimage

from engine.errors import EmptyQuery, UnknownWord, UnreadablePhoto
from engine.service import CAPTIONS, Engine
from engine.settings import EngineSettings


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FLICKR8K_DIR", raising=False)
        return Engine(EngineSettings(home=tmp_path_factory.mktemp("home")))


def test_a_photo_gets_captions_and_matches_best_first(engine: Engine, cat: bytes) -> None:
    found = engine.describe(cat, 5)
    assert len(found.captions) == CAPTIONS
    assert len({caption.text for caption in found.captions}) == CAPTIONS
    assert all(0 < caption.score < 1 and caption.text for caption in found.captions)
    scores = [match.score for match in found.matches]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 5


def test_a_photo_of_the_gallery_finds_itself_first(engine: Engine) -> None:
    match = engine.describe(engine.picture("cat.jpg"), 3).matches[0]
    assert match.image == "cat.jpg"
    assert match.score == pytest.approx(1, abs=0.01)


def test_the_same_photo_in_another_format_is_seen_alike(engine: Engine, cat: bytes) -> None:
    png = (Path(skimage.__file__).parent / "data" / "chelsea.png").read_bytes()
    one, other = engine.describe(png, 3).matches[0], engine.describe(cat, 3).matches[0]
    assert one.image == other.image == "cat.jpg"


def test_words_near_a_word_are_found(engine: Engine) -> None:
    words = {match.word for match in engine.similar("boy", 10)}
    assert {"boys", "girl", "kid"} <= words


def test_an_analogy_is_answered(engine: Engine) -> None:
    assert engine.analogy("man", "men", "woman", 3)[0].word == "women"


def test_a_description_finds_images(engine: Engine) -> None:
    assert len(engine.find("a motorcycle in a garage", 4)) == 4
    assert engine.find("a person riding a motorcycle", 3)[0].image == "motorcycle.jpg"


def test_a_word_that_no_caption_held_can_be_looked_for(engine: Engine) -> None:
    assert engine.knows("astronomer")
    assert engine.find("astronomer", 2)


@pytest.mark.parametrize("text", ["", "  ", "?!", "…"])
def test_an_empty_search_says_what_to_do(engine: Engine, text: str) -> None:
    with pytest.raises(EmptyQuery, match="such as"):
        engine.find(text)


def test_a_search_of_unknown_words_says_so(engine: Engine) -> None:
    with pytest.raises(EmptyQuery, match="none of these words"):
        engine.find("qwxz zzyzx")


def test_bad_input_harms_nothing(engine: Engine, cat: bytes) -> None:
    with pytest.raises(UnreadablePhoto):
        engine.describe(cat[:2000])
    with pytest.raises(UnknownWord):
        engine.similar("qwxz")
    assert engine.describe(cat, 1).captions


def test_a_picture_that_is_not_in_the_gallery_is_not_read(engine: Engine) -> None:
    with pytest.raises(KeyError):
        engine.picture("../artifact/manifest.json")


def test_an_answer_is_the_same_twice(engine: Engine, cat: bytes) -> None:
    one, other = engine.describe(cat), engine.describe(cat)
    assert one.captions == other.captions
    np.testing.assert_allclose([m.score for m in one.matches], [m.score for m in other.matches], atol=1e-5)
