"""Both losses of CoCa (arXiv 2205.01917), kept outside the network."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.vocabulary import PAD, UNKNOWN

SMOOTHING = 0.1


def caption_loss(logits: Tensor, numbers: Tensor) -> Tensor:
    """Cross-entropy of each next word.

    Args:
        logits: (B, T, V), scores of the word after each of the T words.
        numbers: (B, T), the sentence; words the decoder cannot say count as unknown.
    """
    target = numbers[:, 1:]
    target = target.where(target < logits.shape[-1], UNKNOWN)
    flat = logits[:, :-1].flatten(0, 1).float()
    return F.cross_entropy(flat, target.flatten(), ignore_index=PAD, label_smoothing=SMOOTHING)


def contrastive_loss(image: Tensor, text: Tensor, scale: Tensor) -> Tensor:
    """InfoNCE between photos and their captions, both ways.

    A photo's captions share its probability: pushing one of them away as another's negative, as
    pairwise InfoNCE does, would teach that sentences about one photo are unlike it.

    Args:
        image: (B, J) joint vectors.
        text: (B * K, J) joint vectors, the K captions of each photo side by side.
        scale: inverse temperature.
    """
    logits = scale * image.float() @ text.float().T  # (B, B * K)
    captions = len(text) // len(image)
    own = torch.eye(len(image), dtype=torch.bool, device=image.device).repeat_interleave(captions, dim=1)
    to_text = -logits.log_softmax(1)[own].mean()
    to_image = -logits.log_softmax(0)[own].mean()
    return (to_text + to_image) / 2
