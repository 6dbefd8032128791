"""Loss functions: CoCa's captioning and contrastive losses (arXiv 2205.01917), and distillation."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.vocabulary import PAD, UNKNOWN

LABEL_SMOOTHING = 0.1
TEACHER_SHARE = 0.4  # of the target distribution of the contrastive loss
TEACHER_SCALE = 12.0  # inverse temperature of the teacher's similarities


def caption_loss(logits: Tensor, token_ids: Tensor, smoothing: float = LABEL_SMOOTHING) -> Tensor:
    """Return the cross-entropy of next-word prediction.

    Args:
        logits: (B, T, V), scores of the word after each of the T words.
        token_ids: (B, T), the captions; words outside the output vocabulary count as unknown.
        smoothing: label smoothing.
    """
    target = token_ids[:, 1:]
    target = target.where(target < logits.shape[-1], UNKNOWN)
    flat = logits[:, :-1].flatten(0, 1).float()
    return F.cross_entropy(flat, target.flatten(), ignore_index=PAD, label_smoothing=smoothing)


def contrastive_loss(image: Tensor, text: Tensor, scale: Tensor, teacher: Tensor | None = None) -> Tensor:
    """Return the symmetric InfoNCE loss between photos and captions, with soft targets.

    The captions of one photo share its probability: as each other's negatives, as in pairwise InfoNCE, they
    would be pushed away from their own photo. A teacher moves part of the probability to captions of other
    photos that mean nearly the same.

    Args:
        image: (B, J) joint embeddings.
        text: (B * K, J) joint embeddings, the K captions of each photo next to each other.
        scale: inverse temperature.
        teacher: (B, B * K) similarities of photos and captions according to a teacher.
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


def distillation_loss(predicted: Tensor, teacher: Tensor) -> Tensor:
    """Return one minus the mean cosine between predicted and teacher embeddings, both (N, D)."""
    return 1 - F.cosine_similarity(predicted.float(), teacher, dim=-1).mean()
