"""What is quantized to int8 is nearly what it was."""

from __future__ import annotations

import json

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model import checkpoint
from engine.model.checkpoint import Checkpoint
from engine.model.compiled_network import CompiledNetwork, FixedHeadNetwork
from engine.model.int8 import ActivationRanges, has_int8_dot_product, observe_ranges, quantize
from engine.model.kv_cache import KVCache
from engine.model.network import Network
from engine.model.openvino_backend import DYNAMIC, OpenVINOFunction, fast_precision
from engine.photos import preprocess
from engine.settings import ARTIFACT_DIR
from engine.training.int8_calibration import calibrate_int8
from tests.engine.conftest import TINY
from tests.processors import PROCESSORS, Processor

with_int8 = pytest.mark.parametrize(
    "processor", [p for p in PROCESSORS if p.name == "int8"], ids=["int8"], indirect=True
)


def photos(count: int = 4) -> Tensor:
    torch.manual_seed(1)
    return torch.rand(count, 3, TINY.image_size, TINY.image_size) * 2 - 1


@pytest.fixture(scope="module")
def ranges(frozen_network: Network) -> ActivationRanges:
    return calibrate_int8(frozen_network, list(photos()), [[1, 4, 5, 6, 7, 2]] * 4)


@pytest.fixture(scope="module")
def shipped_ranges() -> ActivationRanges:
    ranges: ActivationRanges = json.loads((ARTIFACT_DIR / checkpoint.RANGES).read_text("utf-8"))
    return ranges


@pytest.fixture(scope="module")
def shipped_checkpoint() -> Checkpoint:
    return checkpoint.load(ARTIFACT_DIR)


@pytest.fixture(scope="module")
def exact(shipped_checkpoint: Checkpoint) -> CompiledNetwork:
    """The network that ships, in float32."""
    return CompiledNetwork(shipped_checkpoint.network)


def test_inputs_and_weights_of_a_layer_are_quantized() -> None:
    layer = nn.Linear(2, 2, bias=False).requires_grad_(requires_grad=False)
    layer.weight.copy_(torch.tensor([[1.27, 0.004], [-0.5, 0.25]]))
    quantize(nn.ModuleDict({"one": layer}), {"one": (-1.28, 1.27)})
    weights = torch.tensor([[127, 0], [-127, 64]]) * torch.tensor([[0.01], [0.5 / 127]])
    inputs = torch.tensor([[0.496, 9.0]])  # rounded to a hundredth, and clipped at the end of the range
    torch.testing.assert_close(layer(inputs), torch.tensor([[0.50, 1.27]]) @ weights.T)


def test_zero_stays_zero_in_any_range() -> None:
    for low, high in ((0.0, 6.0), (-3.0, 5.0), (-2.0, 0.0), (1.0, 2.0), (0.0, 0.0)):
        layer = nn.Linear(3, 3, bias=False)
        quantize(nn.ModuleDict({"one": layer}), {"one": (low, high)})
        assert not layer(torch.zeros(1, 3)).any()


def test_ranges_are_observed_in_the_layers_named_and_while_the_block_runs() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2))
    with observe_ranges(network, ("0",)) as ranges:
        network(torch.tensor([[1.0, -2.0]]))
        network(torch.tensor([[3.0, 0.5]]))
    network(torch.tensor([[9.0, 9.0]]))
    assert ranges == {"0": (-2.0, 3.0)}


def test_an_unknown_layer_cannot_be_quantized() -> None:
    with pytest.raises(ValueError, match="no layer elsewhere"):
        quantize(nn.Sequential(nn.Linear(2, 2)), {"elsewhere": (0, 1)})


def test_calibration_observes_encoder_and_decoder_and_leaves_joint_vectors_exact(
    network: Network, ranges: ActivationRanges
) -> None:
    convolutions = [f"encoder.{n}" for n, m in network.encoder.named_modules() if isinstance(m, nn.Conv2d)]  # type: ignore[union-attr]
    assert set(convolutions) < set(ranges)
    assert {"lm_head", "caption_layers.0.cross_attention.key_value", "text_layers.0.feed_forward.0"} < set(
        ranges
    )
    assert not [name for name in ranges if "projection" in name or name.startswith("image_head.")]
    assert ranges["encoder.conv_stem"] == (float(photos().min()), float(photos().max()))


@torch.no_grad()
def test_a_fixed_head_scores_as_the_tied_one(network: Network) -> None:
    grid, token_ids = network.encode_image(photos()).grid, torch.tensor([[1, 4, 5, 2]] * 4)
    logits = (
        one.caption_logits(one.encode_text(token_ids).states, one.prepare_decoder(grid))
        for one in (network, FixedHeadNetwork(network))
    )
    torch.testing.assert_close(*logits)


@torch.inference_mode()
def test_the_network_that_ships_answers_nearly_alike_on_every_processor(
    processor: Processor, exact: CompiledNetwork, shipped_ranges: ActivationRanges, cat: bytes
) -> None:
    ranges = shipped_ranges if has_int8_dot_product() else None
    network = CompiledNetwork(exact, fast_precision(), ranges)
    pixels = preprocess.decode_to_tensor(cat, exact.config.image_size).unsqueeze(0)
    before, after = (one.encode_image(pixels) for one in (exact, network))
    assert F.cosine_similarity(before.joint, after.joint).item() > processor.cosine
    token_ids = torch.tensor([[1, 4, 5, 2]])
    assert torch.equal(*(one.encode_text(token_ids).joint for one in (exact, network)))
    log_probabilities = [
        one.decode_step(
            torch.tensor([[1]]), KVCache(one.config, 1, 1), one.prepare_decoder(before.grid)
        ).flatten()
        for one in (exact, network)
    ]
    assert F.cosine_similarity(*log_probabilities, dim=0) > 0.9999
    if ranges:
        assert not torch.equal(before.joint, after.joint)
        assert not torch.equal(*log_probabilities)


@with_int8
@torch.inference_mode()
@pytest.mark.parametrize("rows", [1, 16])
def test_the_largest_int8_values_are_summed_without_overflow(processor: Processor, rows: int) -> None:
    layer = nn.Linear(256, 8, bias=False)
    layer.weight = nn.Parameter(torch.ones(8, 256), requires_grad=False)
    quantize(nn.ModuleDict({"one": layer}), {"one": (0.0, 1.0)})
    compiled = OpenVINOFunction(lambda x: (layer(x),), [((DYNAMIC, 256), torch.float32)], torch.float32)
    torch.testing.assert_close(compiled(torch.ones(rows, 256))[0], torch.full((rows, 8), 256.0))


@with_int8
@torch.inference_mode()
def test_a_photo_is_encoded_alike_alone_and_in_a_batch(
    processor: Processor, network: Network, ranges: ActivationRanges
) -> None:
    quantized = CompiledNetwork(network, ranges=ranges)
    together, alone = quantized.encode_image(photos()).joint, quantized.encode_image(photos()[:1]).joint
    torch.testing.assert_close(together[:1], alone, rtol=1e-3, atol=1e-3)


def test_the_ranges_that_ship_name_every_convolution(
    shipped_checkpoint: Checkpoint, shipped_ranges: ActivationRanges
) -> None:
    fixed = FixedHeadNetwork(shipped_checkpoint.network)
    quantize(fixed, shipped_ranges)
    convolutions = [n for n, layer in fixed.encoder.named_modules() if isinstance(layer, nn.Conv2d)]  # type: ignore[union-attr]
    assert len([name for name in shipped_ranges if name.startswith("encoder.")]) == len(convolutions)
