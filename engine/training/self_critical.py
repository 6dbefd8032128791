"""Self-critical sequence training of the caption layers, with a contrastive loss on likelihoods.

Cross-entropy teaches the decoder to continue reference captions. Here the captions that it samples itself
are rewarded by CIDEr-D (SCST, Rennie et al. 2017, arXiv 1612.00563); the baseline is the mean reward of the
photo's other samples (Luo 2020, arXiv 2003.09971). A reference caption must also be likelier for its own
photo than for hard negatives, the photos nearest to it in the joint space. Only the caption layers are
trained; the joint space stays as it is.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from engine.evaluation.retrieval_metrics import recall
from engine.model.vocabulary import END, PAD, START, UNKNOWN
from engine.reference.kv_cache import DecoderContext, KVCache
from engine.reference.network import Network, pad
from engine.reference.storage import as_runtime
from engine.runtime.beam_search import generate
from engine.search.reranking import likelihood_of_images
from engine.training.cider import CiderD
from engine.training.config import SelfCriticalConfig
from engine.training.fine_tuning import tail
from engine.training.stem_features import encode_stem_features
from engine.training.trainer import Split
from engine.training.training_loop import TrainingLoop

VALIDATION_QUERIES = 50  # dev captions that are searched by likelihood after an epoch
VALIDATION_BATCH_SIZE = 50  # photos captioned at once
UNCROPPED_VIEWS = 2  # the photo and its mirror image


class SelfCriticalTrainer(TrainingLoop):
    """Train the caption layers of a jointly trained network; everything else stays frozen."""

    def __init__(
        self, network: Network, config: SelfCriticalConfig, train: Split, dev: Split, state_file: Path
    ) -> None:
        self.config: SelfCriticalConfig = config
        self.train, self.dev = train, dev
        self.batch_size = min(config.batch_size, len(train.features))
        self.steps_per_epoch = len(train.features) // self.batch_size
        self.cider = CiderD(train.captions)
        # No dropout: the reward is for the captions that the network writes at inference.
        network.eval().requires_grad_(requires_grad=False)
        modules = (network.caption_layers, network.norm, network.image_head.grid_projection)
        trained = [p.requires_grad_() for module in modules for p in module.parameters()]
        trained += [network.lm_bias.requires_grad_(), network.image_head.position_embedding.requires_grad_()]
        groups = [{"params": trained, "weight_decay": 0.0}]
        super().__init__(network, groups, config.epochs * self.steps_per_epoch, config, state_file)

    def train_epoch(self, rng: random.Random) -> str:
        """Train on every photo once and return the mean reward and losses as text."""
        total = torch.zeros(3)
        batches = tqdm(
            self._batches(rng), total=self.steps_per_epoch, desc=f"epoch {self.epoch + 1}", leave=False
        )
        for rows, features in batches:
            with torch.autocast("cpu", torch.bfloat16):
                with torch.no_grad():
                    encoded = tail(self.network.encoder, features)
                image = self.network.image_head(encoded)
                reward, self_critical = self._self_critical_loss(image.grid, rows)
                references = self._sample_references(rows, rng)
                caption, contrastive = self._reference_losses(image.grid, image.joint, references)
            self.optimizer_step(
                self_critical
                + self.config.caption_weight * caption
                + self.config.contrastive_weight * contrastive
            )
            total += torch.stack((reward, caption.detach(), contrastive.detach()))
        return "reward {:.3f}, loss {:.3f} caption, {:.3f} rivals".format(
            *(total / self.steps_per_epoch).tolist()
        )

    @torch.inference_mode()
    def validate(self) -> str:
        """Return the CIDEr-D of greedy dev captions and the recall of search by likelihood, as text."""
        network = self.ema_network()
        grids, runtime = encode_stem_features(network, self.dev.features).grid.numpy(), as_runtime(network)
        cider = CiderD(self.dev.captions)
        generated = [
            candidates[0]
            for first in range(0, len(grids), VALIDATION_BATCH_SIZE)
            for candidates in generate(runtime, grids[first : first + VALIDATION_BATCH_SIZE], beams=1)
        ]
        scores = [cider.score(row, [*sentence.token_ids, END]) for row, sentence in enumerate(generated)]
        queries = range(0, len(generated), max(1, len(generated) // VALIDATION_QUERIES))
        likelihoods = [likelihood_of_images(runtime, self.dev.captions[row][0], grids) for row in queries]
        ranks = [1 + int((fit > fit[row]).sum()) for row, fit in zip(queries, likelihoods, strict=True)]
        search = recall(np.array(ranks))
        return (
            f"CIDEr-D {np.mean(scores):.3f}, image search by likelihood {search.r1}/{search.r5}/{search.r10}"
        )

    def _self_critical_loss(self, grid: Tensor, rows: list[int]) -> tuple[Tensor, Tensor]:
        """Sample captions for photos (B, P, W); return their mean reward and the policy-gradient loss."""
        samples = self.config.samples_per_photo
        with torch.no_grad():
            token_ids = sample_captions(self.network, self.network.prepare_decoder(grid).repeat(samples))
        captions = [[n for n in row if n not in (PAD, START)] for row in token_ids.tolist()]
        rewards = torch.tensor([self.cider.score(rows[i // samples], c) for i, c in enumerate(captions)])
        rewards = rewards.view(-1, samples)
        baseline = (rewards.sum(1, keepdim=True) - rewards) / (samples - 1)
        log_probability, lengths = self._log_probability(
            token_ids, self.network.prepare_decoder(grid).repeat(samples)
        )
        loss = -((rewards - baseline).flatten() * log_probability).sum() / lengths.sum()
        return rewards.mean(), loss

    def _sample_references(self, rows: list[int], rng: random.Random) -> Tensor:
        """Return the token ids (B, T) of a random reference caption of each photo."""
        return pad([rng.choice(self.train.captions[row]) for row in rows])

    def _reference_losses(self, grid: Tensor, joint: Tensor, token_ids: Tensor) -> tuple[Tensor, Tensor]:
        """Return the cross-entropy of reference captions, and the contrastive loss with hard negatives.

        Args:
            grid: (B, P, W) of the photos.
            joint: (B, J) of the photos.
            token_ids: (B, T), a reference caption of each photo.
        """
        with torch.no_grad():
            text = self.network.encode_text(token_ids)
            similarities = (text.joint @ joint.T).fill_diagonal_(-torch.inf)
        negatives = similarities.topk(min(self.config.negatives, len(grid) - 1)).indices
        own = torch.arange(len(grid)).unsqueeze(1)
        photos = torch.cat((own, negatives), dim=1)  # (B, 1 + negatives)
        width = photos.shape[1]
        context = self.network.prepare_decoder(grid)
        context = DecoderContext(context.image_kv[:, :, photos.flatten()], context.output_table)
        log_probability, lengths = self._log_probability(
            token_ids.repeat_interleave(width, 0), context, text.states.repeat_interleave(width, 0)
        )
        log_probability, lengths = log_probability.view(-1, width), lengths.view(-1, width)
        caption = -log_probability[:, 0].sum() / lengths[:, 0].sum()
        return caption, F.cross_entropy(log_probability, own.new_zeros(len(grid)))

    def _log_probability(
        self, token_ids: Tensor, context: DecoderContext, states: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the log probability (B,) of each caption (B, T), and its number of words and end (B,)."""
        if states is None:
            with torch.no_grad():
                states = self.network.encode_text(token_ids).states
        logits = self.network.caption_logits(states, context)[:, :-1].float()
        target = token_ids[:, 1:]
        target = target.where(target < logits.shape[-1], UNKNOWN)
        of_words = logits.gather(2, target.unsqueeze(2)).squeeze(2) - logits.logsumexp(2)
        mask = target != PAD
        return (of_words * mask).sum(1), mask.sum(1)

    def _batches(self, rng: random.Random) -> Iterator[tuple[list[int], Tensor]]:
        """Yield rows of photos and the stem features (B, H, W, C) of an uncropped view of each."""
        order = list(range(len(self.train.features)))
        rng.shuffle(order)
        for first in range(0, self.steps_per_epoch * self.batch_size, self.batch_size):
            rows = sorted(order[first : first + self.batch_size])
            views = [rng.randrange(min(UNCROPPED_VIEWS, self.train.features.shape[1])) for _ in rows]
            yield rows, torch.from_numpy(self.train.features[rows, views]).bfloat16()


@torch.no_grad()
def sample_captions(network: Network, context: DecoderContext) -> Tensor:
    """Sample a caption for each of B photos; return token ids (B, T), start ... end, padded."""
    batch_size = context.image_kv.shape[2]
    cache = KVCache(network.config, batch_size, 1)
    columns = [torch.full((batch_size,), START)]
    ended = torch.zeros(batch_size, dtype=torch.bool)
    for _ in range(network.config.max_length + 1):
        logits = network.decode_step(columns[-1].unsqueeze(1), cache, context)[:, 0].float()
        logits[:, [PAD, START, UNKNOWN]] = -torch.inf
        token_ids = logits.softmax(-1).multinomial(1).squeeze(1)
        columns.append(token_ids.masked_fill(ended, PAD))
        ended |= token_ids == END
        if ended.all():
            break
    return torch.stack(columns, dim=1)
