"""A tiny real network, all of its dimensions different, in torch and as it serves, and real photos."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
import skimage
import torch
from PIL import Image

from engine.model import checkpoint
from engine.model.checkpoint import Checkpoint
from engine.model.config import NetworkConfig
from engine.model.vocabulary import SPECIALS, Vocabulary
from engine.reference import storage
from engine.reference.network import Network
from engine.runtime.network import RuntimeNetwork
from engine.search import indexes
from engine.service import Engine
from engine.settings import EngineSettings
from tests.processors import processor

__all__ = ["processor"]

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
# The same with a recognizer and a name memory: two classes of dogs, one without a name, and a detected beach.
NAMED = replace(TINY, unpaired_words=2, classes=3, detected_words=1, common_names=4, names=2)


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Let torch compute in one thread: on tensors this small, a second one costs more than it saves."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def annoy_at_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Annoy index galleries of a few images, too."""
    monkeypatch.setattr(indexes, "ANNOY_FROM", 0)


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
def named() -> Network:
    """The tiny network with a name memory; a test that changes it changes it back."""
    torch.manual_seed(1)
    network = Network(NAMED).eval().requires_grad_(requires_grad=False)
    for weight in network.parameters():
        if weight.dim() < 2 and weight is not network.logit_scale:  # ones or zeros at first: easily forgotten
            weight.add_(0.05 * torch.randn(weight.shape))
    memory, words = network.name_memory, network.word_embedding
    assert memory is not None and words.written is not None
    words.written.copy_(0.05 * torch.randn(words.written.shape))
    memory.joint_mean.copy_(0.1 * torch.randn(memory.joint_mean.shape))
    memory.token_ids[1, 0], memory.token_ids[2, :2] = 5, torch.tensor([8, 9])
    memory.name_of_class.copy_(torch.tensor([1, 1, 0, 2]))
    return network


@pytest.fixture(scope="session")
def named_runtime(named: Network) -> RuntimeNetwork:
    """The tiny network with a name memory as it serves."""
    return storage.as_runtime(named, threads=1)


@pytest.fixture(scope="session")
def tiny_folder(
    frozen_network: Network, vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The tiny network on disk; a test that changes a file works on a copy."""
    folder = tmp_path_factory.mktemp("tiny") / "artifact"
    storage.save(folder, frozen_network, vocabulary, {"seed": 1})
    return folder


@pytest.fixture(scope="session")
def loaded(tiny_folder: Path) -> Checkpoint:
    """The tiny network as it is loaded from disk; it has no activation ranges, and is exact everywhere."""
    return checkpoint.load(tiny_folder, EngineSettings().threads)


@pytest.fixture(scope="session")
def runtime(frozen_network: Network) -> RuntimeNetwork:
    """The tiny network as it serves, its weights unrounded."""
    return storage.as_runtime(frozen_network, threads=1)


@pytest.fixture(scope="session")
def shipped_engine(
    shipped: Checkpoint, tmp_path_factory: pytest.TempPathFactory, warm_home: Callable[[Path], Path]
) -> Engine:
    """The engine that ships, over the starter gallery."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FLICKR8K_DIR", raising=False)
        return Engine(EngineSettings(home=warm_home(tmp_path_factory.mktemp("home"))), shipped)


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
