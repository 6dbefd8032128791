from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from engine.errors import CheckpointError
from engine.model import checkpoint
from engine.model.network import Network
from engine.model.vocabulary import Vocabulary


@pytest.fixture
def folder(tmp_path: Path, network: Network, vocabulary: Vocabulary) -> Path:
    checkpoint.save(tmp_path, network, vocabulary, {"seed": 1})
    return tmp_path


def change_manifest(folder: Path, **parts: object) -> None:
    path = folder / checkpoint.MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | parts))


def test_a_network_comes_back_as_it_was_saved(folder: Path, network: Network, vocabulary: Vocabulary) -> None:
    loaded = checkpoint.load(folder)
    assert loaded.vocabulary.words == vocabulary.words
    assert loaded.network.config == network.config
    assert loaded.recipe == {"seed": 1}
    assert not loaded.network.training
    numbers = torch.tensor([[1, 4, 5, 2]])
    torch.testing.assert_close(
        loaded.network.encode_text(numbers).joint, network.encode_text(numbers).joint, atol=1e-3, rtol=0
    )


def test_the_fingerprint_follows_the_weights(
    tmp_path: Path, network: Network, vocabulary: Vocabulary
) -> None:
    checkpoint.save(tmp_path / "a", network, vocabulary, {"seed": 1})
    checkpoint.save(tmp_path / "b", network, vocabulary, {"seed": 2})
    with torch.no_grad():
        network.lm_bias += 1
    checkpoint.save(tmp_path / "c", network, vocabulary, {"seed": 1})
    a, b, c = (checkpoint.load(tmp_path / name).fingerprint for name in "abc")
    assert a == b != c


@pytest.mark.parametrize(
    "name",
    [checkpoint.MANIFEST, checkpoint.WEIGHTS, checkpoint.WORDS, checkpoint.CALIBRATION, checkpoint.RANGES],
)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(CheckpointError, match=name):
        checkpoint.load(folder)


@pytest.mark.parametrize(
    "name",
    [checkpoint.MANIFEST, checkpoint.WEIGHTS, checkpoint.WORDS, checkpoint.CALIBRATION, checkpoint.RANGES],
)
def test_a_damaged_file_refuses_to_start(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match=name):
        checkpoint.load(folder)


@pytest.mark.parametrize(
    "part", [{"format": 99}, {"transform": {"resize": "cropped"}}, {"network": {"width": "x"}}]
)
def test_a_mismatch_refuses_to_start(folder: Path, part: dict[str, object]) -> None:
    change_manifest(folder, **part)
    with pytest.raises(CheckpointError):
        checkpoint.load(folder)


def test_weights_of_other_dimensions_refuse_to_start(folder: Path) -> None:
    manifest = json.loads((folder / checkpoint.MANIFEST).read_text())
    change_manifest(folder, network=manifest["network"] | {"width": 27})
    with pytest.raises(CheckpointError, match="do not fit"):
        checkpoint.load(folder)


def test_every_refusal_is_one_line(folder: Path) -> None:
    manifest = json.loads((folder / checkpoint.MANIFEST).read_text())
    change_manifest(folder, network=manifest["network"] | {"known": 99})
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(folder)
    assert "\n" not in str(caught.value)


def test_a_bot_that_runs_as_somebody_else_may_read_it(folder: Path) -> None:
    assert all(file.stat().st_mode & 0o004 for file in folder.iterdir())


def test_ranges_of_other_layers_refuse_to_start(
    tmp_path: Path, network: Network, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "has_int8_dot_product", lambda: True)
    checkpoint.save(tmp_path, network, vocabulary, {}, ranges={"elsewhere": (0.0, 1.0)})
    with pytest.raises(CheckpointError, match="no layer elsewhere"):
        checkpoint.load(tmp_path)


def test_a_network_without_ranges_is_rounded_nowhere(folder: Path, network: Network) -> None:
    """As older versions saved them."""
    manifest = json.loads((folder / checkpoint.MANIFEST).read_text())
    (folder / checkpoint.RANGES).unlink()
    change_manifest(folder, files={n: d for n, d in manifest["files"].items() if n != checkpoint.RANGES})
    pixels = torch.rand(1, 3, network.config.image_size, network.config.image_size)
    with torch.inference_mode():
        seen, before = (one.encode_image(pixels).joint for one in (checkpoint.load(folder).network, network))
    torch.testing.assert_close(seen, before, atol=1e-3, rtol=0)
