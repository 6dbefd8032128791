"""Between which bounds the layers of a trained network compute: what rounding to bytes needs to know."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.model.compiled_network import FixedHeadNetwork
from engine.model.int8 import ActivationRange, observe_ranges
from engine.model.network import Network
from engine.model.vocabulary import pad

BATCH = 10
PARTS = ("encoder.", "text_layers.", "caption_layers.", "lm_head")  # joint vectors stay exact


@torch.no_grad()
def find_ranges(
    network: Network, pixels: Sequence[Tensor], captions: Sequence[Sequence[int]]
) -> dict[str, ActivationRange]:
    """Show photos of the training split to a network, each with a caption; note what its layers are given.

    Args:
        network: trained, with its image encoder.
        pixels: N photos (3, S, S).
        captions: N, each start ... end.

    Returns:
        The ranges of the layers that may be rounded.
    """
    fixed = FixedHeadNetwork(network)
    with observe_ranges(fixed, PARTS) as ranges:
        for first in range(0, len(pixels), BATCH):
            grid = fixed.encode_image(torch.stack(list(pixels[first : first + BATCH]))).grid
            states = fixed.encode_text(pad(captions[first : first + BATCH])).states
            fixed.caption_logits(states, fixed.prepare_decoder(grid))
    return ranges
