"""The comparison of runtime and reference notices what differs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from PIL import Image

from data.flickr8k import Flickr8k
from engine.evaluation.compare_runtime import compare_runtime
from engine.model.checkpoint import Checkpoint, load
from engine.reference import storage
from engine.reference.network import Network


@pytest.fixture
def flickr8k(tmp_path: Path) -> Flickr8k:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 30, 40, 3), np.uint8)
    names = ("a.png", "b.png")
    for name, photo in zip(names, pixels, strict=True):
        Image.fromarray(photo).save(tmp_path / name)
    captions = dict.fromkeys(names, ("a dog runs",))
    return Flickr8k(tmp_path, names, {"dev": names}, MappingProxyType(captions), ())


def test_the_runtime_agrees_with_the_reference(loaded: Checkpoint, flickr8k: Flickr8k) -> None:
    found = compare_runtime(loaded, flickr8k, "dev", photos=2)
    assert (found["precision"], found["photos"], found["identical_captions"]) == ("float32", 2, 100.0)
    assert found["joint_cosine"]["least"] > 0.999


def test_a_runtime_of_other_weights_is_noticed(
    loaded: Checkpoint, flickr8k: Flickr8k, network_copy: Network, tmp_path: Path
) -> None:
    for weight in network_copy.parameters():
        weight.mul_(-1)
    storage.save(tmp_path / "other", network_copy, loaded.vocabulary, {})
    other = load(tmp_path / "other")
    found = compare_runtime(replace(loaded, network=other.network), flickr8k, "dev", photos=2)
    assert found["joint_cosine"]["least"] < 0.9
