"""The network on disk: weights, vocabulary, preprocessing and dimensions, stored and checked together.

    manifest.json             format, configuration, preprocessing, recipe, and the digest of each file below
    network.safetensors       weights, float16
    words.txt                 the vocabulary, a word a line
    calibration.safetensors   turns scores into probabilities
    prototypes.safetensors    joint vectors of words that no caption contains
    prototypes.txt            those words, a word a line
    activation_ranges.json    input ranges of the layers that run in int8
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

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from engine.errors import CheckpointError
from engine.model import calibration as calibrations
from engine.model import class_names as names_of_classes
from engine.model import int8_storage, prototypes
from engine.model.calibration import Calibration, uncalibrated
from engine.model.class_names import ClassNames, no_class_names
from engine.model.compiled_network import CompiledNetwork
from engine.model.config import NetworkConfig
from engine.model.int8 import ActivationRanges, has_int8_dot_product
from engine.model.network import Network
from engine.model.openvino_backend import fast_precision
from engine.model.prototypes import WordPrototypes, no_prototypes
from engine.model.vocabulary import Vocabulary
from engine.photos.preprocess import TRANSFORM

FORMAT = 4
MANIFEST, WEIGHTS, WORDS = "manifest.json", "network.safetensors", "words.txt"
CALIBRATION = "calibration.safetensors"
PROTOTYPES, PROTOTYPE_WORDS = "prototypes.safetensors", "prototypes.txt"
RANGES = "activation_ranges.json"
FILES = (WEIGHTS, WORDS, CALIBRATION, PROTOTYPES, PROTOTYPE_WORDS, RANGES)
RECOGNIZER, CLASS_NAMES = "recognizer.safetensors", "class_names.json"
RECOGNIZER_LAYERS = "recognizer."


@dataclass(frozen=True)
class Checkpoint:
    """A trained network ready for inference, with everything it needs to answer.

    Attributes:
        network: in eval mode, compiled.
        vocabulary: its words.
        calibration: turns its scores into probabilities.
        prototypes: joint vectors of words that no caption contains.
        class_names: what people call the recognizer's classes.
        fingerprint: digest of the weights; vectors made by other weights do not compare.
        recipe: how it was trained.
    """

    network: Network
    vocabulary: Vocabulary
    calibration: Calibration
    prototypes: WordPrototypes
    fingerprint: str
    recipe: dict[str, Any]
    class_names: ClassNames = field(default_factory=no_class_names)


def save(
    folder: Path,
    network: Network,
    vocabulary: Vocabulary,
    recipe: dict[str, Any],
    *,
    calibration: Calibration | None = None,
    word_prototypes: WordPrototypes | None = None,
    ranges: ActivationRanges | None = None,
    class_names: ClassNames | None = None,
) -> None:
    """Write a network; the manifest comes last, so that an interrupted write shows as a mismatch."""
    folder.mkdir(parents=True, exist_ok=True)
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
        "files": {name: _digest(folder / name) for name in files},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def load(folder: Path) -> Checkpoint:
    """Read and check a network, and compile it for this processor.

    Raises:
        CheckpointError: a file is missing or damaged, or the parts do not fit this code or each other.
    """
    manifest = _read_manifest(folder)
    if manifest.get("format") != FORMAT:
        raise CheckpointError(f"{folder} has format {manifest.get('format')}; this version reads {FORMAT}.")
    _check_files(folder, manifest)
    files = {name: folder / name for name in FILES}
    try:
        config = NetworkConfig(**manifest["network"])
        words = files[WORDS].read_text("utf-8").splitlines()
        vocabulary = Vocabulary(words, config.output_vocab_size, config.unpaired_words)
        network = Network(config)
        weights = {name: tensor.float() for name, tensor in load_file(files[WEIGHTS]).items()}
        network.load_state_dict(weights | _read_recognizer(folder, config))
        ranges = _read_ranges(files[RANGES]) if has_int8_dot_product() else None
        loaded = Checkpoint(
            network=CompiledNetwork(network, fast_precision(), ranges),
            vocabulary=vocabulary,
            calibration=calibrations.load(files[CALIBRATION]),
            prototypes=prototypes.load(files[PROTOTYPES], files[PROTOTYPE_WORDS]),
            fingerprint=manifest["files"][WEIGHTS][:16],
            recipe=manifest["recipe"],
            class_names=names_of_classes.load(folder / CLASS_NAMES) if config.classes else no_class_names(),
        )
    except (SafetensorError, RuntimeError, TypeError, ValueError) as error:
        reason = f"The parts of {folder} do not fit together: {error}".splitlines()[0]
        raise CheckpointError(reason) from error
    if config.classes and len(loaded.class_names) != config.classes:
        raise CheckpointError(
            f"{folder} has names of {len(loaded.class_names)} classes for {config.classes}."
        )
    if len(vocabulary) != config.vocab_size:
        raise CheckpointError(f"{folder} has {len(vocabulary)} words for {config.vocab_size} word vectors.")
    return loaded


def _check_files(folder: Path, manifest: dict[str, Any]) -> None:
    for name, digest in manifest["files"].items():
        if not (folder / name).is_file():
            raise CheckpointError(f"{folder / name} is missing.")
        if _digest(folder / name) != digest:
            raise CheckpointError(f"{folder / name} is not the file that {MANIFEST} was written for.")
    if manifest["transform"] != TRANSFORM:
        raise CheckpointError(f"{folder} was trained on photos prepared in another way than this code does.")


def _read_recognizer(folder: Path, config: NetworkConfig) -> dict[str, Any]:
    """Read the weights of the recognizer, by their names in the network; none if it has no recognizer."""
    stored = int8_storage.unpack(load_file(folder / RECOGNIZER)) if config.classes else {}
    return {RECOGNIZER_LAYERS + name: weight for name, weight in stored.items()}


def _read_ranges(file: Path) -> ActivationRanges:
    """Read activation ranges; networks of older versions have none, and nothing of them runs in int8."""
    if not file.is_file():
        return {}
    return {name: (float(low), float(high)) for name, (low, high) in json.loads(file.read_text()).items()}


def _read_manifest(folder: Path) -> dict[str, Any]:
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


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}.") from error
