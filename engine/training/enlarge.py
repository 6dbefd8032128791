"""A network for larger photos than it was trained on so far."""

from __future__ import annotations

import math
from dataclasses import replace

from torch import Tensor
from torch.nn import functional as F

from engine.model.network import Network


def enlarge(network: Network, side: int) -> Network:
    """Give a network that sees photos of another size; everything but its places stays as it is.

    Args:
        network: in which the places of the grid make a square.
        side: pixels of the new square.
    """
    config = network.config
    if side == config.image_size:
        return network
    before = math.isqrt(config.num_patches)
    after = before * side // config.image_size
    larger = Network(replace(config, image_size=side, num_patches=after**2))
    weights = network.state_dict()
    weights["image_head.position_embedding"] = _stretch(
        weights["image_head.position_embedding"], before, after
    )
    larger.load_state_dict(weights)
    return larger


def _stretch(places: Tensor, before: int, after: int) -> Tensor:
    """Embeddings of the places of a grid (before^2, W) to those of another one (after^2, W)."""
    grid = places.T.unflatten(-1, (before, before)).unsqueeze(0)
    return F.interpolate(grid, size=(after, after), mode="bicubic", align_corners=True)[0].flatten(1).T
