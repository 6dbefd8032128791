"""Retrieval from a gallery in one and two stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import skimage
from PIL import Image

from data.gallery import Gallery, folder_gallery
from engine.gallery.image_reader import encode_image, read_image
from engine.model.calibration import Calibration
from engine.model.checkpoint import Checkpoint
from engine.model.prototypes import WordPrototypes
from engine.results import WEAK_CONFIDENCE, Match
from engine.search import indexing, second_stage
from engine.search.opening import open_retriever
from engine.search.reranking import IMAGE_SEARCH, likelihood_of_images
from engine.search.retriever import Retriever
from engine.settings import EngineSettings

TEXT = [1, 4, 5, 6, 2]  # a dog runs


@pytest.fixture
def gallery(make_image: Callable[..., Path], tmp_path: Path) -> Gallery:
    for n in range(12):
        make_image(f"mine/{n:02}.png", (20 * n, 255 - 20 * n, 90 * n % 256))
    return folder_gallery(tmp_path / "mine", "mine")


@pytest.fixture
def make_retriever(loaded: Checkpoint, gallery: Gallery, tmp_path: Path) -> Callable[..., Retriever]:
    def make(checkpoint: Checkpoint = loaded, **settings: object) -> Retriever:
        chosen = EngineSettings(home=tmp_path / "home", **settings)
        return open_retriever(checkpoint, gallery, indexing.embed_gallery(gallery, checkpoint), chosen)

    return make


def query(loaded: Checkpoint) -> np.ndarray:
    return loaded.network.encode_text(np.array([TEXT])).joint[0]


def prepared(retriever: Retriever) -> Retriever:
    network = retriever._checkpoint.network
    while (image := retriever.second_stage.next_image) is not None:
        photo = read_image(retriever.gallery, image, network.config.image_size)
        retriever.second_stage.add(encode_image(network, photo))
    return retriever


def test_search_has_one_stage_until_the_feature_cache_is_complete(
    make_retriever: Callable[..., Retriever], loaded: Checkpoint
) -> None:
    retriever = make_retriever()
    assert not retriever.second_stage.ready
    vector = query(loaded)
    assert retriever.search_by_text(vector, 5, TEXT) == retriever.search_by_text(vector, 5)


def test_the_second_stage_orders_by_the_decoders_likelihood(
    make_retriever: Callable[..., Retriever], loaded: Checkpoint
) -> None:
    retriever, vector = prepared(make_retriever()), query(loaded)
    plain = {match.image: match.score for match in retriever.search_by_text(vector, 12)}
    found = retriever.search_by_text(vector, 12, TEXT)
    grids = retriever.second_stage.features.rows([int(match.image[:2]) for match in found])
    likelihood = likelihood_of_images(loaded.network, TEXT, grids)
    expected = np.array([plain[match.image] for match in found]) + IMAGE_SEARCH.likelihood * (
        likelihood - likelihood.max()
    )
    np.testing.assert_allclose([match.score for match in found], expected, atol=1e-3)
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)
    assert retriever.search_by_text(vector, 3, TEXT) == found[:3]


def test_inversion_needs_the_complete_feature_cache(make_retriever: Callable[..., Retriever]) -> None:
    retriever = make_retriever()
    with pytest.raises(RuntimeError):
        retriever.search_by_inversion(TEXT, 3)
    found = prepared(retriever).search_by_inversion(TEXT, 3)
    assert len({match.image for match in found}) == 3
    assert found[0].score >= found[-1].score
    assert found[0].confidence is None


def test_without_the_second_stage_there_is_no_feature_cache(
    make_retriever: Callable[..., Retriever], tmp_path: Path
) -> None:
    assert make_retriever(two_stages=False).second_stage.ready
    assert not (tmp_path / "home" / "grids").exists()


def test_search_works_without_a_writable_feature_cache(
    make_retriever: Callable[..., Retriever],
    loaded: Checkpoint,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "grids").write_text("a file where a folder should be")
    retriever = make_retriever()
    assert retriever.second_stage.ready
    assert "one stage" in caplog.text
    assert len(retriever.search_by_text(query(loaded), 4, TEXT)) == 4


def test_confidence_comes_from_the_calibration(
    make_retriever: Callable[..., Retriever], loaded: Checkpoint
) -> None:
    width = loaded.network.config.joint_width
    weights = np.array([4.0, 0.0, 0.0])
    calibration = Calibration(np.zeros(width), np.eye(width), weights, weights, weights)
    (match, *_) = make_retriever(replace(loaded, calibration=calibration)).search_by_text(query(loaded), 5)
    assert match.confidence == pytest.approx(1 / (1 + np.exp(-4 * match.score)), abs=1e-4)
    assert match.is_weak == (match.confidence < WEAK_CONFIDENCE)


@pytest.fixture
def copies(make_image: Callable[..., Path], tmp_path: Path) -> Gallery:
    """Twelve copies of a photo among five plain images."""
    for n in range(5):
        make_image(f"twice/{n}.png", (50 * n, 255 - 50 * n, 90))
    photo = Image.open(Path(skimage.__file__).parent / "data" / "chelsea.png").convert("RGB")
    for n in range(12):
        photo.save(tmp_path / "twice" / f"copy{n:02}.jpg", quality=95 - n)
    return folder_gallery(tmp_path / "twice", "twice")


@pytest.fixture
def copied(copies: Gallery, loaded: Checkpoint, tmp_path: Path) -> Retriever:
    settings = EngineSettings(home=tmp_path / "home")
    return open_retriever(loaded, copies, indexing.embed_gallery(copies, loaded), settings)


def searches(retriever: Retriever, loaded: Checkpoint) -> dict[str, Callable[[int], tuple[Match, ...]]]:
    vector = query(loaded)
    return {
        "text": lambda count: retriever.search_by_text(vector, count),
        "photo": lambda count: retriever.search_by_photo(vector, count),
        "zero-shot": lambda count: retriever.search_zero_shot(vector, "violin", count),
        "sample": retriever.sample,
    }


@pytest.mark.parametrize("kind", ["text", "photo", "zero-shot", "sample"])
def test_copies_are_one_match_and_the_page_is_filled_with_others(
    copied: Retriever, loaded: Checkpoint, kind: str
) -> None:
    found = searches(copied, loaded)[kind](6)
    assert len(found) == 6
    (cat,) = (match for match in found if match.image.startswith("copy"))
    assert len(cat.near_duplicates) == 11
    assert {cat.image, *cat.near_duplicates} == {f"copy{n:02}.jpg" for n in range(12)}
    assert not any(match.near_duplicates for match in found if match is not cat)


@pytest.mark.parametrize("kind", ["text", "photo", "zero-shot"])
def test_a_longer_list_begins_with_the_shorter_one(copied: Retriever, loaded: Checkpoint, kind: str) -> None:
    search = searches(copied, loaded)[kind]
    whole = search(50)
    assert [search(count) for count in range(7)] == [whole[:count] for count in range(7)]
    listed = [name for match in whole for name in (match.image, *match.near_duplicates)]
    assert sorted(listed) == sorted(copied.gallery.images)


def test_re_ranked_copies_are_one_match_and_lower_images_follow(
    copied: Retriever, loaded: Checkpoint
) -> None:
    retriever, vector = prepared(copied), query(loaded)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(second_stage, "IMAGE_SEARCH", replace(IMAGE_SEARCH, top=4))
        found = retriever.search_by_text(vector, 6, TEXT)
        assert retriever.search_by_text(vector, 3, TEXT) == found[:3]
    assert len(found) == 6
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)


def test_images_similar_to_a_copy_count_the_other_copies_once(copied: Retriever) -> None:
    first, *others = copied.similar_images("copy03.jpg", 6)
    assert {first.image, *first.near_duplicates} == {f"copy{n:02}.jpg" for n in range(12) if n != 3}
    assert not any(match.image.startswith("copy") for match in others)


def test_a_copy_that_is_gone_neither_counts_nor_hides_the_others(
    copied: Retriever, loaded: Checkpoint
) -> None:
    before = next(match for match in copied.search_by_photo(query(loaded), 6) if match.near_duplicates)
    Path(str(copied.gallery.folder), before.image).unlink()
    after = next(match for match in copied.search_by_photo(query(loaded), 6) if match.near_duplicates)
    assert after.image in before.near_duplicates
    assert len(after.near_duplicates) == 10


def test_a_gallery_lists_each_group_of_near_duplicates_once(copied: Retriever) -> None:
    (group,) = copied.near_duplicates()
    assert len(group.near_duplicates) == 11


def test_words_outside_all_captions_order_by_their_detector_and_score_by_their_vector(
    copies: Gallery, loaded: Checkpoint, tmp_path: Path
) -> None:
    vector, codes = query(loaded), np.ones((1, 1), np.int8)
    detectors = np.random.default_rng(1).normal(size=(2, 1, len(vector)))
    checkpoint = replace(loaded, prototypes=WordPrototypes(["violin"], codes, *detectors))
    embeddings = indexing.embed_gallery(copies, checkpoint)
    retriever = open_retriever(checkpoint, copies, embeddings, EngineSettings(home=tmp_path / "home"))
    found = retriever.search_zero_shot(vector, "violin", len(retriever))
    rows = [embeddings.rows[match.image] for match in found]
    fits = embeddings.matrix @ detectors[1, 0]
    assert len(rows) > 2
    np.testing.assert_array_equal(fits[rows], np.sort(fits[rows])[::-1])
    np.testing.assert_allclose(
        [match.score for match in found], (embeddings.matrix @ vector)[rows], rtol=1e-5
    )
