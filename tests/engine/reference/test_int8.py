"""Ranges are observed as int8 needs them, and rounding is simulated as int8 rounds."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from engine.reference.int8 import FixedHeadNetwork, observe_activations, quantized
from engine.reference.network import Network
from engine.training.int8_calibration import calibrate_int8
from tests.engine.conftest import TINY

LAYER = "bag_of_words_projection"


def photos(count: int = 4) -> Tensor:
    torch.manual_seed(1)
    return torch.rand(count, 3, TINY.image_size, TINY.image_size) * 2 - 1


def test_inputs_and_weights_of_a_layer_are_quantized(network_copy: Network) -> None:
    layer, inputs = network_copy.bag_of_words_projection, torch.zeros(1, TINY.width)
    layer.weight[:2], layer.bias[:] = 0, 0
    layer.weight[:2, :2] = torch.tensor([[1.27, 0.004], [-0.5, 0.25]])
    inputs[0, :2] = torch.tensor([0.496, 9.0])  # rounded to a hundredth, and clipped at the end of the range
    rounded = quantized(network_copy, {LAYER: (-1.28, 1.27)}).bag_of_words_projection
    weights = torch.tensor([[127, 0], [-127, 64]]) * torch.tensor([[0.01], [0.5 / 127]])
    torch.testing.assert_close(rounded(inputs)[0, :2], weights @ torch.tensor([0.50, 1.27]))


def test_a_bias_makes_up_for_what_rounded_weights_lack_of_the_mean_input(network_copy: Network) -> None:
    mean = torch.full((TINY.width,), 3.0)
    exact = network_copy.bag_of_words_projection(mean)
    plain, corrected = (
        quantized(network_copy, {LAYER: (0.0, 3.0)}, means).bag_of_words_projection(mean)
        for means in (None, {LAYER: mean.numpy()})
    )
    assert (plain - exact).abs().max() > 1e-3
    torch.testing.assert_close(corrected, exact, rtol=0, atol=1e-5)


def test_quantization_leaves_the_network_as_it_is(network: Network) -> None:
    assert not torch.equal(
        quantized(network, {LAYER: (-1.0, 1.0)}).bag_of_words_projection.weight,
        network.bag_of_words_projection.weight,
    )


def test_ranges_and_means_are_observed_in_the_layers_named_and_while_the_block_runs() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2))
    with observe_activations(network, ("0",)) as observed:
        network(torch.tensor([[1.0, -2.0]]))
        network(torch.tensor([[3.0, 0.5]]))
    network(torch.tensor([[9.0, 9.0]]))
    assert observed.ranges == {"0": (-2.0, 3.0)}
    assert observed.means["0"].tolist() == [2.0, -0.75]


def test_an_unknown_layer_cannot_be_quantized(network: Network) -> None:
    with pytest.raises(ValueError, match="no layer elsewhere"):
        quantized(network, {"elsewhere": (0, 1)})


def test_calibration_observes_encoder_and_decoder_and_leaves_joint_vectors_exact(network: Network) -> None:
    observed = calibrate_int8(network, list(photos()), [[1, 4, 5, 6, 7, 2]] * 4)
    ranges = observed.ranges
    assert network.encoder is not None
    convolutions = [f"encoder.{n}" for n, m in network.encoder.named_modules() if isinstance(m, nn.Conv2d)]
    assert set(convolutions) < set(ranges)
    read = {"lm_head", "caption_layers.0.cross_attention.key_value", "text_layers.0.feed_forward.0"}
    assert read < set(ranges)
    assert not [name for name in ranges if "projection" in name or name.startswith("image_head.")]
    assert ranges["encoder.conv_stem"] == (float(photos().min()), float(photos().max()))
    torch.testing.assert_close(
        torch.from_numpy(observed.means["encoder.conv_stem"]), photos().mean((0, 2, 3)), rtol=0, atol=1e-5
    )


@torch.no_grad()
def test_a_fixed_head_scores_as_the_tied_one(network: Network) -> None:
    grid, token_ids = network.encode_image(photos()).grid, torch.tensor([[1, 4, 5, 2]] * 4)
    logits = (
        one.caption_logits(one.encode_text(token_ids).states, one.prepare_decoder(grid))
        for one in (network, FixedHeadNetwork(network))
    )
    torch.testing.assert_close(*logits)
