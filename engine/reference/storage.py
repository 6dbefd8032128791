"""The reference network on disk (`engine.model.checkpoint`): training writes it, inversion reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file

from engine.model import checkpoint
from engine.model.calibration import Calibration, uncalibrated
from engine.model.checkpoint import (
    CALIBRATION,
    CLASS_NAMES,
    FILES,
    FORMAT,
    MANIFEST,
    MEANS,
    PROTOTYPE_WORDS,
    PROTOTYPES,
    RANGES,
    RECOGNIZER,
    RECOGNIZER_LAYERS,
    WEIGHTS,
    WORDS,
)
from engine.model.class_names import ClassNames, no_class_names
from engine.model.config import NetworkConfig
from engine.model.prototypes import WordPrototypes, no_prototypes
from engine.model.vocabulary import Vocabulary
from engine.photos.preprocess import TRANSFORM
from engine.reference import int8_storage
from engine.reference.network import Network
from engine.runtime.network import RuntimeNetwork
from engine.runtime.weights import ActivationMeans, ActivationRanges, Weights


def save(
    folder: Path,
    network: Network,
    vocabulary: Vocabulary,
    recipe: dict[str, Any],
    *,
    calibration: Calibration | None = None,
    word_prototypes: WordPrototypes | None = None,
    ranges: ActivationRanges | None = None,
    means: ActivationMeans | None = None,
    class_names: ClassNames | None = None,
) -> None:
    """Write a network; the manifest comes last, so that an interrupted write shows as a mismatch."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (WEIGHTS, RECOGNIZER):  # a process that has mapped a file keeps it
        (folder / name).unlink(missing_ok=True)
    weights = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).contiguous()
        for name, tensor in network.state_dict().items()
        if not name.startswith(RECOGNIZER_LAYERS)
    }
    save_file(weights, folder / WEIGHTS)
    (folder / WORDS).write_text("\n".join(vocabulary.words) + "\n", encoding="utf-8")
    (calibration or uncalibrated(network.config.joint_width)).save(folder / CALIBRATION)
    kept = word_prototypes or no_prototypes(network.config.joint_width)
    kept.save(folder / PROTOTYPES, folder / PROTOTYPE_WORDS)
    (folder / RANGES).write_text(json.dumps(ranges or {}, indent=1) + "\n", encoding="utf-8")
    save_arrays({name: mean.astype(np.float16) for name, mean in (means or {}).items()}, folder / MEANS)
    files = list(FILES)
    if network.recognizer is not None:
        save_file(int8_storage.pack(network.recognizer.state_dict()), folder / RECOGNIZER)
        (class_names or no_class_names()).save(folder / CLASS_NAMES)
        files += [RECOGNIZER, CLASS_NAMES]
    for name in files:  # safetensors makes files that only their owner can read
        (folder / name).chmod(0o644)
    manifest = {
        "format": FORMAT,
        "network": network.config.to_dict(),
        "transform": TRANSFORM,
        "recipe": recipe,
        "files": {name: checkpoint.digest(folder / name) for name in files},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def load_reference(folder: Path) -> Network:
    """Read a network as torch modules, in eval mode, float32.

    Raises:
        CheckpointError: a file is missing or damaged.
    """
    config = NetworkConfig(**checkpoint.read_manifest(folder)["network"])
    stored = Weights(checkpoint.read_weights(folder, config))
    network = Network(config)
    network.load_state_dict({name: torch.from_numpy(stored[name]) for name in network.state_dict()})
    return network.eval().requires_grad_(requires_grad=False)


def as_runtime(
    network: Network,
    ranges: ActivationRanges | None = None,
    threads: int = 2,
    means: ActivationMeans | None = None,
    *,
    streams: int = 1,
) -> RuntimeNetwork:
    """Return the runtime of a network as it is now, exact but for layers with activation ranges."""
    arrays = {name: tensor.detach().numpy().copy() for name, tensor in network.state_dict().items()}
    weights = Weights(arrays, ranges or {}, means or {})
    return RuntimeNetwork(network.config, weights, threads, streams=streams)
