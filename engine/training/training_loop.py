"""The training loop: AdamW, warm-up, cosine schedule, moving average of weights, resumable epochs."""

from __future__ import annotations

import logging
import math
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from engine.reference.network import Network

log = logging.getLogger(__name__)

MAX_GRADIENT_NORM = 1.0


class LoopConfig(Protocol):
    """The hyperparameters that the loop itself reads."""

    @property
    def seed(self) -> int: ...
    @property
    def epochs(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def warmup_steps(self) -> int: ...
    @property
    def ema_decay(self) -> float: ...


class TrainingLoop(ABC):
    """Train with AdamW, linear warm-up, a cosine schedule and an exponential moving average of the weights.

    Seeded; the state is saved after each epoch, and a killed run resumes from the last one.
    """

    def __init__(
        self,
        network: Network,
        parameter_groups: Sequence[dict[str, Any]],
        total_steps: int,
        config: LoopConfig,
        state_file: Path,
    ) -> None:
        """Create the optimizer, the schedule and the moving average.

        Args:
            network: the network to train.
            parameter_groups: its parameters, as torch's optimizers take them.
            total_steps: number of optimizer steps in all epochs.
            config: hyperparameters.
            state_file: file that a killed run resumes from.
        """
        self.network, self.config, self.state_file = network, config, state_file
        self.total_steps = total_steps
        self.ema = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(config.ema_decay))
        self.optimizer = torch.optim.AdamW(list(parameter_groups), lr=config.learning_rate, betas=(0.9, 0.98))
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._learning_rate_factor)
        self.epoch = 0
        self.stateful: dict[str, Any] = {
            "network": self.network,
            "ema": self.ema,
            "optimizer": self.optimizer,
            "schedule": self.schedule,
        }

    @abstractmethod
    def train_epoch(self, rng: random.Random) -> str:
        """Train for one epoch and return its losses as text."""

    @abstractmethod
    def validate(self) -> str:
        """Return the metrics of the averaged network on dev as text."""

    def run(self) -> Network:
        """Train all epochs, from the saved state if there is one, and return the averaged network."""
        self._resume()
        while self.epoch < self.config.epochs:
            # Each epoch has its own seed, so that a resumed run equals an uninterrupted one.
            seed = self.config.seed * 1000 + self.epoch
            torch.manual_seed(seed)
            losses = self.train_epoch(random.Random(seed))
            self.epoch += 1
            self.save()
            log.info("epoch %d: %s, dev %s", self.epoch, losses, self.validate())
        return self.ema_network()

    def optimizer_step(self, loss: Tensor) -> None:
        """Backpropagate, clip gradients, and update the weights, the schedule and the moving average."""
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), MAX_GRADIENT_NORM)
        self.optimizer.step()
        self.schedule.step()
        self.ema.update_parameters(self.network)

    def ema_network(self) -> Network:
        """Return the network with the exponential moving average of the weights, in eval mode."""
        return cast(Network, self.ema.module).eval()

    def save(self) -> None:
        """Write the training state, atomically."""
        content = {"epoch": self.epoch} | {name: part.state_dict() for name, part in self.stateful.items()}
        temporary = self.state_file.with_suffix(".new")
        torch.save(content, temporary)
        temporary.replace(self.state_file)

    def _resume(self) -> None:
        if not self.state_file.is_file():
            return
        content = torch.load(self.state_file, weights_only=True)
        for name, part in self.stateful.items():
            part.load_state_dict(content[name])
        self.epoch = content["epoch"]
        log.info("going on after epoch %d", self.epoch)

    def _learning_rate_factor(self, step: int) -> float:
        """Return the factor of the learning rate: linear warm-up, then a half cosine to zero."""
        warmup_steps = self.config.warmup_steps
        if step < warmup_steps:
            return (step + 1) / warmup_steps
        progress = (step - warmup_steps) / max(1, self.total_steps - warmup_steps)
        return 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
