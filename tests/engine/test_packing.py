"""A settled network, packed and compiled, gives what it gave before."""

from __future__ import annotations

import copy
import dataclasses
import math

import pytest
import torch
from torch.nn import functional as F

from engine.captioning import generate
from engine.network import STEP, Network
from engine.packing import fast_precision
from tests.engine.conftest import TINY

pytestmark = pytest.mark.skipif(
    not torch.backends.mkldnn.is_available(), reason="torch was built without oneDNN"
)


def photos() -> torch.Tensor:
    torch.manual_seed(1)
    return torch.rand(2, 3, TINY.image_side, TINY.image_side) * 2 - 1


@pytest.fixture
def settled(network: Network) -> Network:
    other = copy.deepcopy(network)
    other.settle()
    return other


@torch.inference_mode()
def test_a_settled_network_sees_and_reads_as_before(network: Network, settled: Network) -> None:
    numbers = torch.tensor([[1, 4, 5, 6, 2], [1, 4, 2, 0, 0]])
    for before, after in (
        (network.encode_image(photos()), settled.encode_image(photos())),
        (network.encode_text(numbers), settled.encode_text(numbers)),
    ):
        for one, other in zip(before, after, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@torch.inference_mode()
@pytest.mark.skipif(fast_precision() is torch.float32, reason="this processor has no fast bfloat16")
def test_half_as_precise_weights_see_and_read_nearly_the_same(network: Network) -> None:
    half = copy.deepcopy(network)
    half.settle(torch.bfloat16)
    numbers = torch.tensor([[1, 4, 5, 6, 2]])
    for before, after in (
        (network.encode_image(photos()), half.encode_image(photos())),
        (network.encode_text(numbers), half.encode_text(numbers)),
    ):
        assert all(one.dtype is torch.float32 for one in after)
        assert F.cosine_similarity(before.joint, after.joint).min() > 0.999
        assert not torch.equal(before.joint, after.joint)


def test_a_settled_network_captions_as_before(network: Network, settled: Network) -> None:
    grid = network.encode_image(photos()).grid
    before, after = ([[s.numbers for s in one] for one in generate(n, grid)] for n in (network, settled))
    assert before == after


@torch.inference_mode()
@pytest.mark.parametrize("photos_at_once", [1, 3])
def test_a_settled_network_reads_every_word_of_a_long_sentence_as_before(photos_at_once: int) -> None:
    """Where the memory grew with the sentence, the sixteenth word and all later ones came out wrong."""
    torch.manual_seed(0)
    before = Network(dataclasses.replace(TINY, length=24)).eval()
    after = copy.deepcopy(before)
    after.settle()
    rows = 4 * photos_at_once
    grid = torch.randn(photos_at_once, TINY.places, TINY.width)
    memories = [network.blank(rows) for network in (before, after)]
    parents = torch.arange(rows)
    for place in range(25):
        numbers = torch.randint(4, TINY.spoken, (rows,))
        found = []
        for turn, network in enumerate((before, after)):
            words, memories[turn] = network.next_word(
                numbers, parents, place, memories[turn], network.look(grid)
            )
            found.append(words)
        torch.testing.assert_close(*found, rtol=1e-4, atol=1e-4)
        parents = torch.arange(rows).view(-1, 4).flip(1).flatten()  # sentences change their places


def test_packed_weights_are_taken_in_inference_mode_alone(settled: Network) -> None:
    for layer in (settled.image.grid, settled.text_joint):
        layer.plain.weight.zero_()
        x = torch.rand(1, layer.plain.in_features)
        with torch.inference_mode():
            assert not torch.allclose(layer(x), layer.plain(x))
        assert torch.equal(layer(x), layer.plain(x))


@torch.inference_mode()
def test_a_settled_network_computes_with_few_sizes(settled: Network) -> None:
    met = set()
    for block in (settled.text_layers[0], settled.caption_layers[0]):
        block.register_forward_pre_hook(lambda _, given: met.add(tuple(given[0].shape)))
    most, count = TINY.length + 2, 9
    look = settled.look(settled.encode_image(photos()[:1]).grid)
    for words in range(2, most + 1):
        for rows in range(1, count + 1):
            text = settled.encode_text(torch.full((rows, words), 5))
            assert text.states.shape[:2] == (rows, words)
            assert len(text.joint) == rows
        assert settled.caption_logits(text.states[:1], look).shape[1] == words
    assert len(met) <= math.ceil(most / STEP) * (math.ceil(count / STEP) + 1)


def test_gradients_pass_through_a_settled_network(settled: Network) -> None:
    pixels = photos().requires_grad_()
    settled.encode_image(pixels).joint[0, 0].backward()
    assert pixels.grad is not None and pixels.grad.abs().sum() > 0
