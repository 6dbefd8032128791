"""Baselines: networks that such bots use, with random weights, on which their speed does not depend.

Each runs as fast as plain PyTorch allows: evaluation and inference mode, photos decoded by Kindred's reader
at the size it needs, batch norms folded into the convolutions, the faster memory format, float32 and
bfloat16.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import openvino
import torch
from annoy import AnnoyIndex
from torch import Tensor, nn
from torch.fx.experimental.optimization import fuse
from torch.nn import functional as F

from engine.photos import preprocess
from engine.reference.image_encoder import declare_torchvision_operators
from engine.runtime.compiled_graph import OPTIONS
from tests.benchmarks.graph_flops import graph_flops
from tests.benchmarks.measure import System, count_flops, fastest_variant

GALLERY_SIZE = 8_000  # photos; about as many as Flickr8K has
MATCHES = 10
TREES = 10  # as in Annoy's own example; less exact and faster than Kindred's index
HIDDEN_SIZE, NUM_BEAMS, OUTPUT_VOCAB_SIZE = 512, 3, 2_541


def baselines(photos: Sequence[bytes], words: int, folder: Path, precision: torch.dtype) -> list[System]:
    """Return the systems that Kindred is compared with.

    Args:
        photos: encoded photos, one a round.
        words: number of words of a caption.
        folder: folder of the Annoy index.
        precision: of weights and activations.
    """
    declare_torchvision_operators()
    suffix = {torch.float32: "", torch.bfloat16: ", bfloat16"}[precision]
    return [
        count_flops(f"VGG16 fc7, Annoy: 10 matches{suffix}", vgg16(photos, folder, precision)),
        count_flops(f"Inception v3, LSTM: caption{suffix}", inception(photos, words, precision)),
        count_flops(f"CLIP ViT-B/32, scan: 10 matches{suffix}", clip(photos, precision)),
        compiled_clip(f"CLIP ViT-B/32, OpenVINO, scan: 10 matches{suffix}", photos, precision),
    ]


def vgg16(photos: Sequence[bytes], folder: Path, precision: torch.dtype) -> Callable[[int], Sequence[int]]:
    """Return image search by VGG16's seventh layer (Simonyan, Zisserman 2015, arXiv 1409.1556) and Annoy."""
    from torchvision import models

    whole = models.vgg16(weights=None, init_weights=False)
    features = nn.Sequential(whole.features, whole.avgpool, nn.Flatten(), whole.classifier[:5])
    features_of = _image_features(features, photos, 224, precision)
    index = _annoy_index(4096, folder)
    return lambda number: index.get_nns_by_vector(features_of(number)[0].tolist(), MATCHES)


def inception(photos: Sequence[bytes], words: int, precision: torch.dtype) -> Callable[[int], Tensor]:
    """Return "Show and Tell" (Vinyals et al. 2015, arXiv 1411.4555) with Inception v3 (arXiv 1512.00567)."""
    from torchvision import models

    encoder = models.inception_v3(weights=None, aux_logits=False, init_weights=False)
    encoder.fc = nn.Identity()
    features_of, decoder = (
        _image_features(encoder, photos, 299, precision),
        LSTMDecoder().to(precision).eval(),
    )

    @torch.inference_mode()
    def caption(number: int) -> Tensor:
        return decoder(features_of(number), words)

    return caption


def clip(photos: Sequence[bytes], precision: torch.dtype) -> Callable[[int], Tensor]:
    """Return image search by CLIP's image tower (Radford et al. 2021, arXiv 2103.00020) and a full scan."""
    return _nearest(_image_features(_clip_tower(), photos, 224, precision))


def compiled_clip(name: str, photos: Sequence[bytes], precision: torch.dtype) -> System:
    """Return the same, compiled by OpenVINO as it computes fastest: for one photo of a fixed size."""
    hint = {torch.float32: "f32", torch.bfloat16: "bf16"}[precision]
    options = OPTIONS | {"INFERENCE_PRECISION_HINT": hint, "INFERENCE_NUM_THREADS": torch.get_num_threads()}
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # one opaque operator, which OpenVINO does not know
    try:
        size = [1, 3, 224, 224]
        model = openvino.convert_model(
            _clip_tower().eval(), input=[size], example_input=torch.zeros(size), verbose=False
        )
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
    compiled = openvino.Core().compile_model(model, "CPU", options)

    def features_of(number: int) -> Tensor:
        pixels = preprocess.decode_to_pixels(photos[number % len(photos)], 224)[None]
        return torch.from_numpy(compiled([pixels])[0])

    return System(name, _nearest(features_of), graph_flops(model))


def _clip_tower() -> nn.Module:
    from torchvision import models

    tower = models.vit_b_32(weights=None)
    tower.heads = nn.Linear(768, 512, bias=False)
    return tower


def _nearest(features_of: Callable[[int], Tensor]) -> Callable[[int], Tensor]:
    """Return the nearest of as many random vectors as a gallery has, by a full scan."""
    vectors = F.normalize(torch.randn(GALLERY_SIZE, 512), dim=-1)

    @torch.inference_mode()
    def matches(number: int) -> Tensor:
        return (vectors @ F.normalize(features_of(number)[0], dim=-1)).topk(MATCHES).indices

    return matches


class LSTMDecoder(nn.Module):
    """An LSTM decoder with beam search; captions have a fixed length, as random weights never end them."""

    def __init__(self) -> None:
        super().__init__()
        self.image_projection = nn.Linear(2048, HIDDEN_SIZE)
        self.embedding = nn.Embedding(OUTPUT_VOCAB_SIZE, HIDDEN_SIZE)
        self.cell = nn.LSTMCell(HIDDEN_SIZE, HIDDEN_SIZE)
        self.lm_head = nn.Linear(HIDDEN_SIZE, OUTPUT_VOCAB_SIZE)

    def forward(self, features: Tensor, words: int) -> Tensor:
        """Decode features (1, 2048) to token ids (NUM_BEAMS, words + 1)."""
        features = features.to(self.image_projection.weight.dtype)
        state = [part.expand(NUM_BEAMS, -1) for part in self.cell(self.image_projection(features))]
        token_ids, sequences = (
            torch.zeros(NUM_BEAMS, dtype=torch.long),
            torch.empty(NUM_BEAMS, 0, dtype=torch.long),
        )
        scores = torch.tensor([0.0] + [-torch.inf] * (NUM_BEAMS - 1))
        for _ in range(words + 1):
            state = self.cell(self.embedding(token_ids), state)
            log_probabilities = self.lm_head(state[0]).float().log_softmax(-1)
            scores, place = (scores.unsqueeze(1) + log_probabilities).flatten().topk(NUM_BEAMS)
            parents, token_ids = place // OUTPUT_VOCAB_SIZE, place % OUTPUT_VOCAB_SIZE
            state = [part[parents] for part in state]
            sequences = torch.cat((sequences[parents], token_ids.unsqueeze(1)), dim=1)
        return sequences


def _image_features(
    network: nn.Module, photos: Sequence[bytes], side: int, precision: torch.dtype
) -> Callable[[int], Tensor]:
    """Return a function from a round to its photo's features (1, C), in the faster memory format."""
    network = fuse(network.eval()).to(precision)
    memory_formats = (torch.contiguous_format, torch.channels_last)
    return fastest_variant(
        _image_features_in(network, photos, side, precision, memory_format)
        for memory_format in memory_formats
    )


def _image_features_in(
    network: nn.Module,
    photos: Sequence[bytes],
    side: int,
    precision: torch.dtype,
    memory_format: torch.memory_format,
) -> Callable[[int], Tensor]:
    network = copy.deepcopy(network).to(memory_format=memory_format)  # type: ignore[call-overload]

    @torch.inference_mode()
    def features_of(number: int) -> Tensor:
        pixels = torch.from_numpy(preprocess.decode_to_pixels(photos[number % len(photos)], side)[None])
        return network(pixels.to(precision, memory_format=memory_format)).float()

    return features_of


def _annoy_index(width: int, folder: Path) -> AnnoyIndex:
    """Return an index of random vectors, built once and then loaded from the folder."""
    index, file = AnnoyIndex(width, "angular"), folder / f"{width}.annoy"
    if not file.is_file():
        vectors = np.random.default_rng(0).standard_normal((GALLERY_SIZE, width), dtype=np.float32)
        for row, vector in enumerate(vectors):
            index.add_item(row, vector.tolist())
        index.build(TREES)
        index.save(str(file))
        index.unload()
    index.load(str(file))
    return index
