"""A compiled network computes what the network computes that it was made from."""

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
from tests.processors import HAS_BFLOAT16, Processor, by_precision


def photos() -> torch.Tensor:
    torch.manual_seed(1)
    return torch.rand(2, 3, TINY.image_size, TINY.image_size) * 2 - 1


@pytest.fixture(scope="module")
def compiled(frozen_network: Network) -> CompiledNetwork:
    """A compiled network that all tests share; one that changes it compiles its own."""
    return CompiledNetwork(frozen_network)


@torch.inference_mode()
def test_a_compiled_network_encodes_as_before(network: Network, compiled: CompiledNetwork) -> None:
    token_ids = torch.tensor([[1, 4, 5, 6, 2], [1, 4, 2, 0, 0]])
    for before, after in (
        (network.encode_image(photos()), compiled.encode_image(photos())),
        (network.encode_text(token_ids), compiled.encode_text(token_ids)),
    ):
        for one, other in zip(before, after, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@by_precision
@torch.inference_mode()
def test_in_the_fast_precision_photos_are_encoded_nearly_alike(
    processor: Processor, network: Network
) -> None:
    after = CompiledNetwork(network, fast_precision()).encode_image(photos())
    assert after.grid.dtype is after.joint.dtype is torch.float32
    before = CompiledNetwork(network).encode_image(photos())
    assert F.cosine_similarity(before.joint, after.joint).min() > 0.999
    if HAS_BFLOAT16 and fast_precision() is torch.bfloat16:
        assert not torch.equal(before.joint, after.joint)


def test_a_compiled_network_captions_as_before(network: Network, compiled: CompiledNetwork) -> None:
    grid = network.encode_image(photos()).grid
    before, after = ([[s.token_ids for s in one] for one in generate(n, grid)] for n in (network, compiled))
    assert before == after


@torch.inference_mode()
@pytest.mark.parametrize("photos_at_once", [1, 3])
def test_every_token_of_a_long_sentence_is_decoded_as_before(photos_at_once: int) -> None:
    """Where the KV cache grew with the sentence, the sixteenth token and all later ones came out wrong."""
    torch.manual_seed(0)
    config = dataclasses.replace(TINY, max_length=24)
    before = Network(config, with_encoder=False).eval()
    after = CompiledNetwork(before)
    grid = torch.randn(photos_at_once, TINY.num_patches, TINY.width)
    caches = [KVCache(config, photos_at_once, 4) for _ in range(2)]
    contexts = [network.prepare_decoder(grid) for network in (before, after)]
    for _ in range(25):
        token_ids = torch.randint(4, TINY.output_vocab_size, (photos_at_once, 4))
        torch.testing.assert_close(
            *(
                network.decode_step(token_ids, cache, context)
                for network, cache, context in zip((before, after), caches, contexts, strict=True)
            ),
            rtol=1e-4,
            atol=1e-4,
        )
        for cache in caches:
            cache.reorder(torch.tensor([3, 2, 1, 0]).expand(photos_at_once, -1))


def test_compiling_leaves_the_network_as_it_is(network: Network) -> None:
    compiled = CompiledNetwork(network)
    compiled.text_projection.weight.add_(1)
    assert not torch.equal(network.text_projection.weight, compiled.text_projection.weight)
    assert network.training is compiled.training is False


def test_the_compiled_form_runs_in_inference_mode_only(network: Network) -> None:
    compiled, token_ids = CompiledNetwork(network), torch.tensor([[1, 4, 2]])
    with torch.inference_mode():
        before = compiled.encode_text(token_ids).joint
        compiled.text_projection.weight.neg_()  # too late for the compiled form
        assert torch.equal(compiled.encode_text(token_ids).joint, before)
    assert not torch.allclose(compiled.encode_text(token_ids).joint, before)


@torch.inference_mode()
def test_captions_are_scored_as_before(network: Network, compiled: CompiledNetwork) -> None:
    token_ids, grid = torch.tensor([[1, 4, 5, 6, 2]]), network.encode_image(photos()).grid
    before, after = (
        n.caption_logits(n.encode_text(token_ids).states, n.prepare_decoder(grid))
        for n in (network, compiled)
    )
    torch.testing.assert_close(before, after, rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_a_compiled_network_meets_few_shapes(network: Network) -> None:
    compiled = CompiledNetwork(network)
    shapes = {name: _shapes_of_calls(compiled, name) for name in ("encode_text", "caption_logits")}
    longest, most_rows = TINY.max_length + 2, 9
    context = compiled.prepare_decoder(torch.randn(1, TINY.num_patches, TINY.width))
    for length in range(2, longest + 1):
        for rows in range(1, most_rows + 1):
            text = compiled.encode_text(torch.full((rows, length), 5))
            assert text.states.shape[:2] == (rows, length)
            assert len(text.joint) == rows
        assert compiled.caption_logits(text.states[:1], context).shape[1] == length
    lengths, batches = (math.ceil(size / PADDING_MULTIPLE) for size in (longest, most_rows))
    assert len(shapes["caption_logits"]) <= lengths
    assert len(shapes["encode_text"]) <= lengths * batches


def _shapes_of_calls(compiled: CompiledNetwork, name: str) -> set[tuple[int, ...]]:
    """Return the set, growing from now on, of the shapes that an entry point is called with."""
    shapes, entry_point = set(), compiled._compiled[name]

    def recording(*tensors: torch.Tensor) -> list[torch.Tensor]:
        shapes.add(tuple(tensors[0].shape))
        return entry_point(*tensors)

    compiled._compiled[name] = recording
    return shapes


def test_gradients_pass_through_a_compiled_network(compiled: CompiledNetwork) -> None:
    pixels = photos().requires_grad_()
    compiled.encode_image(pixels).joint[0, 0].backward()
    assert pixels.grad is not None and pixels.grad.abs().sum() > 0
