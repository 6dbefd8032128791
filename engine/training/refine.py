"""The last part of training: captions that score, and likelihoods that tell photos apart.

Cross-entropy teaches to continue what people wrote. Here the captions the network itself writes are
rewarded by CIDEr-D (self-critical training, Rennie et al. 2017, arXiv 1612.00563; the mean of the
other samples is the baseline, Luo 2020, arXiv 2003.09971), and a person's caption has to be likelier
for its own photo than for the photos that the joint space takes for it. Only the caption layers move:
the joint space stays as it is.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from engine.model.beam_search import generate
from engine.model.kv_cache import DecoderContext, KVCache
from engine.model.network import Network
from engine.model.vocabulary import END, PAD, START, UNKNOWN, pad
from engine.search.reranking import likelihood_of_images
from engine.training.loop import Loop
from engine.training.retrieval import recall
from engine.training.reward import Cider
from engine.training.train import Split, embed_photos
from engine.training.tuning import tail

QUERIES = 50  # captions of dev that are searched by likelihood after an epoch


@dataclass(frozen=True, kw_only=True)
class RefineConfig:
    """The recipe of the last part; travels with the weights."""

    seed: int = 1
    epochs: int = 4
    photos: int = 64  # of a batch
    samples: int = 5  # captions written about each photo
    rivals: int = 3  # photos that a person's caption is held against, besides its own
    learning_rate: float = 2e-4
    warmup: int = 50  # steps
    averaging: float = 0.99  # of the weights, a step
    caption_weight: float = 0.3
    rival_weight: float = 0.3

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for a manifest."""
        return asdict(self)


class Refiner(Loop):
    """Trains the caption layers of a network whose other parts are done."""

    def __init__(self, network: Network, config: RefineConfig, train: Split, dev: Split, state: Path) -> None:
        self.config, self.train, self.dev = config, train, dev
        self.batch = min(config.photos, len(train.features))
        self.steps = len(train.features) // self.batch  # of an epoch
        self.cider = Cider(train.sentences)
        # No dropout: what is rewarded is what the network would say.
        network.eval().requires_grad_(requires_grad=False)
        parts = (network.caption_layers, network.norm, network.image_head.grid_projection)
        tuned = [p.requires_grad_() for part in parts for p in part.parameters()]
        tuned += [network.lm_bias.requires_grad_(), network.image_head.position_embedding.requires_grad_()]
        super().__init__(
            network, [{"params": tuned, "weight_decay": 0.0}], config.epochs * self.steps, config, state
        )

    def run_epoch(self, rng: random.Random) -> str:
        """Pass over the photos once."""
        total = torch.zeros(3)
        batches = self._batches(rng)
        for rows, features in tqdm(batches, total=self.steps, desc=f"epoch {self.epoch + 1}", leave=False):
            with torch.autocast("cpu", torch.bfloat16):
                with torch.no_grad():
                    seen = tail(self.network.encoder, features)
                image = self.network.image_head(seen)
                reward, critical = self._write(image.grid, rows)
                caption, rival = self._compare(image.grid, image.joint, self._read(rows, rng))
            self.descend(critical + self.config.caption_weight * caption + self.config.rival_weight * rival)
            total += torch.stack((reward, caption.detach(), rival.detach()))
        return "reward {:.3f}, loss {:.3f} caption, {:.3f} rivals".format(*(total / self.steps).tolist())

    @torch.inference_mode()
    def check(self) -> str:
        """Score greedy captions of dev, and search its photos by likelihood alone."""
        network = self.averaged()
        photos = embed_photos(network, self.dev.features)
        cider = Cider(self.dev.sentences)
        said = [
            sentences[0] for grid in photos.grid.split(50) for sentences in generate(network, grid, beams=1)
        ]
        scores = [cider.score(row, [*sentence.token_ids, END]) for row, sentence in enumerate(said)]
        asked = range(0, len(said), max(1, len(said) // QUERIES))
        found = [likelihood_of_images(network, self.dev.sentences[row][0], photos.grid) for row in asked]
        ranks = np.array([1 + int((f > f[row]).sum()) for row, f in zip(asked, found, strict=True)])
        search = recall(ranks)
        return (
            f"CIDEr-D {np.mean(scores):.3f}, image search by likelihood {search.r1}/{search.r5}/{search.r10}"
        )

    def _write(self, grid: Tensor, rows: list[int]) -> tuple[Tensor, Tensor]:
        """Mean reward of captions sampled for the photos, and the loss that makes good ones likelier."""
        samples = self.config.samples
        with torch.no_grad():
            numbers = sample(self.network, self.network.prepare_decoder(grid).repeat(samples))
        sentences = [[n for n in row if n not in (PAD, START)] for row in numbers.tolist()]
        rewards = torch.tensor([self.cider.score(rows[i // samples], s) for i, s in enumerate(sentences)])
        rewards = rewards.view(-1, samples)
        others = (rewards.sum(1, keepdim=True) - rewards) / (samples - 1)
        likelihood, counts = self._likelihood(numbers, self.network.prepare_decoder(grid).repeat(samples))
        critical = -((rewards - others).flatten() * likelihood).sum() / counts.sum()
        return rewards.mean(), critical

    def _read(self, rows: list[int], rng: random.Random) -> Tensor:
        """One of the captions people wrote about each photo."""
        return pad([rng.choice(self.train.sentences[row]) for row in rows])

    def _compare(self, grid: Tensor, joint: Tensor, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Losses of people's captions: of each word, and of the photo they belong to."""
        with torch.no_grad():
            text = self.network.encode_text(numbers)
            alike = (text.joint @ joint.T).fill_diagonal_(-torch.inf)
        rivals = alike.topk(min(self.config.rivals, len(grid) - 1)).indices
        own = torch.arange(len(grid)).unsqueeze(1)
        photos = torch.cat((own, rivals), dim=1)  # (B, 1 + R)
        width = photos.shape[1]
        context = self.network.prepare_decoder(grid)
        rows = photos.flatten()
        context = DecoderContext(context.image_kv[:, :, rows], context.output_table)
        likelihood, counts = self._likelihood(
            numbers.repeat_interleave(width, 0), context, text.states.repeat_interleave(width, 0)
        )
        likelihood, counts = likelihood.view(-1, width), counts.view(-1, width)
        caption = -likelihood[:, 0].sum() / counts[:, 0].sum()
        return caption, F.cross_entropy(likelihood, own.new_zeros(len(grid)))

    def _likelihood(
        self, numbers: Tensor, context: DecoderContext, states: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Log probability of each sentence (B,) and its number of words (B,)."""
        if states is None:
            with torch.no_grad():
                states = self.network.encode_text(numbers).states
        logits = self.network.caption_logits(states, context)[:, :-1].float()
        target = numbers[:, 1:]
        target = target.where(target < logits.shape[-1], UNKNOWN)
        words = logits.gather(2, target.unsqueeze(2)).squeeze(2) - logits.logsumexp(2)
        said = target != PAD
        return (words * said).sum(1), said.sum(1)

    def _batches(self, rng: random.Random) -> Iterator[tuple[list[int], Tensor]]:
        order = list(range(len(self.train.features)))
        rng.shuffle(order)
        for first in range(0, self.steps * self.batch, self.batch):
            rows = sorted(order[first : first + self.batch])
            views = [rng.randrange(min(2, self.train.features.shape[1])) for _ in rows]  # whole photos
            yield rows, torch.from_numpy(self.train.features[rows, views]).bfloat16()


@torch.no_grad()
def sample(network: Network, context: DecoderContext) -> Tensor:
    """Write one caption by chance for each photo looked at: numbers (B, T), start ... end, padded."""
    batch = context.image_kv.shape[2]
    cache = KVCache(network.config, batch, 1)
    said = [torch.full((batch,), START)]
    ended = torch.zeros(batch, dtype=torch.bool)
    for _ in range(network.config.max_length + 1):
        logits = network.decode_step(said[-1].unsqueeze(1), cache, context)[:, 0].float()
        logits[:, [PAD, START, UNKNOWN]] = -torch.inf
        number = logits.softmax(-1).multinomial(1).squeeze(1)
        said.append(number.masked_fill(ended, PAD))
        ended |= number == END
        if ended.all():
            break
    return torch.stack(said, dim=1)
