from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from engine.model.config import SHARED_STAGES
from engine.reference.network import Network
from engine.training.fine_tuning import stem, tail, tuned_parameters


@pytest.fixture
def network(network_copy: Network) -> Network:
    """Its encoder is tuned by these tests."""
    return network_copy


@pytest.fixture
def photos() -> Tensor:
    torch.manual_seed(1)
    return torch.randn(2, 3, 64, 64)


def test_stem_and_tail_compute_the_image_features(network: Network, photos: Tensor) -> None:
    features = tail(network.encoder, stem(network.encoder, photos))
    torch.testing.assert_close(features, network.image_features(photos), atol=1e-4, rtol=1e-4)


def test_the_tail_has_the_gradients_of_plain_convolutions(network: Network, photos: Tensor) -> None:
    encoder = network.encoder.requires_grad_(requires_grad=True)
    stem_features = stem(encoder, photos).detach()

    def plain(x: Tensor) -> Tensor:
        x = x.permute(0, 3, 1, 2)
        for stage in encoder.blocks[SHARED_STAGES:]:
            x = stage(x)
        return encoder.bn2(encoder.conv_head(x)).flatten(2).transpose(1, 2)

    def gradients(forward: Callable[[Tensor], Tensor]) -> list[Tensor]:
        x = stem_features.clone().requires_grad_()
        features = forward(x)
        (features * torch.linspace(-1, 1, features.numel()).view_as(features)).sum().backward()
        grads = [x.grad, *(p.grad.clone() for p in tuned_parameters(encoder))]
        encoder.zero_grad()
        return grads

    for ours, theirs in zip(gradients(lambda x: tail(encoder, x)), gradients(plain), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-3 * float(theirs.abs().max()), rtol=1e-3)


def test_more_than_nine_tenths_of_the_encoder_is_tuned(network: Network) -> None:
    tuned = sum(p.numel() for p in tuned_parameters(network.encoder))
    assert tuned > 0.9 * sum(p.numel() for p in network.encoder.parameters())
