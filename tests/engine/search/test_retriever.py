from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from data.gallery import Gallery, folder_gallery
from engine.model.calibration import Calibration
from engine.model.checkpoint import Checkpoint
from engine.results import WEAK
from engine.search import embeddings
from engine.search.reranking import IMAGE_SEARCH, likelihood_of_images
from engine.search.retriever import Retriever
from engine.settings import EngineSettings
from tests.processors import by_precision

TEXT = [1, 4, 5, 6, 2]  # a dog runs


@pytest.fixture
def gallery(make_image: Callable[..., Path], tmp_path: Path) -> Gallery:
    for n in range(12):
        make_image(f"mine/{n:02}.png", (20 * n, 255 - 20 * n, 90 * n % 256))
    return folder_gallery(tmp_path / "mine", "mine")


@pytest.fixture
def make_search(loaded: Checkpoint, gallery: Gallery, tmp_path: Path) -> Callable[..., Retriever]:
    def make(artifact: Checkpoint = loaded, **settings: object) -> Retriever:
        chosen = EngineSettings(home=tmp_path / "home", **settings)
        return Retriever(artifact, gallery, embeddings.make(gallery, artifact), chosen)

    return make


@torch.inference_mode()
def query(loaded: Checkpoint) -> np.ndarray:
    return loaded.network.encode_text(torch.tensor([TEXT])).joint[0].numpy()


def prepared(search: Retriever) -> Retriever:
    while not search.ready:
        search.prepare(5)
    return search


def test_before_it_is_prepared_search_has_one_stage(
    make_search: Callable[..., Retriever], loaded: Checkpoint
) -> None:
    search = make_search()
    assert not search.ready
    asked = query(loaded)
    assert search.find(asked, 5, TEXT) == search.find(asked, 5)


@by_precision
@pytest.mark.usefixtures("processor")
def test_the_second_stage_orders_by_the_decoders_likelihood(
    make_search: Callable[..., Retriever], loaded: Checkpoint
) -> None:
    search, asked = prepared(make_search()), query(loaded)
    plain = {match.image: match.score for match in search.find(asked, 12)}
    found = search.find(asked, 12, TEXT)
    grids = search._grids.of([int(match.image[:2]) for match in found])
    fit = likelihood_of_images(loaded.network, TEXT, grids).numpy()
    expected = np.array([plain[match.image] for match in found]) + IMAGE_SEARCH.likelihood * (fit - fit.max())
    np.testing.assert_allclose([match.score for match in found], expected, atol=1e-3)
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)
    assert search.find(asked, 3, TEXT) == found[:3]


def test_inversion_finds_images_once_all_are_prepared(make_search: Callable[..., Retriever]) -> None:
    search = make_search()
    with pytest.raises(RuntimeError):
        search.invert(TEXT, 3)
    found = prepared(search).invert(TEXT, 3)
    assert len({match.image for match in found}) == 3
    assert found[0].score >= found[-1].score
    assert found[0].confidence is None


def test_switched_off_the_second_stage_costs_nothing(
    make_search: Callable[..., Retriever], tmp_path: Path
) -> None:
    assert make_search(two_stages=False).ready
    assert not (tmp_path / "home" / "grids").exists()


def test_where_grids_cannot_be_kept_search_goes_on(
    make_search: Callable[..., Retriever],
    loaded: Checkpoint,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "grids").write_text("a file where a folder should be")
    search = make_search()
    assert search.ready
    assert "one stage" in caplog.text
    assert len(search.find(query(loaded), 4, TEXT)) == 4


def test_confidence_comes_from_the_calibration(
    make_search: Callable[..., Retriever], loaded: Checkpoint
) -> None:
    width = loaded.network.config.joint_width
    weights = np.array([4.0, 0.0, 0.0])
    calibration = Calibration(np.zeros(width), np.eye(width), weights, weights, weights)
    (match, *_) = make_search(replace(loaded, calibration=calibration)).find(query(loaded), 5)
    assert match.confidence == pytest.approx(1 / (1 + np.exp(-4 * match.score)), abs=1e-4)
    assert match.is_weak == (match.confidence < WEAK)
