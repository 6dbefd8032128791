"""Calibration of int8 quantization: activation ranges and means of a trained network on training photos."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.reference.int8 import FixedHeadNetwork, ObservedActivations, observe_activations
from engine.reference.network import Network, pad

BATCH_SIZE = 10
# Joint embeddings stay exact.
QUANTIZED_LAYERS = ("encoder.", "recognizer.", "text_layers.", "caption_layers.", "lm_head")


@torch.no_grad()
def calibrate_int8(
    network: Network, pixels: Sequence[Tensor], captions: Sequence[Sequence[int]]
) -> ObservedActivations:
    """Run a network on training photos, each with a caption, and observe the inputs of its layers.

    Args:
        network: trained, with its image encoder.
        pixels: N photos, each (3, S, S).
        captions: N captions as token ids, each start ... end.

    Returns:
        What was observed of the layers that may be quantized.
    """
    fixed_head = FixedHeadNetwork(network)
    with observe_activations(fixed_head, QUANTIZED_LAYERS) as observed:
        for first in range(0, len(pixels), BATCH_SIZE):
            grid = fixed_head.encode_image(torch.stack(list(pixels[first : first + BATCH_SIZE]))).grid
            states = fixed_head.encode_text(pad(captions[first : first + BATCH_SIZE])).states
            fixed_head.caption_logits(states, fixed_head.prepare_decoder(grid))
    return observed
