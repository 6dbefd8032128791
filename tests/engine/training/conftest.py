"""The smallest split that can be learned: four photos of noise with two captions each."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.reference.network import Network
from engine.training.fine_tuning import stem
from engine.training.trainer import Split
from tests.engine.conftest import TINY


@pytest.fixture(scope="session")
def split() -> Split:
    torch.manual_seed(5)
    pixels = torch.randn(4, 3, 1, 1).expand(-1, -1, 64, 64) + 0.3 * torch.randn(4, 3, 64, 64)
    with torch.inference_mode():
        features = stem(Network(TINY).encoder, pixels).half().numpy()
    captions = [[[1, 4 + i, 8 + i, 2], [1, 8 + i, 4 + i, 5, 2]] for i in range(4)]
    teacher = np.random.default_rng(0).normal(size=(4, 1, 8)).repeat(2, axis=1)
    return Split(features[:, None], captions, teacher / np.linalg.norm(teacher, axis=2, keepdims=True))
