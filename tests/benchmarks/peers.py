"""What others would put behind such a bot, with random weights: their speed does not depend on them.

Each is treated as well as plain PyTorch allows: evaluation and inference mode, photos decoded by our
own reader at the side they need, batch norms folded into the convolutions, the faster of both memory
formats, single precision and, beside it, bfloat16.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from annoy import AnnoyIndex
from torch import Tensor, nn
from torch.fx.experimental.optimization import fuse
from torch.nn import functional as F

from engine.model.image_encoder import declare_torchvision_operators
from engine.photos import preprocess
from tests.benchmarks.measure import System, counted, fastest

SIZE = 8_000  # about as many as Flickr8K has
MATCHES = 10
TREES = 10  # Annoy's own example; what it searches by default is less exact and faster than Kindred's
UNITS, BEAMS, SPOKEN = 512, 3, 2_541


def peers(photos: Sequence[bytes], words: int, folder: Path, precision: torch.dtype) -> list[System]:
    """The systems that Kindred stands beside.

    Args:
        photos: what all are asked about, one a round.
        words: how many a caption has.
        folder: where an index may be kept.
        precision: of their weights and activations.
    """
    declare_torchvision_operators()
    suffix = {torch.float32: "", torch.bfloat16: ", bfloat16"}[precision]
    return [
        counted(f"VGG16 fc7, Annoy: 10 matches{suffix}", vgg16(photos, folder, precision)),
        counted(f"Inception v3, LSTM: caption{suffix}", inception(photos, words, precision)),
        counted(f"CLIP ViT-B/32, scan: 10 matches{suffix}", clip(photos, precision)),
    ]


def vgg16(photos: Sequence[bytes], folder: Path, precision: torch.dtype) -> Callable[[int], Sequence[int]]:
    """Features of VGG16's seventh layer (Simonyan and Zisserman 2015, arXiv 1409.1556) to neighbours."""
    from torchvision import models

    whole = models.vgg16(weights=None, init_weights=False)
    features = nn.Sequential(whole.features, whole.avgpool, nn.Flatten(), whole.classifier[:5])
    see = _seeing(features, photos, 224, precision)
    forest = _forest(4096, folder)
    return lambda number: forest.get_nns_by_vector(see(number)[0].tolist(), MATCHES)


def inception(photos: Sequence[bytes], words: int, precision: torch.dtype) -> Callable[[int], Tensor]:
    """Inception v3 (arXiv 1512.00567) and an LSTM: "Show and Tell" (Vinyals et al. 2015, arXiv 1411.4555)."""
    from torchvision import models

    encoder = models.inception_v3(weights=None, aux_logits=False, init_weights=False)
    encoder.fc = nn.Identity()
    see, speaker = _seeing(encoder, photos, 299, precision), Speaker().to(precision).eval()

    @torch.inference_mode()
    def caption(number: int) -> Tensor:
        return speaker(see(number), words)

    return caption


def clip(photos: Sequence[bytes], precision: torch.dtype) -> Callable[[int], Tensor]:
    """CLIP's image tower (Radford et al. 2021, arXiv 2103.00020) and a scan over all vectors."""
    from torchvision import models

    tower = models.vit_b_32(weights=None)
    tower.heads = nn.Linear(768, 512, bias=False)
    see = _seeing(tower, photos, 224, precision)
    vectors = F.normalize(torch.randn(SIZE, 512), dim=-1)

    @torch.inference_mode()
    def matches(number: int) -> Tensor:
        return (vectors @ F.normalize(see(number)[0], dim=-1)).topk(MATCHES).indices

    return matches


class Speaker(nn.Module):
    """A caption, word by word; always of the same length, for random weights never end one."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(2048, UNITS)
        self.embedding = nn.Embedding(SPOKEN, UNITS)
        self.cell = nn.LSTMCell(UNITS, UNITS)
        self.speak = nn.Linear(UNITS, SPOKEN)

    def forward(self, features: Tensor, words: int) -> Tensor:
        """Features (1, 2048) to sentences (BEAMS, words and the end)."""
        features = features.to(self.enter.weight.dtype)
        state = [part.expand(BEAMS, -1) for part in self.cell(self.enter(features))]
        said, numbers = torch.zeros(BEAMS, dtype=torch.long), torch.empty(BEAMS, 0, dtype=torch.long)
        scores = torch.tensor([0.0] + [-torch.inf] * (BEAMS - 1))
        for _ in range(words + 1):
            state = self.cell(self.embedding(said), state)
            following = self.speak(state[0]).float().log_softmax(-1)
            scores, place = (scores.unsqueeze(1) + following).flatten().topk(BEAMS)
            parents, said = place // SPOKEN, place % SPOKEN
            state = [part[parents] for part in state]
            numbers = torch.cat((numbers[parents], said.unsqueeze(1)), dim=1)
        return numbers


def _seeing(
    network: nn.Module, photos: Sequence[bytes], side: int, precision: torch.dtype
) -> Callable[[int], Tensor]:
    """From a round's photo to its features (1, C), in the memory format that is faster here."""
    network = fuse(network.eval()).to(precision)
    forms = (torch.contiguous_format, torch.channels_last)
    return fastest(_way(network, photos, side, precision, form) for form in forms)


def _way(
    network: nn.Module, photos: Sequence[bytes], side: int, precision: torch.dtype, form: torch.memory_format
) -> Callable[[int], Tensor]:
    network = copy.deepcopy(network).to(memory_format=form)  # type: ignore[call-overload]

    @torch.inference_mode()
    def see(number: int) -> Tensor:
        pixels = preprocess.load(photos[number % len(photos)], side).unsqueeze(0)
        return network(pixels.to(precision, memory_format=form)).float()

    return see


def _forest(width: int, folder: Path) -> AnnoyIndex:
    """Random vectors; built once, loaded from the folder then."""
    forest, file = AnnoyIndex(width, "angular"), folder / f"{width}.annoy"
    if not file.is_file():
        vectors = np.random.default_rng(0).standard_normal((SIZE, width), dtype=np.float32)
        for row, vector in enumerate(vectors):
            forest.add_item(row, vector.tolist())
        forest.build(TREES)
        forest.save(str(file))
        forest.unload()
    forest.load(str(file))
    return forest
