"""What is rounded to bytes is nearly what it was."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from engine.model import checkpoint, format_3
from engine.model.compiled_network import CompiledNetwork, FixedHeadNetwork
from engine.model.int8 import ActivationRanges, has_int8_dot_product, observe_ranges, quantize
from engine.model.kv_cache import KVCache
from engine.model.network import Network
from engine.photos import preprocess
from engine.settings import EngineSettings
from engine.training.int8_calibration import calibrate_int8
from tests.engine.conftest import TINY

bytes_pay = pytest.mark.skipif(not has_int8_dot_product(), reason="this processor is no faster with bytes")


def photos(count: int = 4) -> torch.Tensor:
    torch.manual_seed(1)
    return torch.rand(count, 3, TINY.image_size, TINY.image_size) * 2 - 1


@pytest.fixture
def ranges(network: Network) -> ActivationRanges:
    return calibrate_int8(network, list(photos()), [[1, 4, 5, 6, 7, 2]] * 4)


def test_a_layer_rounds_what_it_is_given_and_what_it_multiplies_with() -> None:
    layer = nn.Linear(2, 2, bias=False).requires_grad_(requires_grad=False)
    layer.weight.copy_(torch.tensor([[1.27, 0.004], [-0.5, 0.25]]))
    quantize(nn.ModuleDict({"one": layer}), {"one": (-1.28, 1.27)})
    steps = torch.tensor([[127, 0], [-127, 64]]) * torch.tensor([[0.01], [0.5 / 127]])
    given = torch.tensor([[0.496, 9.0]])  # rounded to a hundredth, and cut where the range ends
    torch.testing.assert_close(layer(given), torch.tensor([[0.50, 1.27]]) @ steps.T)


def test_nothing_stays_nothing_whatever_the_range() -> None:
    for low, high in ((0.0, 6.0), (-3.0, 5.0), (-2.0, 0.0), (1.0, 2.0), (0.0, 0.0)):
        layer = nn.Linear(3, 3, bias=False)
        quantize(nn.ModuleDict({"one": layer}), {"one": (low, high)})
        assert not layer(torch.zeros(1, 3)).any()


def test_ranges_are_noted_of_the_layers_asked_for_and_only_meanwhile() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2))
    with observe_ranges(network, ("0",)) as ranges:
        network(torch.tensor([[1.0, -2.0]]))
        network(torch.tensor([[3.0, 0.5]]))
    network(torch.tensor([[9.0, 9.0]]))
    assert ranges == {"0": (-2.0, 3.0)}


def test_a_layer_that_is_not_there_cannot_be_rounded() -> None:
    with pytest.raises(ValueError, match="no layer elsewhere"):
        quantize(nn.Sequential(nn.Linear(2, 2)), {"elsewhere": (0, 1)})


def test_training_notes_what_captions_and_photos_pass_through_and_leaves_joint_vectors_exact(
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
def test_a_network_whose_table_stands_still_says_the_same(network: Network) -> None:
    grid, numbers = network.encode_image(photos()).grid, torch.tensor([[1, 4, 5, 2]] * 4)
    said = (
        one.caption_logits(one.encode_text(numbers).states, one.prepare_decoder(grid))
        for one in (network, FixedHeadNetwork(network))
    )
    torch.testing.assert_close(*said)


@bytes_pay
@torch.inference_mode()
def test_rounded_to_bytes_the_network_that_ships_sees_and_says_nearly_the_same(cat: bytes) -> None:
    rounded = checkpoint.load(EngineSettings().artifact).network
    exact = CompiledNetwork(rounded)
    pixels = preprocess.load(cat, rounded.config.image_size).unsqueeze(0)
    before, after = (one.encode_image(pixels) for one in (exact, rounded))
    assert F.cosine_similarity(before.joint, after.joint).item() > 0.99
    assert not torch.equal(before.joint, after.joint)
    numbers = torch.tensor([[1, 4, 5, 2]])
    assert torch.equal(*(one.encode_text(numbers).joint for one in (exact, rounded)))
    first = torch.tensor([[1]])
    said = [
        one.decode_step(first, KVCache(rounded.config, 1, 1), one.prepare_decoder(before.grid)).flatten()
        for one in (exact, rounded)
    ]
    assert F.cosine_similarity(*said, dim=0) > 0.99
    assert not torch.equal(*said)


@bytes_pay
@torch.inference_mode()
def test_the_same_photo_is_seen_alike_alone_and_beside_others(
    network: Network, ranges: ActivationRanges
) -> None:
    rounded = CompiledNetwork(network, ranges=ranges)
    together, alone = rounded.encode_image(photos()).joint, rounded.encode_image(photos()[:1]).joint
    torch.testing.assert_close(together[:1], alone, rtol=1e-3, atol=1e-3)


def test_the_ranges_that_ship_fit_the_network_that_ships() -> None:
    folder = EngineSettings().artifact
    shipped = checkpoint.load(folder).network
    ranges = format_3.rename_layers(json.loads((folder / format_3.FILES[checkpoint.RANGES]).read_text()))
    fixed = FixedHeadNetwork(shipped)
    quantize(fixed, ranges)
    convolutions = [n for n, layer in fixed.encoder.named_modules() if isinstance(layer, nn.Conv2d)]  # type: ignore[union-attr]
    assert len([name for name in ranges if name.startswith("encoder.")]) == len(convolutions)
