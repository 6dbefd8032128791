"""Checkpoints of format 3 are read under today's names."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from engine.model import checkpoint, format_3
from engine.model.checkpoint import Checkpoint
from engine.model.config import NetworkConfig
from engine.model.network import Network
from engine.settings import ARTIFACT_DIR
from tests.engine.conftest import TINY


@pytest.fixture(scope="module")
def manifest() -> dict[str, object]:
    """The manifest of the weights that ship."""
    return dict(json.loads((ARTIFACT_DIR / checkpoint.MANIFEST).read_text()))


@pytest.fixture(scope="module")
def weight_names() -> list[str]:
    with safe_open(ARTIFACT_DIR / checkpoint.WEIGHTS, "pt") as weights:
        return list(weights.keys())


@pytest.fixture(scope="module")
def range_names() -> list[str]:
    return list(json.loads((ARTIFACT_DIR / format_3.FILES[checkpoint.RANGES]).read_text()))


def test_the_weights_that_ship_have_all_names_of_todays_network(
    manifest: dict[str, dict[str, object]], weight_names: list[str]
) -> None:
    config = NetworkConfig(**format_3.rename_config(manifest["network"]))
    network = Network(config).state_dict().keys()
    expected = {name for name in network if not name.startswith("recognizer.")}  # has a file of its own
    assert format_3.rename_layers(dict.fromkeys(weight_names)).keys() == expected


def test_two_names_never_become_one(weight_names: list[str], range_names: list[str]) -> None:
    for names in (weight_names, range_names):
        assert len(format_3.rename_layers(dict.fromkeys(names))) == len(names)


@pytest.mark.parametrize("pattern", format_3.LAYERS)
def test_each_pattern_matches_a_layer(pattern: str, weight_names: list[str], range_names: list[str]) -> None:
    ours = [name for name in (*weight_names, *range_names) if not name.startswith("encoder.")]
    assert any(re.search(pattern, name) for name in ours)


def test_each_name_of_the_configuration_and_of_a_file_is_used(manifest: dict[str, dict[str, object]]) -> None:
    assert format_3.CONFIG.keys() <= manifest["network"].keys()
    assert set(format_3.FILES.values()) <= manifest["files"].keys()
    assert format_3.FILES.keys() <= set(checkpoint.FILES)


def test_the_encoders_names_are_those_of_timm() -> None:
    name = "encoder.blocks.0.look.read.think.weight"
    assert format_3.rename_layers({name: 1}) == {name: 1}


@torch.no_grad()  # outside inference mode nothing is compiled: the weights are what is compared
def test_a_checkpoint_answers_alike_in_both_formats(
    loaded: Checkpoint, tiny_folder: Path, tmp_path: Path, weight_names: list[str]
) -> None:
    before = checkpoint.load(write_as_format_3(tiny_folder, tmp_path / "artifact", weight_names))
    assert before.network.config == loaded.network.config
    assert before.vocabulary.words == loaded.vocabulary.words
    assert before.prototypes.words == loaded.prototypes.words
    for one, other in zip(answers(before.network), answers(loaded.network), strict=True):
        assert torch.equal(one, other)


def answers(network: Network) -> Iterator[torch.Tensor]:
    torch.manual_seed(1)
    photos = network.encode_image(torch.rand(1, 3, TINY.image_size, TINY.image_size))
    texts = network.encode_text(torch.tensor([[1, 4, 5, 2]]))
    yield from (photos.grid, photos.joint, *texts)
    yield network.caption_logits(texts.states, network.prepare_decoder(photos.grid))


def write_as_format_3(folder: Path, copy: Path, weight_names: list[str]) -> Path:
    """Copy a checkpoint of format 4 as version 3 would have written it."""
    shutil.copytree(folder, copy)
    for name, old in format_3.FILES.items():
        (copy / name).rename(copy / old)
    old_layers = {new: old for old in weight_names for new in format_3.rename_layers({old: None})}
    old_config = {new: old for old, new in format_3.CONFIG.items()}
    weights = load_file(copy / checkpoint.WEIGHTS)
    save_file({old_layers.get(name, name): t for name, t in weights.items()}, copy / checkpoint.WEIGHTS)
    manifest = json.loads((copy / checkpoint.MANIFEST).read_text())
    manifest["format"] = 3
    manifest["network"] = {old_config.get(name, name): value for name, value in manifest["network"].items()}
    names = [format_3.FILES.get(name, name) for name in checkpoint.FILES]
    manifest["files"] = {name: checkpoint._digest(copy / name) for name in names}
    (copy / checkpoint.MANIFEST).write_text(json.dumps(manifest))
    return copy
