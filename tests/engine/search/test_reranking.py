"""Re-ranking by caption likelihood."""

from __future__ import annotations

import numpy as np
import pytest

from engine.model.vocabulary import END, PAD, START, UNKNOWN
from engine.runtime.network import RuntimeNetwork
from engine.search.reranking import (
    CAPTION_RETRIEVAL,
    RerankConfig,
    caption_likelihood,
    likelihood_of_captions,
    likelihood_of_images,
    mean_grid,
    rerank_caption_retrieval,
    rerank_image_search,
)
from engine.words.word_similarity import unit_rows
from tests.engine.conftest import TINY

CAPTIONS = [[START, 4, 5, 6, END], [START, 5, 10, END], [START, 8, 7, 8, 4, 9, END]]
VIOLIN = 13  # in the vocabulary, but not in the output vocabulary


@pytest.fixture
def network(runtime: RuntimeNetwork) -> RuntimeNetwork:
    return runtime


@pytest.fixture
def grids() -> np.ndarray:
    shape = (9, TINY.num_patches, TINY.width)
    return 3 * np.random.default_rng(4).normal(size=shape).astype(np.float32)


def word_by_word(network: RuntimeNetwork, sentence: list[int], grid: np.ndarray) -> float:
    """The definition: each word's log probability after those before it."""
    total = 0.0
    for place in range(1, len(sentence)):
        states = network.encode_text(np.array([sentence[:place]])).states
        words = network.caption_log_probabilities(states, grid[None], np.array([sentence[1 : place + 1]]))
        total += float(words[0, -1])
    return total


def test_likelihood_is_the_sum_over_the_words(network: RuntimeNetwork, grids: np.ndarray) -> None:
    for sentence in CAPTIONS:
        expected = [word_by_word(network, sentence, grid) for grid in grids]
        token_ids = np.array([sentence])
        found = caption_likelihood(network, network.encode_text(token_ids).states, token_ids, grids)
        np.testing.assert_allclose(found, expected, atol=1e-3)


def test_padding_changes_nothing(network: RuntimeNetwork, grids: np.ndarray) -> None:
    padded, plain = np.array([[*CAPTIONS[1], PAD, PAD]]), np.array([CAPTIONS[1]])
    found = [caption_likelihood(network, network.encode_text(n).states, n, grids) for n in (padded, plain)]
    np.testing.assert_allclose(*found, rtol=1e-5)


def test_a_word_the_decoder_cannot_say_counts_as_unknown(network: RuntimeNetwork, grids: np.ndarray) -> None:
    token_ids = np.array([[START, 4, VIOLIN, END]])
    states = network.encode_text(token_ids).states
    as_unknown = np.where(token_ids == VIOLIN, UNKNOWN, token_ids)
    found = caption_likelihood(network, states, token_ids, grids)
    np.testing.assert_allclose(found, caption_likelihood(network, states, as_unknown, grids))


def test_both_directions_agree(network: RuntimeNetwork, grids: np.ndarray) -> None:
    by_caption = np.stack([likelihood_of_images(network, s, grids) for s in CAPTIONS], axis=1)
    by_image = np.stack([likelihood_of_captions(network, CAPTIONS, grid) for grid in grids])
    np.testing.assert_allclose(by_caption, by_image, atol=1e-3)


def test_grids_on_disk_in_half_precision_are_precise_enough(
    network: RuntimeNetwork, grids: np.ndarray
) -> None:
    half = grids.astype(np.float16)
    half.setflags(write=False)  # as a file mapped for reading
    np.testing.assert_allclose(
        likelihood_of_images(network, CAPTIONS[0], half[[0, 5]]),
        likelihood_of_images(network, CAPTIONS[0], grids[[0, 5]]),
        atol=0.1,
    )
    np.testing.assert_allclose(mean_grid(grids), grids.mean(0), atol=1e-5)


def test_candidates_are_reranked_and_the_rest_stay_behind(network: RuntimeNetwork, grids: np.ndarray) -> None:
    cosines = np.linspace(0.9, 0.1, len(grids), dtype=np.float32)[:, None]
    config = RerankConfig(top=4, joint=0.0, likelihood=1.0)
    scores = rerank_image_search(network, CAPTIONS[:1], grids, cosines, config)[:, 0]
    likelihood = likelihood_of_images(network, CAPTIONS[0], grids)
    assert scores[:4].argsort().tolist() == likelihood[:4].argsort().tolist()
    assert np.argsort(-scores[4:]).tolist() == [0, 1, 2, 3, 4]
    assert scores[:4].min() > scores[4:].max()


def test_without_likelihood_the_order_is_that_of_the_joint_space(
    network: RuntimeNetwork, grids: np.ndarray
) -> None:
    texts = unit_rows(np.random.default_rng(5).normal(size=(3, TINY.width)))
    cosines = unit_rows(grids.mean(1)) @ texts.T
    config = RerankConfig(top=5, likelihood=0.0)
    for rerank, axis in ((rerank_image_search, 0), (rerank_caption_retrieval, 1)):
        scores = rerank(network, CAPTIONS, grids, cosines, config)
        np.testing.assert_array_equal(scores.argsort(axis), cosines.argsort(axis))


def test_a_caption_that_fits_every_photo_gains_nothing(network: RuntimeNetwork, grids: np.ndarray) -> None:
    same = np.repeat(grids[:1], 4, axis=0)  # no photo says anything about a caption that the others do not
    cosines = np.random.default_rng(6).random((4, 3), np.float32)
    scores = rerank_caption_retrieval(network, CAPTIONS, same, cosines, CAPTION_RETRIEVAL)
    np.testing.assert_allclose(scores, cosines, atol=0.01)
    biased = rerank_caption_retrieval(
        network, CAPTIONS, same, cosines, RerankConfig(joint=0.0, likelihood=1.0)
    )
    assert len(set(biased.argmax(1).tolist())) == 1
