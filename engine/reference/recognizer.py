"""The recognizer: the image encoder's later stages as they came from ImageNet, and their classifier.

Tuned on captions, an encoder forgets what captions do not mention. Its early stages stay frozen, so the
original later stages run beside the tuned ones on the same stem features, for a third of the computation.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn

from engine.model.config import SHARED_STAGES, NetworkConfig
from engine.reference.image_encoder import create_encoder

EfficientNet = Any  # timm's class; its parts have no types


class Recognizer(nn.Module):
    """Later stages and classifier: stem features to calibrated probabilities of classes."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        encoder: EfficientNet = create_encoder(config.encoder)
        self.blocks = encoder.blocks[SHARED_STAGES:]
        self.conv_head, self.activation = encoder.conv_head, encoder.bn2  # the norm itself is folded
        self.classifier = nn.Linear(config.encoder_width, config.classes)
        self.detector = (
            nn.Linear(config.encoder_width, config.detected_words) if config.detected_words else None
        )
        self.temperature = nn.Parameter(torch.ones(()), requires_grad=False)

    def take_stages(self, encoder: EfficientNet) -> None:
        """Copy the later stages of an encoder."""
        self.blocks.load_state_dict(encoder.blocks[SHARED_STAGES:].state_dict())
        self.conv_head.load_state_dict(encoder.conv_head.state_dict())

    def features(self, stem_features: Tensor) -> Tensor:
        """Return the features (B, C) that classes and detected words are read off."""
        return cast(Tensor, self.activation(self.conv_head(self.blocks(stem_features))).mean((2, 3)))

    def forward(self, stem_features: Tensor) -> Tensor:
        """Return probabilities (B, K) of classes, then of detected words, for stem features (B, C, H, W)."""
        return self.recognise(self.features(stem_features))

    def recognise(self, features: Tensor) -> Tensor:
        """Return the same for `features`."""
        classes = cast(Tensor, (self.classifier(features) / self.temperature).softmax(-1))
        if self.detector is None:
            return classes
        return torch.cat((classes, self.detector(features).sigmoid()), dim=-1)


def stem(encoder: EfficientNet, pixels: Tensor) -> Tensor:
    """Run the frozen stages: photos (B, 3, S, S) to stem features (B, C, S / 8, S / 8)."""
    return cast(Tensor, encoder.blocks[:SHARED_STAGES](encoder.bn1(encoder.conv_stem(pixels))))


def tail(encoder: EfficientNet, stem_features: Tensor) -> Tensor:
    """Run the encoder's own later stages: stem features to (B, C, H, W), as `forward_features` does."""
    x = encoder.blocks[SHARED_STAGES:](stem_features)
    return cast(Tensor, encoder.bn2(encoder.conv_head(x)))
