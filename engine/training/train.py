"""Training with all losses at once, from the frozen stages' features on.

Seeded; the state is written after every epoch, and a killed run goes on from there.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from engine.model.layers import ImageFeatures
from engine.model.network import Network
from engine.model.vocabulary import END, UNKNOWN, pad
from engine.training.loop import Loop
from engine.training.loss import caption_loss, contrastive_loss, teacher_loss
from engine.training.retrieval import caption_retrieval_ranks, image_search_ranks, recall
from engine.training.tuning import tail, tuned_parameters

log = logging.getLogger(__name__)

Sentences = Sequence[Sequence[Sequence[int]]]  # photo, caption, word


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """The recipe; travels with the weights.

    The caption loss weighs twice the contrastive one, as in CoCa.
    """

    seed: int = 1
    side: int = 224  # pixels of the square that the network sees
    epochs: int = 28
    views: int = 6  # of each photo
    photos: int = 128  # of a batch
    captions: int = 2  # of each photo of a batch
    learning_rate: float = 6e-4
    encoder_rate: float = 1.5e-4
    warmup: int = 100  # steps
    weight_decay: float = 0.05
    caption_weight: float = 2.0
    teacher_weight: float = 1.0
    word_dropout: float = 0.1  # share of the words read that are hidden
    averaging: float = 0.996  # of the weights, a step

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for a manifest."""
        return asdict(self)


# The same photos again, larger, in other crops, for some epochs at half the pace. A crop shows things
# larger than the whole photo does, so what was learned at 224 pixels fits whole photos of more (FixRes,
# Touvron et al. 2019, arXiv 1906.06423); tuned there, it fits better still.
LARGER = TrainConfig(seed=7, side=288, epochs=7, learning_rate=3e-4, encoder_rate=1e-4)


@dataclass(frozen=True)
class Split:
    """Photos of a split.

    Attributes:
        features: (photos, views, H, W, channels), what the frozen stages see.
        sentences: their captions as numbers.
        teacher: (photos, captions, D), unit vectors of the captions by a sentence encoder.
    """

    features: np.ndarray
    sentences: Sentences
    teacher: np.ndarray


class Batch(NamedTuple):
    """Attributes: features (B, H, W, C); token_ids (B * K, T); the teacher's view of photos and captions."""

    features: Tensor
    token_ids: Tensor
    photos: Tensor  # (B, D)
    captions: Tensor  # (B * K, D)


class Trainer(Loop):
    """Trains a network from the frozen stages of its encoder on."""

    def __init__(self, network: Network, config: TrainConfig, train: Split, dev: Split, state: Path) -> None:
        self.config, self.train, self.dev = config, train, dev
        self.batch = min(config.photos, len(train.features))
        self.steps = len(train.features) // self.batch  # of an epoch
        # What the teacher says of a sentence, told from its joint vector; thrown away after training.
        self.tell = nn.Linear(network.config.joint_width, train.teacher.shape[-1])
        super().__init__(network, self._groups(network), config.epochs * self.steps, config, state)
        self.parts["tell"] = self.tell

    @torch.inference_mode()
    def check(self) -> str:
        """Measure recall on dev with the averaged weights."""
        network = self.averaged()
        image = embed_photos(network, self.dev.features)
        flat = [sentence for sentences in self.dev.sentences for sentence in sentences]
        owner = np.repeat(np.arange(len(image.joint)), [len(s) for s in self.dev.sentences])
        scores = (image.joint @ embed_sentences(network, flat).T).numpy()
        search = recall(image_search_ranks(scores, owner))
        retrieval = recall(caption_retrieval_ranks(scores, owner))
        numbers = pad([sentences[0] for sentences in self.dev.sentences])
        states = network.encode_text(numbers).states
        loss = caption_loss(
            network.caption_logits(states, network.prepare_decoder(image.grid)), numbers, smoothing=0
        )
        return (
            f"caption loss {loss:.3f}, image search {search.r1}/{search.r5}/{search.r10}, "
            f"captions {retrieval.r1}/{retrieval.r10}"
        )

    def run_epoch(self, rng: random.Random) -> str:
        """Pass over the photos once."""
        self.network.train()
        total = torch.zeros(3)
        for batch in tqdm(self._batches(rng), total=self.steps, desc=f"epoch {self.epoch + 1}", leave=False):
            total += self._step(batch)
        return "loss {:.3f} caption, {:.3f} contrastive, {:.3f} teacher".format(
            *(total / self.steps).tolist()
        )

    def _step(self, batch: Batch) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            image: ImageFeatures = self.network.image_head(tail(self.network.encoder, batch.features))
            text = self.network.encode_text(hide_words(batch.token_ids, self.config.word_dropout))
            grid = image.grid.repeat_interleave(self.config.captions, dim=0)
            logits = self.network.caption_logits(text.states, self.network.prepare_decoder(grid))
            told_photos, told_captions = self.tell(image.joint), self.tell(text.joint)
        scale = self.network.logit_scale.exp().clamp(max=100)
        alike = batch.photos @ batch.captions.T
        losses = (
            caption_loss(logits, batch.token_ids),
            contrastive_loss(image.joint, text.joint, scale, alike),
            teacher_loss(told_photos, batch.photos) + teacher_loss(told_captions, batch.captions),
        )
        weights = (self.config.caption_weight, 1.0, self.config.teacher_weight)
        each = torch.stack(losses)
        self.descend((torch.tensor(weights) * each).sum())
        return each.detach()

    def _batches(self, rng: random.Random) -> Iterator[Batch]:
        order = list(range(len(self.train.features)))
        rng.shuffle(order)
        for first in range(0, self.steps * self.batch, self.batch):
            rows = sorted(order[first : first + self.batch])
            views = [rng.randrange(self.train.features.shape[1]) for _ in rows]
            chosen = [
                (row, n)
                for row in rows
                for n in rng.sample(range(len(self.train.sentences[row])), self.config.captions)
            ]
            teacher = torch.from_numpy(self.train.teacher[rows]).float()
            yield Batch(
                torch.from_numpy(self.train.features[rows, views]).bfloat16(),
                pad([self.train.sentences[row][n] for row, n in chosen]),
                F.normalize(teacher.mean(1), dim=-1),
                torch.from_numpy(np.stack([self.train.teacher[row, n] for row, n in chosen])).float(),
            )

    def _groups(self, network: Network) -> list[dict[str, Any]]:
        """Weight decay for matrices; none for biases, norms, embeddings of places and the tuned encoder."""
        encoder = list(tuned_parameters(network.encoder))
        inside = set() if network.encoder is None else set(network.encoder.parameters())
        named = [*network.named_parameters(), *self.tell.named_parameters()]
        rest = [(name, p) for name, p in named if p.requires_grad and p not in inside]
        plain = [p for name, p in rest if p.ndim < 2 or "position" in name]
        matrices = [p for _, p in rest if not any(p is other for other in plain)]
        return [
            {"params": matrices, "weight_decay": self.config.weight_decay},
            {"params": plain, "weight_decay": 0.0},
            {"params": encoder, "weight_decay": 0.0, "lr": self.config.encoder_rate},
        ]


def hide_words(numbers: Tensor, share: float) -> Tensor:
    """Replace a share of the words (B, T) by the unknown word: the network learns to do without."""
    hidden = (torch.rand(numbers.shape) < share) & (numbers > END)
    return numbers.masked_fill(hidden, UNKNOWN)


def embed_photos(network: Network, features: np.ndarray, batch: int = 100) -> ImageFeatures:
    """Grids and joint vectors of photos from their first view's features (N, views, H, W, C)."""
    parts = []
    for i in range(0, len(features), batch):
        x = torch.from_numpy(np.array(features[i : i + batch, 0])).bfloat16()
        with torch.autocast("cpu", torch.bfloat16):
            seen = tail(network.encoder, x)
        parts.append(network.image_head(seen.float()))
    return ImageFeatures(torch.cat([p.grid for p in parts]), torch.cat([p.joint for p in parts]))


def embed_sentences(network: Network, sentences: Sequence[Sequence[int]], batch: int = 500) -> Tensor:
    """Joint vectors (N, J) of sentences of numbers."""
    parts = [
        network.encode_text(pad(sentences[i : i + batch])).joint for i in range(0, len(sentences), batch)
    ]
    return torch.cat(parts)
