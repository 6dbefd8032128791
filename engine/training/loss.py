"""The losses, kept outside the network: CoCa's two (arXiv 2205.01917), and what a teacher adds."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.vocabulary import PAD, UNKNOWN

SMOOTHING = 0.1
TEACHER_SHARE = 0.4  # of the probability in `contrastive_loss` that a teacher gives out
TEACHER_SCALE = 12.0  # inverse temperature of the teacher's similarities


def caption_loss(logits: Tensor, numbers: Tensor, smoothing: float = SMOOTHING) -> Tensor:
    """Cross-entropy of each next word.

    Args:
        logits: (B, T, V), scores of the word after each of the T words.
        numbers: (B, T), the sentence; words the decoder cannot say count as unknown.
        smoothing: share of the probability given to all words alike.
    """
    target = numbers[:, 1:]
    target = target.where(target < logits.shape[-1], UNKNOWN)
    flat = logits[:, :-1].flatten(0, 1).float()
    return F.cross_entropy(flat, target.flatten(), ignore_index=PAD, label_smoothing=smoothing)


def contrastive_loss(image: Tensor, text: Tensor, scale: Tensor, teacher: Tensor | None = None) -> Tensor:
    """InfoNCE between photos and their captions, both ways.

    A photo's captions share its probability: pushing one of them away as another's negative, as
    pairwise InfoNCE does, would teach that sentences about one photo are unlike it. A teacher gives a
    part of the probability to captions of other photos that say nearly the same.

    Args:
        image: (B, J) joint vectors.
        text: (B * K, J) joint vectors, the K captions of each photo side by side.
        scale: inverse temperature.
        teacher: (B, B * K), how alike a teacher finds each photo's captions and each caption.
    """
    logits = scale * image.float() @ text.float().T  # (B, B * K)
    captions = len(text) // len(image)
    own = torch.eye(len(image), device=image.device).repeat_interleave(captions, dim=1)
    to_text, to_image = own / captions, own
    if teacher is not None:
        to_text = torch.lerp(to_text, (TEACHER_SCALE * teacher).softmax(1), TEACHER_SHARE)
        to_image = torch.lerp(to_image, (TEACHER_SCALE * teacher).softmax(0), TEACHER_SHARE)
    loss_text = -(to_text * logits.log_softmax(1)).sum(1).mean()
    loss_image = -(to_image * logits.log_softmax(0)).sum(0).mean()
    return (loss_text + loss_image) / 2


def teacher_loss(told: Tensor, teacher: Tensor) -> Tensor:
    """One less the cosine between what the network tells and the teacher's vectors, both (N, D)."""
    return 1 - F.cosine_similarity(told.float(), teacher, dim=-1).mean()
