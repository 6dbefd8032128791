from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import pytest
import torch
from torch import nn

from data.flickr8k import Flickr8k
from engine.errors import GalleryError
from engine.model import checkpoint as artifacts
from engine.model.checkpoint import Checkpoint
from engine.model.network import Network
from engine.model.vocabulary import END, START, Vocabulary, pad
from engine.training.compare import compare, ways_to_search
from engine.training.loss import caption_loss, contrastive_loss
from tests.engine.conftest import TINY

SENTENCES = [[START, word, word + 1, 4, END] for word in range(5, 11)]
WAYS = ["inversion_pure", "inversion", "likelihood", "joint", "two_stages"]
Paint = Callable[..., Path]


@pytest.fixture
def flickr8k(tmp_path: Path, make_image: Paint) -> Flickr8k:
    names = tuple(f"{shade}.png" for shade in (0, 80, 160, 240))
    for name in names:
        make_image(name, (int(name.removesuffix(".png")), 90, 90))
    captions = dict.fromkeys(names, ("a dog runs", "the boy sits"))
    return Flickr8k(tmp_path, names, {"dev": names, "test": ()}, MappingProxyType(captions), ())


@pytest.fixture
def artifact(network: Network, vocabulary: Vocabulary, tmp_path: Path) -> Checkpoint:
    artifacts.save(tmp_path / "artifact", network, vocabulary, {})
    return artifacts.load(tmp_path / "artifact")


def test_every_way_finds_the_photo_that_a_learned_caption_is_about() -> None:
    torch.manual_seed(0)
    features = torch.randn(6, TINY.num_patches, TINY.encoder_width)
    network = learn(Network(TINY, with_encoder=False), features)
    ways = ways_to_search(network, network.image_head(features))
    assert list(ways) == WAYS
    for name, way in ways.items():
        found = [int(way(sentence).argmax()) for sentence in SENTENCES]
        right = sum(row == place for place, row in enumerate(found))
        assert right >= 4, f"{name} found {found}"  # by chance: one


def test_all_ways_are_measured_on_the_same_queries(artifact: Checkpoint, flickr8k: Flickr8k) -> None:
    found = compare(artifact, flickr8k, "dev", queries=5)
    assert (found["split"], found["photos"], found["queries"]) == ("dev", 4, 5)
    for way in WAYS:
        assert set(found[way]) == {"r1", "r5", "r10", "median_rank", "milliseconds"}
        assert found[way]["r5"] == 100.0  # there are but four photos
        assert 1 <= found[way]["median_rank"] <= 4


def test_no_more_queries_are_asked_than_there_are_captions(artifact: Checkpoint, flickr8k: Flickr8k) -> None:
    assert compare(artifact, flickr8k, "dev")["queries"] == 8


def test_a_split_that_is_not_there_is_named(artifact: Checkpoint, flickr8k: Flickr8k) -> None:
    with pytest.raises(GalleryError, match="The test split is not in"):
        compare(artifact, flickr8k, "test")


def learn(network: Network, features: torch.Tensor) -> Network:
    """Learn six photos and a caption of each by heart."""
    numbers = pad(SENTENCES)
    trained = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=5e-3)
    for _ in range(60):
        image, text = network.image_head(features), network.encode_text(numbers)
        logits = network.caption_logits(text.states, network.prepare_decoder(image.grid))
        loss = caption_loss(logits, numbers) + contrastive_loss(
            image.joint, text.joint, network.logit_scale.exp()
        )
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
    return network.eval().requires_grad_(requires_grad=False)
