"""Joint training with the captioning, contrastive and distillation losses, from stem features on."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from engine.evaluation.encoding import embed_captions
from engine.evaluation.retrieval_metrics import caption_retrieval_ranks, image_search_ranks, recall
from engine.model.vocabulary import END, UNKNOWN
from engine.reference.layers import ImageFeatures
from engine.reference.network import Network, pad
from engine.reference.storage import as_runtime
from engine.training.config import TrainingConfig
from engine.training.fine_tuning import tail, tuned_parameters
from engine.training.losses import caption_loss, contrastive_loss, distillation_loss
from engine.training.stem_features import encode_stem_features
from engine.training.training_loop import TrainingLoop

MAX_LOGIT_SCALE = 100  # as in CLIP


@dataclass(frozen=True)
class Split:
    """The photos and captions of a split, ready for training.

    Attributes:
        features: (photos, views, H, W, C), stem features.
        captions: token ids by photo, caption and word.
        teacher: (photos, captions, D), unit embeddings of the captions by a sentence encoder.
    """

    features: np.ndarray
    captions: Sequence[Sequence[Sequence[int]]]
    teacher: np.ndarray


class Batch(NamedTuple):
    """A training batch of B photos with K captions each.

    Attributes:
        features: (B, H, W, C), stem features of one view of each photo.
        token_ids: (B * K, T), captions, the K of each photo next to each other.
        teacher_photos: (B, D), the mean teacher embedding of each photo's captions.
        teacher_captions: (B * K, D), the teacher embeddings of the captions.
    """

    features: Tensor
    token_ids: Tensor
    teacher_photos: Tensor
    teacher_captions: Tensor


class Trainer(TrainingLoop):
    """Train a network, except for the frozen stages of its image encoder, with all losses at once."""

    def __init__(
        self, network: Network, config: TrainingConfig, train: Split, dev: Split, state_file: Path
    ) -> None:
        self.config: TrainingConfig = config
        self.train, self.dev = train, dev
        self.batch_size = min(config.batch_size, len(train.features))
        self.steps_per_epoch = len(train.features) // self.batch_size
        # Predicts the teacher's embedding from a joint embedding; discarded after training.
        self.distillation_head = nn.Linear(network.config.joint_width, train.teacher.shape[-1])
        total_steps = config.epochs * self.steps_per_epoch
        super().__init__(network, self._parameter_groups(network), total_steps, config, state_file)
        self.stateful["distillation_head"] = self.distillation_head

    @torch.inference_mode()
    def validate(self) -> str:
        """Return the caption loss and the recall of the averaged network on dev, as text."""
        network = self.ema_network()
        image = encode_stem_features(network, self.dev.features)
        captions = [caption for of_photo in self.dev.captions for caption in of_photo]
        owner = np.repeat(np.arange(len(image.joint)), [len(of_photo) for of_photo in self.dev.captions])
        scores = image.joint.numpy() @ embed_captions(as_runtime(network), captions).T
        search = recall(image_search_ranks(scores, owner))
        retrieval = recall(caption_retrieval_ranks(scores, owner))
        token_ids = pad([of_photo[0] for of_photo in self.dev.captions])
        states = network.encode_text(token_ids).states
        logits = network.caption_logits(states, network.prepare_decoder(image.grid))
        loss = caption_loss(logits, token_ids, smoothing=0)
        return (
            f"caption loss {loss:.3f}, image search {search.r1}/{search.r5}/{search.r10}, "
            f"captions {retrieval.r1}/{retrieval.r10}"
        )

    def train_epoch(self, rng: random.Random) -> str:
        """Train on every photo once and return the mean losses as text."""
        self.network.train()
        total = torch.zeros(3)
        batches = tqdm(
            self._batches(rng), total=self.steps_per_epoch, desc=f"epoch {self.epoch + 1}", leave=False
        )
        for batch in batches:
            total += self._step(batch)
        return "loss {:.3f} caption, {:.3f} contrastive, {:.3f} teacher".format(
            *(total / self.steps_per_epoch).tolist()
        )

    def _step(self, batch: Batch) -> Tensor:
        """Take an optimizer step; return the captioning, contrastive and distillation losses (3,)."""
        with torch.autocast("cpu", torch.bfloat16):
            image: ImageFeatures = self.network.image_head(tail(self.network.encoder, batch.features))
            text = self.network.encode_text(drop_words(batch.token_ids, self.config.word_dropout))
            grid = image.grid.repeat_interleave(self.config.captions_per_photo, dim=0)
            logits = self.network.caption_logits(text.states, self.network.prepare_decoder(grid))
            predicted_photos = self.distillation_head(image.joint)
            predicted_captions = self.distillation_head(text.joint)
        scale = self.network.logit_scale.exp().clamp(max=MAX_LOGIT_SCALE)
        similarities = batch.teacher_photos @ batch.teacher_captions.T
        losses = torch.stack(
            (
                caption_loss(logits, batch.token_ids),
                contrastive_loss(image.joint, text.joint, scale, similarities),
                distillation_loss(predicted_photos, batch.teacher_photos)
                + distillation_loss(predicted_captions, batch.teacher_captions),
            )
        )
        weights = torch.tensor((self.config.caption_weight, 1.0, self.config.distillation_weight))
        self.optimizer_step((weights * losses).sum())
        return losses.detach()

    def _batches(self, rng: random.Random) -> Iterator[Batch]:
        order = list(range(len(self.train.features)))
        rng.shuffle(order)
        for first in range(0, self.steps_per_epoch * self.batch_size, self.batch_size):
            rows = sorted(order[first : first + self.batch_size])
            views = [rng.randrange(self.train.features.shape[1]) for _ in rows]
            chosen = [
                (row, n)
                for row in rows
                for n in rng.sample(range(len(self.train.captions[row])), self.config.captions_per_photo)
            ]
            teacher = torch.from_numpy(self.train.teacher[rows]).float()
            yield Batch(
                torch.from_numpy(self.train.features[rows, views]).bfloat16(),
                pad([self.train.captions[row][n] for row, n in chosen]),
                F.normalize(teacher.mean(1), dim=-1),
                torch.from_numpy(np.stack([self.train.teacher[row, n] for row, n in chosen])).float(),
            )

    def _parameter_groups(self, network: Network) -> list[dict[str, Any]]:
        """Decay matrices; do not decay biases, norms, position embeddings and the fine-tuned encoder."""
        encoder = list(tuned_parameters(network.encoder))
        inside = set() if network.encoder is None else set(network.encoder.parameters())
        named = [*network.named_parameters(), *self.distillation_head.named_parameters()]
        rest = [(name, p) for name, p in named if p.requires_grad and p not in inside]
        no_decay = [p for name, p in rest if p.ndim < 2 or "position" in name]
        decay = [p for _, p in rest if not any(p is other for other in no_decay)]
        return [
            {"params": decay, "weight_decay": self.config.weight_decay},
            {"params": no_decay, "weight_decay": 0.0},
            {"params": encoder, "weight_decay": 0.0, "lr": self.config.encoder_learning_rate},
        ]


def drop_words(token_ids: Tensor, probability: float) -> Tensor:
    """Replace words of captions (B, T) by the unknown word with a probability; keep special tokens."""
    dropped = (torch.rand(token_ids.shape) < probability) & (token_ids > END)
    return token_ids.masked_fill(dropped, UNKNOWN)
