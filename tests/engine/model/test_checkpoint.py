from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import CheckpointError
from engine.model import checkpoint
from engine.model.checkpoint import Checkpoint
from engine.model.config import NetworkConfig
from engine.model.vocabulary import Vocabulary
from engine.reference import storage
from engine.reference.network import Network
from engine.runtime.network import RuntimeNetwork
from engine.runtime.weights import ActivationRanges, Weights
from tests.engine.conftest import TINY
from tests.processors import PROCESSORS, Processor, simulate, with_int8

FILES_TO_BREAK = (
    checkpoint.MANIFEST, checkpoint.WEIGHTS, checkpoint.WORDS, checkpoint.CALIBRATION, checkpoint.RANGES,
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, tiny_folder: Path) -> Path:
    """A saved network whose files a test may change."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "artifact"))


def change_manifest(folder: Path, **parts: object) -> None:
    path = folder / checkpoint.MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | parts))


def test_a_network_is_loaded_as_it_was_saved(
    loaded: Checkpoint, network: Network, vocabulary: Vocabulary, tiny_folder: Path
) -> None:
    assert loaded.vocabulary.words == vocabulary.words
    assert loaded.network.config == network.config
    assert loaded.recipe == {"seed": 1}
    assert loaded.folder == tiny_folder
    token_ids = np.array([[1, 4, 5, 2]])
    np.testing.assert_allclose(
        loaded.network.encode_text(token_ids).joint,
        network.encode_text(torch.from_numpy(token_ids)).joint,
        atol=1e-3,
    )


def test_a_loaded_network_encodes_photos_as_the_saved_one(loaded: Checkpoint, network: Network) -> None:
    photo = np.random.default_rng(1).uniform(-1, 1, (1, 3, TINY.image_size, TINY.image_size))
    photo = photo.astype(np.float32)
    expected = network.encode_image(torch.from_numpy(photo)).joint
    np.testing.assert_allclose(loaded.network.encode_image(photo).joint, expected, atol=2e-3)  # float16


def test_the_reference_is_loaded_as_it_was_saved(tiny_folder: Path, network: Network) -> None:
    restored = storage.load_reference(tiny_folder)
    assert not restored.training
    assert not any(weight.requires_grad for weight in restored.parameters())
    for name, weight in network.state_dict().items():
        torch.testing.assert_close(restored.state_dict()[name], weight.half().float())


@pytest.mark.parametrize("kind", PROCESSORS, ids=lambda kind: kind.name)
def test_layers_with_ranges_are_quantized_where_the_processor_can(
    kind: Processor,
    tmp_path: Path,
    network: Network,
    vocabulary: Vocabulary,
    given_ranges: list[ActivationRanges],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ranges = {"text_layers.0.feed_forward.0": (-1.0, 1.0)}
    storage.save(tmp_path, network, vocabulary, {}, ranges=ranges)
    simulate(kind, monkeypatch)
    loaded = checkpoint.load(tmp_path)
    exact = checkpoint.load(tmp_path, exact=True)
    assert given_ranges == [ranges if kind.name == "int8" else {}, {}]
    assert (loaded.network.is_int8, exact.network.is_int8) == (kind.name == "int8", False)


@with_int8
def test_mean_inputs_are_stored_and_correct_biases(
    processor: Processor, tmp_path: Path, network: Network, vocabulary: Vocabulary
) -> None:
    layer = "caption_layers.0.cross_attention.key_value"
    inputs = network.config.width
    grid = np.full((1, network.config.memory_size, inputs), 0.5, np.float32)
    keys = []
    for means in ({}, {layer: np.full(inputs, 0.5, np.float32)}):
        storage.save(tmp_path, network, vocabulary, {}, ranges={layer: (0.0, 0.5)}, means=means)
        loaded = checkpoint.load(tmp_path)
        assert checkpoint.read_means(tmp_path).keys() == means.keys()
        keys.append(loaded.network.prepare_decoder(grid))
    exact = storage.as_runtime(network).prepare_decoder(grid)
    plain, corrected = (np.abs(one - exact).max() for one in keys)
    assert corrected < plain / 3


@pytest.fixture
def given_ranges(monkeypatch: pytest.MonkeyPatch) -> list[ActivationRanges]:
    """Activation ranges of each network that is made from now on."""
    given: list[ActivationRanges] = []

    def make(config: NetworkConfig, weights: Weights, *options: Any, streams: int) -> RuntimeNetwork:
        given.append(weights.ranges)
        return RuntimeNetwork(config, weights, *options, streams=streams)

    monkeypatch.setattr(checkpoint, "RuntimeNetwork", make)
    return given


def test_the_fingerprint_follows_the_weights(
    tmp_path: Path, network: Network, network_copy: Network, vocabulary: Vocabulary
) -> None:
    network_copy.lm_bias += 1
    for name, one, seed in (("a", network, 1), ("b", network, 2), ("c", network_copy, 1)):
        storage.save(tmp_path / name, one, vocabulary, {"seed": seed})
    a, b, c = (checkpoint.load(tmp_path / name).fingerprint for name in "abc")
    assert a == b != c


@pytest.mark.parametrize("name", FILES_TO_BREAK)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(CheckpointError, match=name):
        checkpoint.load(folder)


@pytest.mark.parametrize("name", FILES_TO_BREAK)
def test_a_damaged_file_is_refused(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match=name):
        checkpoint.load(folder)


@pytest.mark.parametrize(
    "part", [{"format": 99}, {"transform": {"resize": "cropped"}}, {"network": {"width": "x"}}]
)
def test_a_mismatch_is_refused(folder: Path, part: dict[str, object]) -> None:
    change_manifest(folder, **part)
    with pytest.raises(CheckpointError):
        checkpoint.load(folder)


@pytest.mark.parametrize(
    "other",
    [
        *({"width": 27}, {"text_layers": 2}, {"caption_layers": 1}, {"joint_width": 8}, {"max_length": 9}),
        *({"num_patches": 9}, {"pretrained_width": 12}, {"output_vocab_size": 11}, {"unpaired_words": 1}),
    ],
    ids=str,
)
def test_weights_of_other_dimensions_are_refused(folder: Path, other: dict[str, int]) -> None:
    manifest = json.loads((folder / checkpoint.MANIFEST).read_text())
    change_manifest(folder, network=manifest["network"] | other)
    with pytest.raises(CheckpointError, match="do not fit"):
        checkpoint.load(folder)


def test_an_error_message_is_one_line(folder: Path) -> None:
    manifest = json.loads((folder / checkpoint.MANIFEST).read_text())
    change_manifest(folder, network=manifest["network"] | {"vocab_size": 99})
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(folder)
    assert "\n" not in str(caught.value)


def test_other_users_can_read_the_files(folder: Path) -> None:
    assert all(file.stat().st_mode & 0o004 for file in folder.iterdir())


def test_ranges_of_unknown_layers_are_refused(
    tmp_path: Path, network: Network, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "has_int8_dot_product", lambda: True)
    storage.save(tmp_path, network, vocabulary, {}, ranges={"elsewhere": (0.0, 1.0)})
    with pytest.raises(CheckpointError, match="no layer elsewhere"):
        checkpoint.load(tmp_path)


@pytest.mark.parametrize("kind", PROCESSORS, ids=lambda kind: kind.name)
def test_a_network_without_ranges_is_not_quantized(
    kind: Processor, folder: Path, given_ranges: list[ActivationRanges], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older versions saved no ranges."""
    manifest = json.loads((folder / checkpoint.MANIFEST).read_text())
    (folder / checkpoint.RANGES).unlink()
    change_manifest(folder, files={n: d for n, d in manifest["files"].items() if n != checkpoint.RANGES})
    simulate(kind, monkeypatch)
    checkpoint.load(folder)
    assert given_ranges == [{}]
