"""The network on disk: weights, vocabulary, preprocessing and dimensions, stored and checked together.

    manifest.json             format, configuration, preprocessing, recipe, and the digest of each file below
    network.safetensors       weights, float16
    words.txt                 the vocabulary, a word a line
    calibration.safetensors   turns scores into probabilities
    prototypes.safetensors    joint vectors of words that no caption contains
    prototypes.txt            those words, a word a line
    activation_ranges.json    input ranges of the layers that run in int8
    activation_means.safetensors    mean inputs of the same, by which biases are corrected
    recognizer.safetensors    weights of the recognizer, int8; only if the network has one
    class_names.json          what people call its classes

Loading checks every file against the manifest, and refuses to start on a mismatch.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from engine.errors import CheckpointError
from engine.model import calibration as calibrations
from engine.model import class_names as names_of_classes
from engine.model import prototypes
from engine.model.calibration import Calibration
from engine.model.class_names import ClassNames, no_class_names
from engine.model.config import NetworkConfig
from engine.model.mapped_arrays import map_arrays
from engine.model.prototypes import WordPrototypes
from engine.model.vocabulary import Vocabulary
from engine.photos.preprocess import TRANSFORM
from engine.runtime.graph_cache import GraphCache
from engine.runtime.network import RuntimeNetwork
from engine.runtime.processor import has_int8_dot_product
from engine.runtime.weights import ActivationMeans, ActivationRanges, Weights

FORMAT = 4
MANIFEST, WEIGHTS, WORDS = "manifest.json", "network.safetensors", "words.txt"
CALIBRATION = "calibration.safetensors"
PROTOTYPES, PROTOTYPE_WORDS = "prototypes.safetensors", "prototypes.txt"
RANGES, MEANS = "activation_ranges.json", "activation_means.safetensors"
FILES = (WEIGHTS, WORDS, CALIBRATION, PROTOTYPES, PROTOTYPE_WORDS, RANGES, MEANS)
RECOGNIZER, CLASS_NAMES = "recognizer.safetensors", "class_names.json"
RECOGNIZER_LAYERS = "recognizer."


@dataclass(frozen=True)
class Checkpoint:
    """A trained network ready for inference, with everything it needs to answer.

    Attributes:
        network: compiled for this processor.
        vocabulary: its words.
        calibration: turns its scores into probabilities.
        prototypes: joint vectors of words that no caption contains.
        class_names: what people call the recognizer's classes.
        folder: where it was read from.
        fingerprint: digest of the weights; vectors made by other weights do not compare.
        recipe: how it was trained.
    """

    network: RuntimeNetwork
    vocabulary: Vocabulary
    calibration: Calibration
    prototypes: WordPrototypes
    folder: Path
    fingerprint: str
    recipe: dict[str, Any]
    class_names: ClassNames = field(default_factory=no_class_names)


def load(
    folder: Path, threads: int = 2, graphs: Path | None = None, *, streams: int = 1, exact: bool = False
) -> Checkpoint:
    """Read and check a network, and make it ready for this processor.

    Args:
        folder: of the network's files.
        threads: how many one inference may use.
        graphs: folder where compiled graphs are kept for the next start, if anywhere.
        streams: photos that are encoded side by side, and share the threads.
        exact: whether all is computed in float32, on processors with int8 dot products, too.

    Raises:
        CheckpointError: a file is missing or damaged, or the parts do not fit this code or each other.
    """
    manifest = read_manifest(folder)
    files = {name: folder / name for name in FILES}
    try:
        config = NetworkConfig(**manifest["network"])
        vocabulary = Vocabulary(
            files[WORDS].read_text("utf-8").splitlines(), config.output_vocab_size, config.unpaired_words
        )
        ranges = read_ranges(folder) if has_int8_dot_product() and not exact else {}
        weights = Weights(read_weights(folder, config), ranges, read_means(folder))
        loaded = Checkpoint(
            network=RuntimeNetwork(
                config,
                weights,
                threads,
                GraphCache(graphs, _graph_key(manifest, ranges)) if graphs else None,
                streams=streams,
            ),
            vocabulary=vocabulary,
            calibration=calibrations.load(files[CALIBRATION]),
            prototypes=prototypes.load(files[PROTOTYPES], files[PROTOTYPE_WORDS]),
            folder=folder,
            fingerprint=manifest["files"][WEIGHTS][:16],
            recipe=manifest["recipe"],
            class_names=names_of_classes.load(folder / CLASS_NAMES) if config.classes else no_class_names(),
        )
        _check_parts(loaded, weights)
    except (SafetensorError, KeyError, RuntimeError, TypeError, ValueError) as error:
        reason = f"The parts of {folder} do not fit together: {error}".splitlines()[0]
        raise CheckpointError(reason) from error
    return loaded


def _check_parts(loaded: Checkpoint, weights: Weights) -> None:
    """Check that weights, ranges, words and names are those that the configuration names.

    Raises:
        KeyError: weights are missing.
        ValueError: the parts do not fit.
    """
    config = loaded.network.config
    _check_weights(weights, config)
    if len(loaded.vocabulary) != config.vocab_size:
        raise ValueError(f"{len(loaded.vocabulary)} words, not {config.vocab_size}.")
    if config.classes and len(loaded.class_names) != config.classes:
        raise ValueError(f"names of {len(loaded.class_names)} classes, not {config.classes}.")


def _check_weights(weights: Weights, config: NetworkConfig) -> None:
    for name, shape in _expected_shapes(config).items():
        if weights.arrays[name].shape != shape:
            raise ValueError(f"{name} has the shape {weights.arrays[name].shape}, not {shape}.")
    for part, count in (("text_layers", config.text_layers), ("caption_layers", config.caption_layers)):
        if f"{part}.{count}.norms.0.bias" in weights:
            raise ValueError(f"more {part} than {count}.")
    for name in weights.ranges:
        if name != "lm_head" and f"{name}.weight" not in weights:
            raise ValueError(f"no layer {name} to quantize.")


def _expected_shapes(config: NetworkConfig) -> dict[str, tuple[int, ...]]:
    """Return shapes that together show each dimension; graphs are built later, when they are first needed."""
    return {
        "word_embedding.pretrained.weight": (config.vocab_size, config.pretrained_width),
        "word_embedding.learned.weight": (config.output_vocab_size, config.width),
        "lm_bias": (config.caption_vocab_size,),
        "position_embedding": (config.max_length + 2, config.width),
        "image_head.position_embedding": (config.num_patches, config.width),
        "text_projection.weight": (config.joint_width, 2 * config.width),
        f"text_layers.{config.text_layers - 1}.norms.0.bias": (config.width,),
        f"caption_layers.{config.caption_layers - 1}.norms.0.bias": (config.width,),
    }


def _graph_key(manifest: dict[str, Any], ranges: ActivationRanges) -> str:
    """Return what compiled graphs depend on, apart from the processor and OpenVINO."""
    return json.dumps([manifest["files"], manifest["network"], "int8" if ranges else "float32"])


def _check_files(folder: Path, manifest: dict[str, Any]) -> None:
    for name, expected in manifest["files"].items():
        if not (folder / name).is_file():
            raise CheckpointError(f"{folder / name} is missing.")
        if digest(folder / name) != expected:
            raise CheckpointError(f"{folder / name} is not the file that {MANIFEST} was written for.")
    if manifest["transform"] != TRANSFORM:
        raise CheckpointError(f"{folder} was trained on photos prepared in another way than this code does.")


def read_weights(folder: Path, config: NetworkConfig) -> dict[str, np.ndarray]:
    """Map weights as they are stored, those of the recognizer with its prefix.

    They stay on the disk: graphs that a former start compiled need few of them.

    Raises:
        ValueError: a file is damaged.
    """
    recognizer = map_arrays(folder / RECOGNIZER) if config.classes else {}
    prefixed = {RECOGNIZER_LAYERS + name: weight for name, weight in recognizer.items()}
    return map_arrays(folder / WEIGHTS) | prefixed


def read_ranges(folder: Path) -> ActivationRanges:
    """Read activation ranges; networks of older versions have none, and nothing of them runs in int8."""
    file = folder / RANGES
    if not file.is_file():
        return {}
    return {name: (float(low), float(high)) for name, (low, high) in json.loads(file.read_text()).items()}


def read_means(folder: Path) -> ActivationMeans:
    """Read the mean inputs of layers; networks of older versions have none, and no bias is corrected."""
    file = folder / MEANS
    return load_file(file) if file.is_file() else {}


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a network's manifest, and check its files against it.

    Raises:
        CheckpointError: a file is missing or damaged, or of a format that this version does not read.
    """
    manifest = _read_json(folder)
    if manifest.get("format") != FORMAT:
        raise CheckpointError(f"{folder} has format {manifest.get('format')}; this version reads {FORMAT}.")
    _check_files(folder, manifest)
    return manifest


def _read_json(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(f"No network at {path}. Train one with: python -m engine train") from error
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or not {"files", "transform", "network", "recipe"} <= manifest.keys():
        raise CheckpointError(f"{path} is not a manifest.")
    return manifest


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}.") from error
