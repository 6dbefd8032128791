"""A tiny real network, all of its dimensions different, and photos that a package carries."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import skimage
import torch
from PIL import Image

from engine.model import checkpoint
from engine.model.checkpoint import Checkpoint
from engine.model.config import NetworkConfig
from engine.model.network import Network
from engine.model.vocabulary import SPECIALS, Vocabulary

WORDS = (*SPECIALS, "a", "dog", "runs", "on", "the", "beach", "boy", "sits", "ocean", "violin")
TINY = NetworkConfig(
    encoder="tf_efficientnet_lite0",
    image_size=64,
    num_patches=4,
    width=24,
    heads=3,
    text_layers=1,
    caption_layers=2,
    joint_width=16,
    pretrained_width=10,
    vocab_size=len(WORDS),
    output_vocab_size=12,
    max_length=7,
    dropout=0.0,
)


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return Vocabulary(WORDS, output_size=12)


@pytest.fixture
def network() -> Network:
    torch.manual_seed(0)
    return Network(TINY).eval().requires_grad_(requires_grad=False)


@pytest.fixture
def loaded(tmp_path: Path, network: Network, vocabulary: Vocabulary) -> Checkpoint:
    """The tiny network on disk and back."""
    checkpoint.save(tmp_path / "artifact", network, vocabulary, {})
    return checkpoint.load(tmp_path / "artifact")


@pytest.fixture(scope="session")
def cat() -> bytes:
    """A real photo of a cat."""
    return as_bytes(Image.open(Path(skimage.__file__).parent / "data" / "chelsea.png"))


@pytest.fixture
def make_image(tmp_path: Path) -> Callable[..., Path]:
    """Write a plain image to a file."""

    def make(
        name: str, colour: tuple[int, int, int] = (200, 30, 30), size: tuple[int, int] = (40, 30)
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, colour).save(path)
        return path

    return make


def as_bytes(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
