"""What the decoder reads beside the grid: the joint vector, and the names of what is recognised.

A name is a vector of its words, with its probability; so words that no training photo showed reach the
captions (NOC, Venugopalan et al. 2017, arXiv 1606.07770; ViECap, Fei et al. 2023, arXiv 2307.16525).

Shapes: B photos, K classes and detected words, N names, W width, J joint width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.config import MIN_NAME_PROBABILITY, NAME_LOG_SCALE, NO_NAME, NetworkConfig
from engine.model.vocabulary import PAD
from engine.reference.layers import WordEmbedding

NAME_WORDS = 3  # of the longest name
PROBABILITY_FEATURES = 3  # a probability, its root and its logarithm


class NameMemory(nn.Module):
    """Turn joint vectors and probabilities of classes into vectors for cross-attention.

    Attributes:
        joint_mean: (J,), of the training photos' joint vectors.
        token_ids: (common names, words), the words of each name, padded; row 0 is no name.
        name_of_class: (K,), the row of each class's name, and of each detected word.
    """

    joint_mean: Tensor
    token_ids: Tensor
    name_of_class: Tensor

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.count, self.rows = config.names, config.common_names
        self.joint_projection = nn.Linear(config.joint_width, config.width)
        self.word_projection = nn.Linear(config.width, config.width)
        self.probability_projection = nn.Linear(PROBABILITY_FEATURES, config.width)
        self.register_buffer("joint_mean", torch.zeros(config.joint_width))
        self.register_buffer("token_ids", torch.zeros(config.common_names, NAME_WORDS, dtype=torch.long))
        self.register_buffer(
            "name_of_class", torch.zeros(config.classes + config.detected_words, dtype=torch.long)
        )

    def forward(self, joint: Tensor, classes: Tensor, words: WordEmbedding) -> Tensor:
        """Return what the decoder reads of photos: (B, 1 + N, W).

        Args:
            joint: (B, J).
            classes: (B, K), probabilities.
            words: turns the names' words into vectors.
        """
        rows, probabilities = self.likeliest(classes)
        return self.vectors(joint - self.joint_mean, self.name_vectors(words)[rows], probabilities)

    def likeliest(self, classes: Tensor) -> tuple[Tensor, Tensor]:
        """Sum the probabilities (B, K) of classes and detected words over their names.

        Returns:
            The rows (B, N) of the likeliest names, best first, and their probabilities (B, N).
        """
        sums = classes @ F.one_hot(self.name_of_class, self.rows).to(classes.dtype)
        named = torch.arange(self.rows) != NO_NAME
        probabilities, rows = (sums.clamp(max=1) * named).topk(self.count, dim=-1)
        return rows, probabilities

    def name_vectors(self, words: WordEmbedding) -> Tensor:
        """Return the mean vector of each name's words: (common names, W)."""
        is_word = (self.token_ids != PAD).unsqueeze(-1)
        return (words(self.token_ids) * is_word).sum(1) / is_word.sum(1).clamp(min=1)

    def vectors(self, joint: Tensor, names: Tensor, probabilities: Tensor) -> Tensor:
        """Return the vectors (B, 1 + N, W) of joint vectors and names.

        Args:
            joint: (B, J), centred.
            names: (B, N, W).
            probabilities: (B, N); 0 for a name that is left out.
        """
        p = probabilities.clamp(min=MIN_NAME_PROBABILITY).unsqueeze(-1)
        weight = self.probability_projection(torch.cat((p, p.sqrt(), p.log() / NAME_LOG_SCALE), dim=-1))
        return torch.cat((self.joint_projection(joint).unsqueeze(1), self.word_projection(names) + weight), 1)
