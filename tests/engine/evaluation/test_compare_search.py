from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from data.flickr8k import Flickr8k
from engine.errors import GalleryError
from engine.evaluation import compare_search as comparison
from engine.evaluation.compare_search import compare_search, search_methods
from engine.model.checkpoint import Checkpoint, load
from engine.model.vocabulary import END, START, Vocabulary
from engine.reference import storage
from engine.reference.network import Network, pad
from engine.runtime.network import ImageFeatures
from engine.training.losses import caption_loss, contrastive_loss
from tests.engine.conftest import TINY

CAPTIONS = [[START, word, word + 1, 4, END] for word in range(5, 11)]
METHODS = ["inversion_pure", "inversion", "likelihood", "joint", "two_stages"]


@pytest.fixture(scope="module")
def flickr8k(tmp_path_factory: pytest.TempPathFactory) -> Flickr8k:
    folder = tmp_path_factory.mktemp("photos")
    shades = (0, 80, 160, 240)
    names = tuple(f"{shade}.png" for shade in shades)
    for name, shade in zip(names, shades, strict=True):
        Image.new("RGB", (40, 30), (shade, 90, 90)).save(folder / name)
    captions = dict.fromkeys(names, ("a dog runs", "the boy sits"))
    return Flickr8k(folder, names, {"dev": names, "test": ()}, MappingProxyType(captions), ())


@pytest.fixture(scope="module")
def comparison_result(loaded: Checkpoint, flickr8k: Flickr8k) -> dict[str, Any]:
    return compare_search(loaded, flickr8k, "dev")


def test_every_method_finds_the_photo_of_a_learned_caption(tmp_path: Path, vocabulary: Vocabulary) -> None:
    torch.manual_seed(0)
    features = torch.randn(6, TINY.num_patches, TINY.encoder_width)
    network = overfit(Network(TINY), features)
    storage.save(tmp_path, network, vocabulary, {})
    image = network.image_head(features)
    none = np.zeros((6, 0), np.float32)
    photos = ImageFeatures(image.grid.numpy(), image.joint.numpy(), none, features.numpy())
    methods = search_methods(load(tmp_path, 1), photos)
    assert list(methods) == METHODS
    for name, method in methods.items():
        best = [int(method(caption).argmax()) for caption in CAPTIONS]
        correct = sum(row == expected for expected, row in enumerate(best))
        assert correct >= 4, f"{name} found {best}"  # by chance: one


def test_recall_median_rank_and_time_are_measured_for_every_method(
    comparison_result: dict[str, Any],
) -> None:
    assert (comparison_result["split"], comparison_result["photos"]) == ("dev", 4)
    for method in METHODS:
        assert set(comparison_result[method]) == {"r1", "r5", "r10", "median_rank", "milliseconds"}
        assert comparison_result[method]["r5"] == 100.0  # of four photos
        assert 1 <= comparison_result[method]["median_rank"] <= 4


def test_there_are_no_more_queries_than_captions(comparison_result: dict[str, Any]) -> None:
    assert comparison_result["queries"] == 8


def test_all_methods_get_the_same_queries(
    loaded: Checkpoint, flickr8k: Flickr8k, monkeypatch: pytest.MonkeyPatch
) -> None:
    received: dict[str, list[tuple[int, ...]]] = {"first": [], "second": []}

    def record(name: str) -> Callable[[Sequence[int]], np.ndarray]:
        def method(query: Sequence[int]) -> np.ndarray:
            received[name].append(tuple(query))
            return np.arange(4.0)

        return method

    monkeypatch.setattr(comparison, "search_methods", lambda *_: {name: record(name) for name in received})
    assert compare_search(loaded, flickr8k, "dev", queries=5)["queries"] == 5
    assert received["first"] == received["second"]
    assert len(received["first"]) == 1 + 5  # the first query once more, to warm up


def test_a_missing_split_is_named(loaded: Checkpoint, flickr8k: Flickr8k) -> None:
    with pytest.raises(GalleryError, match="The test split is not in"):
        compare_search(loaded, flickr8k, "test")


def overfit(network: Network, features: Tensor) -> Network:
    """Train a network on six photos and one caption of each."""
    token_ids = pad(CAPTIONS)
    trained = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=5e-3)
    for _ in range(100):  # after 60, plain inversion finds three or four, by the order of sums
        image, text = network.image_head(features), network.encode_text(token_ids)
        logits = network.caption_logits(text.states, network.prepare_decoder(image.grid))
        loss = caption_loss(logits, token_ids) + contrastive_loss(
            image.joint, text.joint, network.logit_scale.exp()
        )
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
    return network.eval().requires_grad_(requires_grad=False)
