"""Words of captions that the recognizer learns to detect: what ImageNet's classes lack, such as people.

Its features come from a million photos; a detector on them knows a street or a person also in photos that no
training photo resembles, better than the joint space does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.class_names import singular
from engine.model.vocabulary import tokenize

FILE = Path(__file__).parent / "detected_words.txt"
WEIGHT_DECAY = 0.03  # of standardised features; 0.0003 detects worse both on dev and on everyday photos
ITERATIONS = 30  # of L-BFGS
# Most of these words are rarer in Flickr8K than elsewhere: their prior odds go half the way to one in four.
USUAL_SHARE, PRIOR_SHIFT = 0.25, 0.5
MIN_SHARE = 1e-3
PERSON = "person"


def read_detected_words() -> dict[str, frozenset[str]]:
    """Return the detected words, each with the words of captions that stand for it."""
    lines = FILE.read_text("utf-8").splitlines()
    pairs = (line.split(": ") for line in lines if not line.startswith("#"))
    return {word: frozenset(forms.split(", ")) for word, forms in pairs}


def label_captions(captions: Sequence[str]) -> np.ndarray:
    """Return which of the detected words (E) each caption (N) contains: (N, E) bool."""
    forms = list(read_detected_words().values())
    labels = np.zeros((len(captions), len(forms)), dtype=bool)
    for row, caption in enumerate(captions):
        words = set(tokenize(caption))
        words |= {
            singular(word) for word in words if singular(word) != PERSON
        }  # "people" is a word of its own
        labels[row] = [not form.isdisjoint(words) for form in forms]
    return labels


def fit_detector(features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Fit logistic regressions of detected words.

    Args:
        features: (N, C) of photos.
        labels: (N, E), the share of a photo's captions that contain a word.

    Returns:
        Weight (E, C) and bias (E,) of a linear layer on the features.
    """
    mean, scale = features.mean(0), features.std(0).mean()
    standardised = (features - mean) / scale
    share = labels.mean(0).clamp(MIN_SHARE, 1 - MIN_SHARE)
    layer = nn.Linear(features.shape[1], labels.shape[1])
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.copy_(share.logit())
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=ITERATIONS)

    def loss() -> Tensor:
        optimizer.zero_grad()
        fit = F.binary_cross_entropy_with_logits(layer(standardised), labels, reduction="none")
        total = fit.sum(1).mean() + WEIGHT_DECAY / 2 * layer.weight.square().sum()
        total.backward()
        return total

    optimizer.step(loss)
    with torch.no_grad():
        weight = layer.weight / scale
        shift = PRIOR_SHIFT * (torch.tensor(USUAL_SHARE).logit() - share.logit())
        return weight, layer.bias + shift - weight @ mean
