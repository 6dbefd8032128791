"""Training with both losses at once over the frozen encoder's features.

Seeded; the state is written after every epoch, and a killed run goes on from there.
"""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from engine.network import ImageFeatures, Network, TextFeatures
from engine.training.corpus import pad
from engine.training.loss import caption_loss, contrastive_loss
from engine.training.retrieval import caption_retrieval_ranks, image_search_ranks, recall
from engine.vocabulary import END, UNKNOWN

log = logging.getLogger(__name__)

Sentences = Sequence[Sequence[Sequence[int]]]  # photo, caption, word


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """The recipe; travels with the weights.

    The caption loss weighs twice the contrastive one, as in CoCa.
    """

    seed: int = 1
    epochs: int = 15
    photos: int = 128  # of a batch
    captions: int = 2  # of each photo of a batch
    learning_rate: float = 6e-4
    warmup: int = 150  # steps
    weight_decay: float = 0.05
    caption_weight: float = 2.0
    word_dropout: float = 0.1  # share of the words read that are hidden
    averaging: float = 0.995  # of the weights, a step

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for a manifest."""
        return asdict(self)


@dataclass(frozen=True)
class Split:
    """Photos of a split: features (photos, views, P, C) and their captions as numbers."""

    features: np.ndarray
    sentences: Sentences


class Trainer:
    """Trains the parts of a network behind its image encoder."""

    def __init__(self, network: Network, config: TrainConfig, train: Split, dev: Split, state: Path) -> None:
        self.network, self.config, self.train, self.dev, self.state = network, config, train, dev, state
        self.batch = min(config.photos, len(train.features))
        self.steps = len(train.features) // self.batch  # of an epoch
        self.average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(config.averaging))
        self.optimizer = torch.optim.AdamW(
            _groups(network, config.weight_decay), lr=config.learning_rate, betas=(0.9, 0.98)
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._rate)
        self.epoch = 0

    def run(self) -> Network:
        """Train to the end, from the saved state where there is one; return the averaged network."""
        self._resume()
        while self.epoch < self.config.epochs:
            loss = self._run_epoch()
            self.epoch += 1
            self._save()
            log.info("epoch %d: %s, dev %s", self.epoch, loss, self.check())
        return self._averaged()

    @torch.inference_mode()
    def check(self) -> str:
        """Measure recall on dev with the averaged weights."""
        network = self._averaged()
        image = embed_photos(network, self.dev.features).joint
        flat = [sentence for sentences in self.dev.sentences for sentence in sentences]
        owner = np.repeat(np.arange(len(image)), [len(s) for s in self.dev.sentences])
        scores = (image @ embed_sentences(network, flat).T).numpy()
        search = recall(image_search_ranks(scores, owner))
        retrieval = recall(caption_retrieval_ranks(scores, owner))
        return f"image search {search.r1}/{search.r5}/{search.r10}, captions {retrieval.r1}/{retrieval.r10}"

    def _averaged(self) -> Network:
        return cast(Network, self.average.module).eval()

    def _run_epoch(self) -> str:
        # Every epoch has its own seed, so a resumed run sees what an unbroken one would have seen.
        seed = self.config.seed * 1000 + self.epoch
        torch.manual_seed(seed)
        self.network.train()
        total = torch.zeros(2)
        batches = self._batches(random.Random(seed))
        for features, numbers in tqdm(batches, total=self.steps, desc=f"epoch {self.epoch + 1}", leave=False):
            total += self._step(features, numbers)
        caption, contrastive = (total / self.steps).tolist()
        return f"caption loss {caption:.3f}, contrastive loss {contrastive:.3f}"

    def _step(self, features: Tensor, numbers: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            image: ImageFeatures = self.network.image(features)
            read = hide_words(numbers, self.config.word_dropout)
            text: TextFeatures = self.network.encode_text(read)
            grid = image.grid.repeat_interleave(self.config.captions, dim=0)
            logits = self.network.caption_logits(text.states, self.network.look(grid))
        caption = caption_loss(logits, numbers)
        contrastive = contrastive_loss(image.joint, text.joint, self.network.scale.exp().clamp(max=100))
        self.optimizer.zero_grad(set_to_none=True)
        (self.config.caption_weight * caption + contrastive).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.average.update_parameters(self.network)
        return torch.stack((caption, contrastive)).detach()

    def _batches(self, rng: random.Random) -> Iterator[tuple[Tensor, Tensor]]:
        order = list(range(len(self.train.features)))
        rng.shuffle(order)
        for first in range(0, self.steps * self.batch, self.batch):
            rows = sorted(order[first : first + self.batch])
            views = [rng.randrange(self.train.features.shape[1]) for _ in rows]
            sentences = [
                s for row in rows for s in rng.sample(self.train.sentences[row], self.config.captions)
            ]
            yield torch.from_numpy(self.train.features[rows, views]).float(), pad(sentences)

    def _rate(self, step: int) -> float:
        """Linear warm-up, then a half cosine to zero."""
        warmup, last = self.config.warmup, self.steps * self.config.epochs
        if step < warmup:
            return (step + 1) / warmup
        return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(1, last - warmup))))

    def _parts(self) -> dict[str, Any]:
        """Everything that changes as training goes."""
        return {
            "network": self.network,
            "average": self.average,
            "optimizer": self.optimizer,
            "schedule": self.schedule,
        }

    def _save(self) -> None:
        content = {"epoch": self.epoch} | {name: part.state_dict() for name, part in self._parts().items()}
        new = self.state.with_suffix(".new")
        torch.save(content, new)
        new.replace(self.state)

    def _resume(self) -> None:
        if not self.state.is_file():
            return
        content = torch.load(self.state, weights_only=True)
        for name, part in self._parts().items():
            part.load_state_dict(content[name])
        self.epoch = content["epoch"]
        log.info("going on after epoch %d", self.epoch)


def hide_words(numbers: Tensor, share: float) -> Tensor:
    """Replace a share of the words (B, T) by the unknown word: the network learns to do without."""
    hidden = (torch.rand(numbers.shape) < share) & (numbers > END)
    return numbers.masked_fill(hidden, UNKNOWN)


def embed_photos(network: Network, features: np.ndarray, batch: int = 250) -> ImageFeatures:
    """Grids and joint vectors of photos from their unmirrored features (N, views, P, C)."""
    parts = [
        network.image(torch.from_numpy(np.asarray(features[i : i + batch, 0])).float())
        for i in range(0, len(features), batch)
    ]
    return ImageFeatures(torch.cat([p.grid for p in parts]), torch.cat([p.joint for p in parts]))


def embed_sentences(network: Network, sentences: Sequence[Sequence[int]], batch: int = 500) -> Tensor:
    """Joint vectors (N, J) of sentences of numbers."""
    parts = [
        network.encode_text(pad(sentences[i : i + batch])).joint for i in range(0, len(sentences), batch)
    ]
    return torch.cat(parts)


def _groups(network: Network, weight_decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices; none for biases, norms and embeddings of places."""
    trained = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
    matrices = [p for name, p in trained if p.ndim > 1 and "place" not in name and "position" not in name]
    chosen = set(map(id, matrices))
    rest = [p for _, p in trained if id(p) not in chosen]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]
