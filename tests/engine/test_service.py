"""The synchronous engine: the shipped network over the starter gallery."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import skimage
from PIL import Image

from engine.api import CAPTIONS
from engine.errors import (
    EmptyQueryError,
    UnfitLabelsError,
    UnknownImageError,
    UnknownWordError,
    UnreadablePhotoError,
)
from engine.model.checkpoint import Checkpoint
from engine.runtime.compiled_graph import CompiledGraph
from engine.search.query_composition import MAX_LABELS
from engine.service import Engine
from engine.settings import EngineSettings


@pytest.fixture(scope="module")
def engine(shipped_engine: Engine) -> Engine:
    return shipped_engine


def test_a_name_finds_the_same_photo_with_an_article(engine: Engine) -> None:
    (plain,), (asked,) = engine.find("espresso", 1), engine.find("an espresso", 1)
    assert plain.image == asked.image == "coffee.jpg"
    assert min(plain.confidence or 0, asked.confidence or 0) > 0.9


def test_a_photo_gets_captions_and_matches_best_first(engine: Engine, cat: bytes) -> None:
    found = engine.describe(cat, 5)
    assert len(found.captions) == CAPTIONS
    assert len({caption.text for caption in found.captions}) == CAPTIONS
    assert all(0 < caption.score < 1 and caption.text for caption in found.captions)
    scores = [match.score for match in found.matches]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 5


def test_a_warm_engine_compiles_nothing_more(
    tmp_path: Path, cat: bytes, monkeypatch: pytest.MonkeyPatch, warm_home: Callable[[Path], Path]
) -> None:
    monkeypatch.delenv("FLICKR8K_DIR", raising=False)
    settings = EngineSettings(home=warm_home(tmp_path), two_stages=False)
    engine = Engine(settings)  # with a network of its own, which has compiled nothing
    engine.warm()
    monkeypatch.setattr(CompiledGraph, "_compile", None)
    assert engine.describe(cat, captions=1).captions == engine.captions(cat, 1)
    assert engine.captions(cat) and engine.tags(cat) and engine.find("a dog")


def test_captions_alone_are_those_of_the_description(engine: Engine, cat: bytes) -> None:
    described = engine.describe(cat, 1).captions
    assert [c.text for c in engine.captions(cat)] == [c.text for c in described]
    assert [c.text for c in engine.captions(cat, 1)] == [described[0].text]


def test_a_photo_gets_ten_different_tags_best_first(engine: Engine, cat: bytes) -> None:
    tags = engine.tags(cat)
    assert len({tag.word for tag in tags}) == 10
    assert [tag.score for tag in tags] == sorted((tag.score for tag in tags), reverse=True)
    assert all(engine.similar(tag.word, 1) for tag in tags)


def test_tags_tell_things_from_what_they_do(engine: Engine, cat: bytes) -> None:
    things = {tag.word: tag.thing for tag in engine.tags(cat, 30)}
    assert things["cat"]
    assert not all(things.values())


def test_tags_follow_the_photo(engine: Engine, cat: bytes) -> None:
    assert {tag.word for tag in engine.tags(engine.picture("rocket.jpg"))} != {
        tag.word for tag in engine.tags(engine.picture("motorcycle.jpg"))
    }


def test_labels_are_weighed_against_each_other(engine: Engine) -> None:
    photo = engine.picture("motorcycle.jpg")
    given = ["a motorcycle", "a dog in the snow", " a beach ", "", "A Motorcycle"]
    found = engine.labels(photo, given)
    assert found[0].text == "a motorcycle"
    assert {label.text for label in found} == {"a motorcycle", "a dog in the snow", "a beach"}
    assert sum(label.probability for label in found) == pytest.approx(1, abs=1e-5)


def test_the_best_five_labels_are_returned_and_all_count(engine: Engine, cat: bytes) -> None:
    many = [f"{number} dogs" for number in range(8)] + ["cat", "boat", "snow", "girl"]
    found = engine.labels(cat, many)
    assert len(found) == 5
    assert sum(label.probability for label in found) < 1


@pytest.mark.parametrize("labels", [[], ["cat"], ["cat", " Cat ", ""]])
def test_fewer_than_two_labels_are_refused(engine: Engine, cat: bytes, labels: list[str]) -> None:
    with pytest.raises(UnfitLabelsError, match="too-few-labels"):
        engine.labels(cat, labels)


def test_the_number_of_labels_has_a_limit(engine: Engine, cat: bytes) -> None:
    assert engine.labels(cat, [f"dog {number}" for number in range(MAX_LABELS)])
    with pytest.raises(UnfitLabelsError, match=f"too-many-labels: count={MAX_LABELS + 1}"):
        engine.labels(cat, [f"dog {number}" for number in range(MAX_LABELS + 1)])


def test_a_label_of_unknown_words_is_named(engine: Engine, cat: bytes) -> None:
    with pytest.raises(EmptyQueryError, match="unknown-part: text=qwxz"):
        engine.labels(cat, ["cat", "qwxz"])


def test_a_photo_of_the_gallery_is_known_and_no_match_of_its_own(engine: Engine) -> None:
    found = engine.describe(engine.picture("cat.jpg"), 3)
    assert found.known
    assert found.known.image == "cat.jpg"
    assert found.known.score == pytest.approx(1, abs=0.01)
    assert len(found.matches) == 3
    assert found.known not in found.matches


def test_another_photo_is_not_known(engine: Engine, cat: bytes) -> None:
    with Image.open(io.BytesIO(cat)) as image:
        part = image.crop((image.width // 3, 0, image.width, image.height))
        part.save(written := io.BytesIO(), "JPEG")
    assert engine.describe(written.getvalue(), 3, captions=0).known is None


def test_a_given_caption_is_explained(engine: Engine, cat: bytes) -> None:
    _, other, *_ = engine.captions(cat)
    assert engine.explain(cat, other.text).caption == other.text
    assert engine.explain(cat).caption == engine.captions(cat, 1)[0].text


def test_similar_images_leave_the_image_itself_out(engine: Engine) -> None:
    everything = engine.gallery.size
    (first, *_) = engine.find("a cat", 1)
    nearest = engine.similar_images(first.image, everything)
    assert len(nearest) == everything - 1
    assert first.image not in {match.image for match in nearest}
    assert nearest == engine.similar_images(first.key, everything)
    matches = engine.describe(engine.picture(first.image), everything).matches
    assert [match.image for match in nearest] == [match.image for match in matches]


def test_keys_of_images_are_short_and_unique(engine: Engine) -> None:
    matches = engine.find("a cat", engine.gallery.size)
    assert all(re.fullmatch(r"[\w-]{11}", match.key, re.ASCII) for match in matches)
    assert len({match.key for match in matches}) == len(matches)


@pytest.mark.parametrize("image", ["", "nowhere.jpg", "AAAAAAAAAAA", "../cat.jpg"])
def test_similar_images_of_an_unknown_image_are_an_error(engine: Engine, image: str) -> None:
    with pytest.raises(UnknownImageError, match="unknown-image"):
        engine.similar_images(image)


def test_the_format_of_a_photo_does_not_matter(engine: Engine, cat: bytes) -> None:
    png = (Path(skimage.__file__).parent / "data" / "chelsea.png").read_bytes()
    one, other = engine.describe(png, 3).known, engine.describe(cat, 3).known
    assert one
    assert other
    assert one.image == other.image == "cat.jpg"


def test_words_near_a_word_are_found(engine: Engine) -> None:
    words = {match.word for match in engine.similar("boy", 10)}
    assert {"boys", "girl", "kid"} <= words


def test_an_analogy_is_answered(engine: Engine) -> None:
    assert engine.analogy("man", "men", "woman", 3)[0].word == "women"


def test_similar_words_have_a_higher_percentile(engine: Engine) -> None:
    near, far = engine.word_similarity("boy", "girl"), engine.word_similarity("boy", "snow")
    assert near.percentile > 95
    assert near.cosine > far.cosine
    assert near.percentile > far.percentile
    with pytest.raises(EmptyQueryError, match="which-two-words"):
        engine.word_similarity("boy", " ")


def test_parts_are_added_and_subtracted(engine: Engine) -> None:
    def score(text: str) -> float:
        return {match.image: match.score for match in engine.find(text)}["motorcycle.jpg"]

    rider = "a person riding a motorcycle"
    assert score(f"a cat + {rider}") > score("a cat") > score(f"a cat - {rider}")


def test_words_modify_a_search_by_photo(engine: Engine) -> None:
    cat = engine.picture("cat.jpg")
    scores = {match.image: match.score for match in engine.find("+ a person riding a motorcycle", 10, cat)}
    described = engine.describe(cat, 10)
    assert described.known
    alone = {match.image: match.score for match in (described.known, *described.matches)}
    assert alone["cat.jpg"] > scores["cat.jpg"] > scores["stars.jpg"]
    assert scores["motorcycle.jpg"] > alone["motorcycle.jpg"]


def test_focus_changes_the_search_by_photo(engine: Engine, cat: bytes) -> None:
    whole = [match.score for match in engine.describe(cat, 7).matches]
    part = [match.score for match in engine.search_focused(cat, "the ear of a dog", 8)]
    assert part == sorted(part, reverse=True)
    assert len(part) == 8
    assert not np.allclose(whole, part[1:], atol=1e-2)
    with pytest.raises(EmptyQueryError, match="focus-on-what"):
        engine.search_focused(cat, " ")
    with pytest.raises(EmptyQueryError, match="unknown-words"):
        engine.search_focused(cat, "qwxz")


def test_an_unknown_part_is_named(engine: Engine) -> None:
    with pytest.raises(EmptyQueryError, match="unknown-part: text=qwxz"):
        engine.find("cat + qwxz")


def test_a_query_with_a_minus_is_as_sure_as_what_it_should_show(engine: Engine) -> None:
    for shown in ("a man with a camera", "a cat"):
        (plain,), (without,) = engine.find(shown, 1), engine.find(f"{shown} - a red car", 1)
        assert without.image == plain.image
        assert without.confidence == pytest.approx(plain.confidence, abs=0.01), shown


def test_a_description_finds_images(engine: Engine) -> None:
    assert len(engine.find("a motorcycle in a garage", 4)) == 4
    assert engine.find("a person riding a motorcycle", 3)[0].image == "motorcycle.jpg"


def test_a_word_outside_all_captions_can_be_searched_for(engine: Engine) -> None:
    assert engine.similar("astronomer")
    assert engine.find("astronomer", 2)


@pytest.mark.parametrize("text", ["", "  ", "?!", "…"])
def test_an_empty_search_is_an_error(engine: Engine, text: str) -> None:
    with pytest.raises(EmptyQueryError, match="look-for-what"):
        engine.find(text)


def test_a_search_for_unknown_words_is_an_error(engine: Engine) -> None:
    with pytest.raises(EmptyQueryError, match="unknown-words"):
        engine.find("qwxz zzyzx")


def test_the_engine_works_after_bad_input(engine: Engine, cat: bytes) -> None:
    with pytest.raises(UnreadablePhotoError):
        engine.describe(cat[:2000])
    with pytest.raises(UnknownWordError):
        engine.similar("qwxz")
    assert engine.describe(cat, 1).captions


def test_a_picture_that_is_not_in_the_gallery_is_not_read(engine: Engine) -> None:
    with pytest.raises(KeyError):
        engine.picture("../weights/manifest.json")


def test_an_answer_is_the_same_twice(engine: Engine, cat: bytes) -> None:
    one, other = engine.describe(cat), engine.describe(cat)
    assert one.captions == other.captions
    np.testing.assert_allclose([m.score for m in one.matches], [m.score for m in other.matches], atol=1e-5)


def test_the_feature_cache_is_filled_a_few_images_at_a_time(
    tmp_path: Path, shipped: Checkpoint, monkeypatch: pytest.MonkeyPatch, warm_home: Callable[[Path], Path]
) -> None:
    monkeypatch.delenv("FLICKR8K_DIR", raising=False)
    engine = Engine(EngineSettings(home=warm_home(tmp_path)), shipped)
    before = engine.find("a person riding a motorcycle", 8)
    while not engine.ready:
        engine.prepare()
    after = engine.find("a person riding a motorcycle", 8)
    assert {match.image for match in before} == {match.image for match in after}
    assert [match.score for match in after] == sorted((match.score for match in after), reverse=True)
    assert after != before


def test_images_are_found_by_inversion(engine: Engine) -> None:
    found = engine.invert("a person riding a motorcycle", 4)
    assert len({match.image for match in found}) == 4
    assert found[0].image == "motorcycle.jpg"
    with pytest.raises(EmptyQueryError, match="no-signs"):
        engine.invert("cat + sofa")


def test_answers_have_a_confidence(engine: Engine, cat: bytes) -> None:
    described = engine.describe(cat, 3)
    found = engine.find("a person riding a motorcycle", 8)
    confidences = [one.confidence for one in (*described.captions, *described.matches, *found)]
    assert all(confidence is not None and 0 < confidence < 1 for confidence in confidences)
    assert found[0].confidence > found[-1].confidence


def test_captions_of_a_photo_do_not_repeat_each_other(engine: Engine, cat: bytes) -> None:
    best, *others = (set(caption.text.split()) for caption in engine.captions(cat))
    assert all(len(best & other) < len(best) for other in others)


def test_a_sample_is_of_different_images_and_another_one_each_time(engine: Engine) -> None:
    samples = [[match.image for match in engine.sample(5)] for _ in range(4)]
    assert all(len(set(sample)) == 5 for sample in samples)
    assert all(engine.picture(image) for image in samples[0])
    assert len({tuple(sample) for sample in samples}) > 1
    assert len(engine.sample(10_000)) == engine.gallery.size
