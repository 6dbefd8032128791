"""Re-ranking by caption likelihood."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.network import Network
from engine.model.vocabulary import END, PAD, START, UNKNOWN
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
from tests.engine.conftest import TINY
from tests.processors import by_precision

# Likelihoods are computed in bfloat16 where that is fast.
pytestmark = [pytest.mark.usefixtures("processor"), by_precision]

CAPTIONS = [[START, 4, 5, 6, END], [START, 5, 10, END], [START, 8, 7, 8, 4, 9, END]]
VIOLIN = 13  # in the vocabulary, but not in the output vocabulary


@pytest.fixture
def grids() -> Tensor:
    return torch.randn(9, TINY.num_patches, TINY.width, generator=torch.Generator().manual_seed(4)) * 3


def word_by_word(network: Network, sentence: list[int], grid: Tensor) -> float:
    """The definition: each word's log probability after those before it."""
    total = 0.0
    for place in range(1, len(sentence)):
        states = network.encode_text(torch.tensor([sentence[:place]])).states
        words = network.caption_logits(states, network.prepare_decoder(grid.unsqueeze(0)))[0, -1].log_softmax(
            -1
        )
        total += float(words[sentence[place]])
    return total


def test_likelihood_is_the_sum_over_the_words(network: Network, grids: Tensor) -> None:
    for sentence in CAPTIONS:
        expected = [word_by_word(network, sentence, grid) for grid in grids]
        token_ids = torch.tensor([sentence])
        found = caption_likelihood(network, network.encode_text(token_ids).states, token_ids, grids)
        torch.testing.assert_close(found, torch.tensor(expected), atol=1e-3, rtol=0)


def test_padding_changes_nothing(network: Network, grids: Tensor) -> None:
    padded = torch.tensor([[*CAPTIONS[1], PAD, PAD]])
    plain = torch.tensor([CAPTIONS[1]])
    found = [caption_likelihood(network, network.encode_text(n).states, n, grids) for n in (padded, plain)]
    torch.testing.assert_close(found[0], found[1])


def test_a_word_the_decoder_cannot_say_counts_as_unknown(network: Network, grids: Tensor) -> None:
    token_ids = torch.tensor([[START, 4, VIOLIN, END]])
    states = network.encode_text(token_ids).states
    as_unknown = token_ids.where(token_ids != VIOLIN, UNKNOWN)
    found = caption_likelihood(network, states, token_ids, grids)
    torch.testing.assert_close(found, caption_likelihood(network, states, as_unknown, grids))


def test_both_directions_agree(network: Network, grids: Tensor) -> None:
    by_caption = torch.stack([likelihood_of_images(network, s, grids) for s in CAPTIONS], dim=1)
    by_image = torch.stack([likelihood_of_captions(network, CAPTIONS, grid) for grid in grids])
    torch.testing.assert_close(by_caption, by_image, atol=0.1, rtol=0)


def test_grids_on_disk_in_half_precision_are_precise_enough(network: Network, grids: Tensor) -> None:
    half = grids.half().numpy()
    half.setflags(write=False)  # as a file mapped for reading
    torch.testing.assert_close(
        likelihood_of_images(network, CAPTIONS[0], half[[0, 5]]),
        likelihood_of_images(network, CAPTIONS[0], grids[[0, 5]]),
        atol=0.1,
        rtol=0,
    )
    torch.testing.assert_close(mean_grid(grids), grids.mean(0))


def test_candidates_are_reranked_and_the_rest_stay_behind(network: Network, grids: Tensor) -> None:
    cosines = torch.linspace(0.9, 0.1, len(grids)).unsqueeze(1)
    config = RerankConfig(top=4, joint=0.0, likelihood=1.0)
    scores = rerank_image_search(network, CAPTIONS[:1], grids, cosines, config)[:, 0]
    likelihood = likelihood_of_images(network, CAPTIONS[0], grids)
    assert scores[:4].argsort().tolist() == likelihood[:4].argsort().tolist()
    assert scores[4:].argsort(descending=True).tolist() == [0, 1, 2, 3, 4]
    assert scores[:4].min() > scores[4:].max()


def test_without_likelihood_the_order_is_that_of_the_joint_space(network: Network, grids: Tensor) -> None:
    cosines = F.cosine_similarity(grids.mean(1).unsqueeze(1), torch.randn(3, TINY.width).unsqueeze(0), dim=-1)
    config = RerankConfig(top=5, likelihood=0.0)
    for rerank, axis in ((rerank_image_search, 0), (rerank_caption_retrieval, 1)):
        scores = rerank(network, CAPTIONS, grids, cosines, config)
        assert torch.equal(scores.argsort(axis), cosines.argsort(axis))


def test_a_caption_that_fits_every_photo_gains_nothing(network: Network, grids: Tensor) -> None:
    same = grids[:1].repeat(4, 1, 1)  # no photo says anything about a caption that the others do not
    cosines = torch.rand(4, 3)
    scores = rerank_caption_retrieval(network, CAPTIONS, same, cosines, CAPTION_RETRIEVAL)
    np.testing.assert_allclose(scores, cosines, atol=0.01)
    biased = rerank_caption_retrieval(network, CAPTIONS, same, cosines, RerankConfig(likelihood=1.0))
    assert biased.argmax(1).unique().numel() == 1
