from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from engine.errors import CheckpointError
from engine.model import checkpoint
from engine.model.checkpoint import Checkpoint
from engine.model.compiled_network import CompiledNetwork
from engine.model.int8 import ActivationRanges
from engine.model.network import Network
from engine.model.vocabulary import Vocabulary
from tests.engine.conftest import TINY
from tests.processors import PROCESSORS, Processor, by_precision, simulate

Compilation = tuple[torch.dtype, ActivationRanges | None]

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


def photo() -> torch.Tensor:
    torch.manual_seed(1)
    return torch.rand(1, 3, TINY.image_size, TINY.image_size) * 2 - 1


def test_a_network_is_loaded_as_it_was_saved(
    loaded: Checkpoint, network: Network, vocabulary: Vocabulary
) -> None:
    assert loaded.vocabulary.words == vocabulary.words
    assert loaded.network.config == network.config
    assert loaded.recipe == {"seed": 1}
    assert not loaded.network.training
    token_ids = torch.tensor([[1, 4, 5, 2]])
    torch.testing.assert_close(
        loaded.network.encode_text(token_ids).joint, network.encode_text(token_ids).joint, atol=1e-3, rtol=0
    )


@by_precision
@torch.inference_mode()
def test_a_loaded_network_encodes_photos_as_the_saved_one(
    processor: Processor, loaded: Checkpoint, network: Network
) -> None:
    joints = [one.encode_image(photo()).joint for one in (loaded.network, network)]
    torch.testing.assert_close(*joints, atol=processor.joint_tolerance, rtol=0)


@pytest.mark.parametrize("kind", PROCESSORS, ids=lambda kind: kind.name)
def test_the_network_is_compiled_for_the_processor(
    kind: Processor,
    tmp_path: Path,
    network: Network,
    vocabulary: Vocabulary,
    compilations: list[Compilation],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ranges = {"text_layers.0.feed_forward.0": (-1.0, 1.0)}
    checkpoint.save(tmp_path, network, vocabulary, {}, ranges=ranges)
    simulate(kind, monkeypatch)
    checkpoint.load(tmp_path)
    precision = torch.bfloat16 if "bfloat16" in kind.name else torch.float32
    assert compilations == [(precision, ranges if "int8" in kind.name else None)]


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[Compilation]:
    """Precision and activation ranges of each network that is compiled from now on."""
    made: list[Compilation] = []

    def compile_network(
        network: Network, precision: torch.dtype, ranges: ActivationRanges | None
    ) -> CompiledNetwork:
        made.append((precision, ranges))
        return CompiledNetwork(network, precision, ranges)

    monkeypatch.setattr(checkpoint, "CompiledNetwork", compile_network)
    return made


def test_the_fingerprint_follows_the_weights(
    tmp_path: Path, network: Network, network_copy: Network, vocabulary: Vocabulary
) -> None:
    network_copy.lm_bias += 1
    for name, one, seed in (("a", network, 1), ("b", network, 2), ("c", network_copy, 1)):
        checkpoint.save(tmp_path / name, one, vocabulary, {"seed": seed})
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


def test_weights_of_other_dimensions_are_refused(folder: Path) -> None:
    manifest = json.loads((folder / checkpoint.MANIFEST).read_text())
    change_manifest(folder, network=manifest["network"] | {"width": 27})
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
    checkpoint.save(tmp_path, network, vocabulary, {}, ranges={"elsewhere": (0.0, 1.0)})
    with pytest.raises(CheckpointError, match="no layer elsewhere"):
        checkpoint.load(tmp_path)


@pytest.mark.parametrize("kind", PROCESSORS, ids=lambda kind: kind.name)
def test_a_network_without_ranges_is_not_quantized(
    kind: Processor, folder: Path, compilations: list[Compilation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older versions saved no ranges."""
    manifest = json.loads((folder / checkpoint.MANIFEST).read_text())
    (folder / checkpoint.RANGES).unlink()
    change_manifest(folder, files={n: d for n, d in manifest["files"].items() if n != checkpoint.RANGES})
    simulate(kind, monkeypatch)
    checkpoint.load(folder)
    ((_, ranges),) = compilations
    assert not ranges
