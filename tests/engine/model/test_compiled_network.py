"""A settled network, compiled, gives what it gave before."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch
from torch.nn import functional as F

from engine.model.beam_search import generate
from engine.model.compiled_network import PADDING_MULTIPLE, CompiledNetwork
from engine.model.kv_cache import KVCache
from engine.model.network import Network
from engine.model.openvino_backend import fast_precision
from tests.engine.conftest import TINY


def photos() -> torch.Tensor:
    torch.manual_seed(1)
    return torch.rand(2, 3, TINY.image_size, TINY.image_size) * 2 - 1


@pytest.fixture
def settled(network: Network) -> CompiledNetwork:
    return CompiledNetwork(network)


@torch.inference_mode()
def test_a_settled_network_sees_and_reads_as_before(network: Network, settled: CompiledNetwork) -> None:
    numbers = torch.tensor([[1, 4, 5, 6, 2], [1, 4, 2, 0, 0]])
    for before, after in (
        (network.encode_image(photos()), settled.encode_image(photos())),
        (network.encode_text(numbers), settled.encode_text(numbers)),
    ):
        for one, other in zip(before, after, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@torch.inference_mode()
@pytest.mark.skipif(fast_precision() is torch.float32, reason="this processor has no fast bfloat16")
def test_half_as_precise_it_sees_nearly_the_same(network: Network) -> None:
    before, after = (
        one.encode_image(photos())
        for one in (CompiledNetwork(network), CompiledNetwork(network, torch.bfloat16))
    )
    assert all(one.dtype is torch.float32 for one in after)
    assert F.cosine_similarity(before.joint, after.joint).min() > 0.999
    assert not torch.equal(before.joint, after.joint)


def test_a_settled_network_captions_as_before(network: Network, settled: CompiledNetwork) -> None:
    grid = network.encode_image(photos()).grid
    before, after = ([[s.token_ids for s in one] for one in generate(n, grid)] for n in (network, settled))
    assert before == after


@torch.inference_mode()
@pytest.mark.parametrize("photos_at_once", [1, 3])
def test_a_settled_network_reads_every_word_of_a_long_sentence_as_before(photos_at_once: int) -> None:
    """Where the memory grew with the sentence, the sixteenth word and all later ones came out wrong."""
    torch.manual_seed(0)
    before = Network(dataclasses.replace(TINY, max_length=24)).eval()
    after = CompiledNetwork(before)
    grid = torch.randn(photos_at_once, TINY.num_patches, TINY.width)
    memories = [KVCache(before.config, photos_at_once, 4) for _ in range(2)]
    for _ in range(25):
        numbers = torch.randint(4, TINY.output_vocab_size, (photos_at_once, 4))
        torch.testing.assert_close(
            *(
                network.decode_step(numbers, memory, network.prepare_decoder(grid))
                for network, memory in zip((before, after), memories, strict=True)
            ),
            rtol=1e-4,
            atol=1e-4,
        )
        for memory in memories:
            memory.reorder(torch.tensor([3, 2, 1, 0]).expand(photos_at_once, -1))  # they change their places


def test_a_network_stays_as_it_is_when_one_is_settled_from_it(
    network: Network, settled: CompiledNetwork
) -> None:
    settled.text_projection.weight.add_(1)
    assert not torch.equal(network.text_projection.weight, settled.text_projection.weight)
    assert network.training is settled.training is False


def test_what_is_compiled_is_taken_in_inference_mode_alone(settled: CompiledNetwork) -> None:
    numbers = torch.tensor([[1, 4, 2]])
    with torch.inference_mode():
        before = settled.encode_text(numbers).joint
        settled.text_projection.weight.neg_()  # comes too late for what was compiled
        assert torch.equal(settled.encode_text(numbers).joint, before)
    assert not torch.allclose(settled.encode_text(numbers).joint, before)


@torch.inference_mode()
def test_photos_are_said_and_found_as_before(network: Network, settled: CompiledNetwork) -> None:
    numbers, grid = torch.tensor([[1, 4, 5, 6, 2]]), network.encode_image(photos()).grid
    before, after = (
        n.caption_logits(n.encode_text(numbers).states, n.prepare_decoder(grid)) for n in (network, settled)
    )
    torch.testing.assert_close(before, after, rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_a_settled_network_computes_with_few_sizes(settled: CompiledNetwork) -> None:
    met = {name: _sizes(settled, name) for name in ("encode_text", "caption_logits")}
    most, count = TINY.max_length + 2, 9
    look = settled.prepare_decoder(settled.encode_image(photos()[:1]).grid)
    for words in range(2, most + 1):
        for rows in range(1, count + 1):
            text = settled.encode_text(torch.full((rows, words), 5))
            assert text.states.shape[:2] == (rows, words)
            assert len(text.joint) == rows
        assert settled.caption_logits(text.states[:1], look).shape[1] == words
    assert len(met["caption_logits"]) <= math.ceil(most / PADDING_MULTIPLE)
    assert len(met["encode_text"]) <= math.ceil(most / PADDING_MULTIPLE) * math.ceil(count / PADDING_MULTIPLE)


def _sizes(settled: CompiledNetwork, name: str) -> set[tuple[int, ...]]:
    """What sizes a compiled part meets from now on."""
    met, compiled = set(), settled._compiled[name]

    def watched(*given: torch.Tensor) -> list[torch.Tensor]:
        met.add(tuple(given[0].shape))
        return compiled(*given)

    settled._compiled[name] = watched
    return met


def test_gradients_pass_through_a_settled_network(settled: CompiledNetwork) -> None:
    pixels = photos().requires_grad_()
    settled.encode_image(pixels).joint[0, 0].backward()
    assert pixels.grad is not None and pixels.grad.abs().sum() > 0
