"""Training the decoder to read names, on photos with captions and on sentences without photos.

On photos it learns to write what it wrote before, so that it loses nothing there. A sentence without a photo
comes with simulated names, with its own joint vector or that of a photo near it, and with no grid, that of
such a photo, or that of any photo: so the decoder learns when to trust the names. Modality means are taken
out and noise is added, as in CapDec (Nukrai et al. 2022, arXiv 2211.00575). The joint space stays as it is.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from engine.evaluation.encoding import embed_captions
from engine.model.vocabulary import PAD, UNKNOWN
from engine.reference.name_memory import NameMemory
from engine.reference.network import Network, pad
from engine.reference.storage import as_runtime
from engine.training.config import NameConfig
from engine.training.names.simulated_recognizer import SimulatedRecognizer
from engine.training.training_loop import TrainingLoop

NEIGHBOURS = 12  # photos near a sentence in the joint space
NO_GRID, ANY_PHOTO = 0.25, 0.125  # shares of sentences
OWN_JOINT = 0.375  # share of sentences with a photo's grid and their own joint vector
OWN_SENTENCE = 0.35  # chance that the joint vector of a group contains that of the sentence itself
NOISE = 0.35  # of joint vectors of sentences, of their norm
NAMES_DROPPED, ALL_DROPPED, WRONG = 0.08, 0.08, 0.03  # shares of recognised names of photos
LABEL_SMOOTHING = 0.05
BUCKETS = 16  # batches that are sorted by length together


@dataclass(frozen=True)
class RecognisedPhotos:
    """Training photos as the decoder and the recognizer see them.

    Attributes:
        grids: (N, P, W) of the patches.
        joints: (N, J).
        recognised: (N, K), probabilities of classes and detected words.
        captions: token ids by photo, caption and word.
    """

    grids: Tensor
    joints: Tensor
    recognised: Tensor
    captions: Sequence[Sequence[Sequence[int]]]


@dataclass(frozen=True)
class UnpairedSentences:
    """Sentences without photos.

    Attributes:
        token_ids: of each sentence.
        groups: of each sentence others that may be about the same photo.
        recognizer: draws names for them.
    """

    token_ids: Sequence[Sequence[int]]
    groups: Sequence[Sequence[int]]
    recognizer: SimulatedRecognizer


class NameTrainer(TrainingLoop):
    """Train the caption layers, the name memory and the words of the sentences; the rest stays frozen."""

    def __init__(
        self,
        network: Network,
        teacher: Network,
        *,
        config: NameConfig,
        photos: RecognisedPhotos,
        sentences: UnpairedSentences,
        state_file: Path,
    ) -> None:
        """Embed the sentences and find the photos near them.

        Args:
            network: to train, with a name memory.
            teacher: the network before, which reads grids alone and whose words are the first of `network`.
            config: hyperparameters.
            photos: with captions.
            sentences: without photos.
            state_file: file that a killed run resumes from.
        """
        self.config: NameConfig = config
        self.teacher, self.photos, self.sentences = teacher, photos, sentences
        network.eval().requires_grad_(requires_grad=False)
        self.memory = cast(NameMemory, network.name_memory)
        modules = (network.caption_layers, network.norm, self.memory)
        trained = [p.requires_grad_() for module in modules for p in module.parameters()]
        groups = [{"params": [*trained, network.lm_bias.requires_grad_()], "weight_decay": 0.01}]
        if network.word_embedding.written is not None:
            written = network.word_embedding.written.requires_grad_()
            groups.append({"params": [written], "lr": config.word_learning_rate, "weight_decay": 0.01})
        with torch.no_grad():
            self.names, self.probabilities = self.memory.likeliest(photos.recognised)
            self.name_vectors = self.memory.name_vectors(network.word_embedding)
            self._embed_sentences(network)
        self.steps_per_epoch = min(config.steps_per_epoch, len(sentences.token_ids))  # a few in tests
        super().__init__(network, groups, config.epochs * self.steps_per_epoch, config, state_file)

    @torch.no_grad()
    def _embed_sentences(self, network: Network) -> None:
        """Compute the joint vectors of sentences, without the mean of texts, and find photos near them."""
        self.joints = self.photos.joints - self.memory.joint_mean
        self.norm = self.joints.norm(dim=1).mean()
        runtime = as_runtime(network)
        captions = embed_captions(runtime, [of_photo[0] for of_photo in self.photos.captions])
        sentences = embed_captions(runtime, self.sentences.token_ids)
        self.sentence_joints = torch.from_numpy(sentences - captions.mean(0))
        count = min(NEIGHBOURS, len(self.joints))
        directions = F.normalize(self.joints, dim=1).T
        parts = F.normalize(self.sentence_joints, dim=1).split(1000)
        self.near = torch.cat([(part @ directions).topk(count).indices for part in parts])

    def train_epoch(self, rng: random.Random) -> str:
        """Train for `steps_per_epoch` steps and return the mean losses as text."""
        total, noise = torch.zeros(2), np.random.default_rng(rng.randrange(2**32))
        captions = [(i, n) for i, of_photo in enumerate(self.photos.captions) for n in range(len(of_photo))]
        photo_batches = _batches(
            [len(self.photos.captions[i][n]) for i, n in captions], self.config.batch_size, rng
        )
        sentence_batches = _batches(
            list(map(len, self.sentences.token_ids)), self.config.sentence_batch_size, rng
        )
        steps = range(self.steps_per_epoch)
        for _ in tqdm(steps, desc=f"epoch {self.epoch + 1}", leave=False):
            pairs = [captions[n] for n in next(photo_batches)]
            with torch.autocast("cpu", torch.bfloat16):
                losses = torch.stack(
                    (self._photo_loss(pairs), self._sentence_loss(next(sentence_batches), rng, noise))
                )
            weights = torch.tensor((self.config.teacher_weight, 1.0))
            self.optimizer_step((weights * losses).sum())
            total += losses.detach()
        return "loss {:.3f} teacher, {:.3f} sentences".format(*(total / len(steps)).tolist())

    def validate(self) -> str:
        """Return nothing: dev has no photo that needs a name."""
        return "not measured"

    def _photo_loss(self, pairs: Sequence[tuple[int, int]]) -> Tensor:
        """Return the divergence from the teacher's next words in captions of photos."""
        rows = torch.tensor([photo for photo, _ in pairs])
        token_ids = pad([self.photos.captions[photo][n] for photo, n in pairs])
        grid = self.photos.grids[rows].float()
        names, probabilities = self._disturb(self.names[rows], self.probabilities[rows])
        with torch.no_grad():
            states = self.network.encode_text(token_ids).states
            expected = self.teacher.caption_logits(states, self.teacher.prepare_decoder(grid))
            expected = expected[:, :-1].float().log_softmax(-1)
        memory = self.memory.vectors(self.joints[rows], self.name_vectors[names], probabilities)
        logits = self._logits(states, torch.cat((grid, memory), dim=1)).log_softmax(-1)
        divergence = (expected.exp() * (expected - logits[..., : expected.shape[-1]])).sum(-1)
        mask = _known(token_ids, logits.shape[-1])
        return (divergence * mask).sum() / mask.sum()

    def _sentence_loss(self, rows: Sequence[int], rng: random.Random, noise: np.random.Generator) -> Tensor:
        """Return the cross-entropy of sentences without photos."""
        token_ids = pad([self.sentences.token_ids[row] for row in rows])
        drawn = [self.sentences.recognizer.draw(row, rng, noise) for row in rows]
        names = torch.tensor([[name for name, _ in of_sentence] for of_sentence in drawn])
        probabilities = torch.tensor([[p for _, p in of_sentence] for of_sentence in drawn])
        photos = torch.tensor([rng.choice(self.near[row].tolist()) for row in rows])
        kind = rng.random()
        if kind < ANY_PHOTO:
            photos = torch.tensor([rng.randrange(len(self.joints)) for _ in rows])
        own_joint = ANY_PHOTO < kind < ANY_PHOTO + NO_GRID + OWN_JOINT
        joints = self._sentence_joints(rows, rng) if own_joint else self.joints[photos]
        memory = self.memory.vectors(joints, self.name_vectors[names], probabilities)
        if not ANY_PHOTO < kind < ANY_PHOTO + NO_GRID:
            memory = torch.cat((self.photos.grids[photos].float(), memory), dim=1)
        with torch.no_grad():
            states = self.network.encode_text(token_ids).states
        logits, mask = self._logits(states, memory), _known(token_ids, self.network.config.caption_vocab_size)
        target = token_ids[:, 1:].where(mask, PAD)
        return F.cross_entropy(
            logits.flatten(0, 1), target.flatten(), ignore_index=PAD, label_smoothing=LABEL_SMOOTHING
        )

    def _sentence_joints(self, rows: Sequence[int], rng: random.Random) -> Tensor:
        """Return joint vectors (B, J) that photos of the sentences might have, centred."""
        joints = []
        for row in rows:
            others = self.sentences.groups[row]
            group = rng.sample(others, rng.randint(1, len(others))) if others else []
            own = [row] if not group or rng.random() < OWN_SENTENCE else []
            mean = F.normalize(self.sentence_joints[[*group, *own]].mean(0), dim=0)
            scatter = torch.randn_like(mean) * (2 * NOISE * rng.random() / len(mean) ** 0.5)
            joints.append(self.norm * (mean * rng.uniform(0.75, 1.25) + scatter))
        return torch.stack(joints)

    def _disturb(self, names: Tensor, probabilities: Tensor) -> tuple[Tensor, Tensor]:
        """Drop some recognised names of photos and replace others, so that none is trusted blindly."""
        keep = torch.rand(probabilities.shape) >= NAMES_DROPPED
        keep &= torch.rand(len(keep), 1) >= ALL_DROPPED
        wrong = torch.rand(names.shape) < WRONG
        names = names.where(~wrong, torch.randint(1, len(self.name_vectors), names.shape))
        scale = (1 + 0.3 * torch.randn(probabilities.shape)).clamp(0.2, 1.8)
        return names, probabilities * keep * scale

    def _logits(self, states: Tensor, memory: Tensor) -> Tensor:
        return self.network.caption_logits(states, self.network.prepare_decoder(memory))[:, :-1].float()


def _known(token_ids: Tensor, vocab_size: int) -> Tensor:
    """Return which words after the first the decoder can write: (B, T - 1)."""
    target = token_ids[:, 1:]
    return (target != PAD) & (target != UNKNOWN) & (target < vocab_size)


def _batches(lengths: Sequence[int], size: int, rng: random.Random) -> Iterator[list[int]]:
    """Yield random rows of about the same length, for ever."""
    while True:
        pool = rng.sample(range(len(lengths)), min(len(lengths), size * BUCKETS))
        pool.sort(key=lambda row: lengths[row] + rng.random())
        batches = [pool[first : first + size] for first in range(0, len(pool), size)]
        rng.shuffle(batches)
        yield from batches
