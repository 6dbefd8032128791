"""A tiny real network, all of its dimensions different, and photos that a package carries."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
import skimage
import torch
from PIL import Image

from engine.model import checkpoint
from engine.model.checkpoint import Checkpoint
from engine.model.config import NetworkConfig
from engine.model.network import Network
from engine.model.openvino_backend import fast_precision
from engine.model.vocabulary import SPECIALS, Vocabulary
from engine.service import Engine
from engine.settings import EngineSettings
from tests.processors import capped_processor, processor

__all__ = ["capped_processor", "processor"]

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


@pytest.fixture(scope="session")
def frozen_network() -> Network:
    """The tiny network, one for the session: for fixtures of a wider scope. Tests take `network`."""
    torch.manual_seed(0)
    return Network(TINY).eval().requires_grad_(requires_grad=False)


@pytest.fixture
def network(frozen_network: Network) -> Iterator[Network]:
    """The tiny network, shared: a test that changes it takes `network_copy`."""
    torch.manual_seed(0)  # what a test draws does not depend on the tests before it
    before = _state(frozen_network)
    yield frozen_network
    assert _state(frozen_network) == before, "the shared network was changed: take network_copy"


@pytest.fixture
def network_copy(frozen_network: Network) -> Network:
    """A tiny network of the test's own."""
    torch.manual_seed(0)
    return deepcopy(frozen_network)


@pytest.fixture(scope="session")
def tiny_folder(
    frozen_network: Network, vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The tiny network on disk; a test that changes a file works on a copy."""
    folder = tmp_path_factory.mktemp("tiny") / "artifact"
    checkpoint.save(folder, frozen_network, vocabulary, {"seed": 1})
    return folder


@pytest.fixture(scope="session")
def load_tiny(tiny_folder: Path) -> Callable[[torch.dtype], Checkpoint]:
    """Load the tiny network for a precision, once for the session: what is compiled stays compiled."""
    return cache(lambda precision: checkpoint.load(tiny_folder))


@pytest.fixture
def loaded(load_tiny: Callable[[torch.dtype], Checkpoint]) -> Checkpoint:
    """The tiny network on disk and back, compiled for the processor (`tests.processors`)."""
    return load_tiny(fast_precision())


@pytest.fixture(scope="session")
def shipped_engine(shipped: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The engine that ships, over the starter gallery."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FLICKR8K_DIR", raising=False)
        return Engine(EngineSettings(home=tmp_path_factory.mktemp("home")), shipped)


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


def _state(network: Network) -> list[tuple[int, int, bool]]:
    """Return what differs after any change of a network's weights, even one in place."""
    tensors = [*network.parameters(), *network.buffers()]
    return [(id(tensor), tensor._version, tensor.requires_grad) for tensor in tensors] + [
        (id(module), len(module._forward_pre_hooks), module.training) for module in network.modules()
    ]
