"""Hyperparameters of the training stages; they travel with the weights."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Hyperparameters of joint training: captioning, contrastive and distillation losses.

    The captioning loss has twice the weight of the contrastive one, as in CoCa.
    """

    seed: int = 1
    image_size: int = 224  # pixels, square
    epochs: int = 28
    views: int = 6  # augmented views of each photo
    batch_size: int = 128  # photos
    captions_per_photo: int = 2
    learning_rate: float = 6e-4
    encoder_learning_rate: float = 1.5e-4
    warmup_steps: int = 100
    weight_decay: float = 0.05
    caption_weight: float = 2.0
    distillation_weight: float = 1.0
    word_dropout: float = 0.1  # share of input words replaced by the unknown word
    ema_decay: float = 0.996  # of the exponential moving average of the weights, per step

    def to_dict(self) -> dict[str, Any]:
        """Return the values as plain types, for a manifest."""
        return asdict(self)


# The second stage: the same photos at a higher resolution, in other crops, at half the learning rate. Crops
# show objects larger than whole photos do, so a network trained on crops of 224 pixels fits whole photos of
# more pixels (FixRes, Touvron et al. 2019, arXiv 1906.06423); fine-tuned there, it fits better still.
HIGH_RESOLUTION = TrainingConfig(
    seed=7, image_size=288, epochs=7, learning_rate=3e-4, encoder_learning_rate=1e-4
)


@dataclass(frozen=True, kw_only=True)
class NameConfig:
    """Hyperparameters of the last stage, in which the decoder learns to read names."""

    seed: int = 1
    epochs: int = 17
    steps_per_epoch: int = 100
    batch_size: int = 64  # captions of photos
    sentence_batch_size: int = 96
    learning_rate: float = 5e-4
    word_learning_rate: float = 1.5e-3  # of the words that no training caption teaches
    warmup_steps: int = 50
    ema_decay: float = 0.995  # of the exponential moving average of the weights, per step
    teacher_weight: float = 3.0

    def to_dict(self) -> dict[str, Any]:
        """Return the values as plain types, for a manifest."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class SelfCriticalConfig:
    """Hyperparameters of self-critical training."""

    seed: int = 1
    epochs: int = 4
    batch_size: int = 64  # photos
    samples_per_photo: int = 5
    negatives: int = 3  # other photos that each reference caption is contrasted with
    learning_rate: float = 2e-4
    warmup_steps: int = 50
    ema_decay: float = 0.99  # of the exponential moving average of the weights, per step
    caption_weight: float = 0.3
    contrastive_weight: float = 0.3

    def to_dict(self) -> dict[str, Any]:
        """Return the values as plain types, for a manifest."""
        return asdict(self)
