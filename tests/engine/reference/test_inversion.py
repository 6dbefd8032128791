"""Search by inversion of the decoder."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.model.vocabulary import END, START
from engine.reference.inversion import FROM_MEAN, PLAIN, DescentConfig, Inversion, caption_likelihood
from engine.reference.network import Network
from engine.runtime.network import RuntimeNetwork
from engine.search import reranking
from tests.engine.conftest import TINY

CAPTION = [START, 4, 5, 6, END]
SHORT = replace(PLAIN, steps=20)


@pytest.fixture
def vectors() -> np.ndarray:
    """Sixty images in the decoder's input space."""
    return np.random.default_rng(2).normal(1.0, size=(60, TINY.width)).astype(np.float32)


def likelihood(network: Network, vectors: Tensor) -> Tensor:
    token_ids = torch.tensor([CAPTION])
    states = network.encode_text(token_ids).states
    return caption_likelihood(network, states, token_ids, vectors.unsqueeze(1))


def test_the_likelihood_is_that_of_the_runtime(
    network: Network, runtime: RuntimeNetwork, vectors: np.ndarray
) -> None:
    grids = np.repeat(vectors[:, None], TINY.num_patches, axis=1)  # attention to equals is that to one
    expected = reranking.likelihood_of_images(runtime, CAPTION, grids)
    np.testing.assert_allclose(likelihood(network, torch.from_numpy(vectors)), expected, rtol=1e-4)


@pytest.mark.parametrize(
    "config", [FROM_MEAN, SHORT, replace(SHORT, restarts=3), replace(SHORT, random_start=False)]
)
def test_the_images_found_make_the_caption_likely(
    network: Network, vectors: np.ndarray, config: DescentConfig
) -> None:
    scores = Inversion(network, vectors, config).scores(CAPTION)
    fits = likelihood(network, torch.from_numpy(vectors))[np.argsort(-scores)]
    assert fits[:15].mean() > fits.mean() > fits[-15:].mean()


def test_a_descent_makes_the_caption_likelier_step_by_step(network: Network, vectors: np.ndarray) -> None:
    inversion = Inversion(network, vectors, SHORT)
    start, token_ids = inversion._start(), torch.tensor([CAPTION])
    states = network.encode_text(token_ids).states
    points = [start, *(_after(inversion, states, token_ids, start, steps) for steps in (2, 10, 40))]
    fits = [float(likelihood(network, point)) for point in points]
    assert fits == sorted(fits)
    assert fits[-1] > fits[0]


def test_an_image_at_the_end_of_the_descent_is_found(network: Network, vectors: np.ndarray) -> None:
    inversion = Inversion(network, vectors, SHORT)
    token_ids = torch.tensor([CAPTION])
    states = network.encode_text(token_ids).states
    end = inversion._descend(states, token_ids, inversion._start())
    gallery = torch.cat((torch.from_numpy(vectors), end))
    inversion.vectors, inversion._directions = gallery, torch.nn.functional.normalize(gallery, dim=1)
    assert inversion.nearest(CAPTION, 1)[0] == (60, pytest.approx(1.0, abs=1e-3))


def test_the_descent_starts_at_the_mean_or_at_random(network: Network, vectors: np.ndarray) -> None:
    np.testing.assert_allclose(Inversion(network, vectors)._start()[0], vectors.mean(0), rtol=1e-5)
    random = Inversion(network, vectors, replace(PLAIN, restarts=3))._start()
    assert random.shape == (3, TINY.width)
    assert not torch.equal(random[0], random[1])


def test_the_best_come_first_and_no_more_than_there_are(network: Network, vectors: np.ndarray) -> None:
    inversion = Inversion(network, vectors[:5])
    hits = inversion.nearest(CAPTION, 10)
    assert sorted(row for row, _ in hits) == [0, 1, 2, 3, 4]
    cosines = [cosine for _, cosine in hits]
    assert cosines == sorted(cosines, reverse=True)
    assert cosines == pytest.approx(-np.sort(-inversion.scores(CAPTION)))


def test_the_same_caption_finds_the_same_images(network: Network, vectors: np.ndarray) -> None:
    inversion = Inversion(network, vectors, SHORT)
    torch.manual_seed(5)
    first = inversion.scores(CAPTION)
    np.testing.assert_array_equal(first, inversion.scores(CAPTION))
    after = torch.rand(1)
    torch.manual_seed(5)
    assert torch.equal(after, torch.rand(1))  # the global random state is untouched


def test_the_network_is_unchanged_in_every_autograd_mode(network_copy: Network, vectors: np.ndarray) -> None:
    network_copy.requires_grad_()
    with torch.inference_mode():
        in_inference_mode = Inversion(network_copy, vectors).scores(CAPTION)
    np.testing.assert_allclose(in_inference_mode, Inversion(network_copy, vectors).scores(CAPTION), rtol=1e-5)
    assert all(parameter.grad is None for parameter in network_copy.parameters())


def _after(inversion: Inversion, states: Tensor, token_ids: Tensor, start: Tensor, steps: int) -> Tensor:
    inversion.config = replace(inversion.config, steps=steps)
    return inversion._descend(states, token_ids, start)
