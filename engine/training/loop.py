"""Epochs that a kill does not lose: seeded, averaged, written to disk after each."""

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

from engine.model.network import Network

log = logging.getLogger(__name__)


class Pace(Protocol):
    """What a recipe says of how to descend."""

    @property
    def seed(self) -> int: ...
    @property
    def epochs(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def warmup(self) -> int: ...
    @property
    def averaging(self) -> float: ...


class Loop(ABC):
    """AdamW over epochs, with a warm-up, a cosine and averaged weights."""

    def __init__(
        self, network: Network, groups: Sequence[dict[str, Any]], steps: int, pace: Pace, state: Path
    ) -> None:
        """Make ready.

        Args:
            network: what is trained.
            groups: its parameters as torch's optimizers take them.
            steps: of all epochs together.
            pace: the recipe.
            state: file that a killed run goes on from.
        """
        self.network, self.pace, self.state, self.last = network, pace, state, steps
        self.average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(pace.averaging))
        self.optimizer = torch.optim.AdamW(list(groups), lr=pace.learning_rate, betas=(0.9, 0.98))
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._rate)
        self.epoch = 0
        self.parts: dict[str, Any] = {
            "network": self.network,
            "average": self.average,
            "optimizer": self.optimizer,
            "schedule": self.schedule,
        }

    @abstractmethod
    def run_epoch(self, rng: random.Random) -> str:
        """Train for one epoch; tell the losses."""

    @abstractmethod
    def check(self) -> str:
        """Tell how good the averaged network is on dev."""

    def run(self) -> Network:
        """Train to the end, from the saved state where there is one; return the averaged network."""
        self._resume()
        while self.epoch < self.pace.epochs:
            # Every epoch has its own seed, so a resumed run sees what an unbroken one would have seen.
            seed = self.pace.seed * 1000 + self.epoch
            torch.manual_seed(seed)
            told = self.run_epoch(random.Random(seed))
            self.epoch += 1
            self.save()
            log.info("epoch %d: %s, dev %s", self.epoch, told, self.check())
        return self.averaged()

    def descend(self, loss: Tensor) -> None:
        """One step down."""
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.average.update_parameters(self.network)

    def averaged(self) -> Network:
        """The network with its weights averaged over the last steps."""
        return cast(Network, self.average.module).eval()

    def save(self) -> None:
        """Write everything that changes as training goes."""
        content = {"epoch": self.epoch} | {name: part.state_dict() for name, part in self.parts.items()}
        new = self.state.with_suffix(".new")
        torch.save(content, new)
        new.replace(self.state)

    def _resume(self) -> None:
        if not self.state.is_file():
            return
        content = torch.load(self.state, weights_only=True)
        for name, part in self.parts.items():
            part.load_state_dict(content[name])
        self.epoch = content["epoch"]
        log.info("going on after epoch %d", self.epoch)

    def _rate(self, step: int) -> float:
        """Linear warm-up, then a half cosine to zero."""
        if step < self.pace.warmup:
            return (step + 1) / self.pace.warmup
        share = (step - self.pace.warmup) / max(1, self.last - self.pace.warmup)
        return 0.5 * (1 + math.cos(math.pi * min(1.0, share)))
