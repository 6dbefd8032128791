"""The network on disk: weights, vocabulary, transform and dimensions travel together.

    manifest.json             format, configuration, transform, recipe, and the digest of each file below
    network.safetensors       half-precision weights
    words.txt                 the vocabulary, a word a line
    calibration.safetensors   what makes scores probabilities
    looks.safetensors         what words look like that no caption held
    looks.txt                 those words, a word a line
    ranges.json               between which bounds its layers compute, where they may be rounded to bytes

Loading checks everything against everything and refuses to start on a mismatch.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from engine.errors import ArtifactError
from engine.model import calibration as calibrations
from engine.model.calibration import Calibration, uncalibrated
from engine.model.compiled_network import Settled
from engine.model.int8 import Ranges, multiplies_bytes
from engine.model.layers import NetworkConfig
from engine.model.network import Network
from engine.model.openvino_backend import fast_precision
from engine.model.prototypes import Looks, no_looks
from engine.model.prototypes import load as read_looks
from engine.model.vocabulary import Vocabulary
from engine.photos.preprocess import TRANSFORM

FORMAT = 3
MANIFEST, WEIGHTS, WORDS = "manifest.json", "network.safetensors", "words.txt"
CALIBRATION = "calibration.safetensors"
LOOKS, LOOKS_WORDS = "looks.safetensors", "looks.txt"
RANGES = "ranges.json"
FILES = (WEIGHTS, WORDS, CALIBRATION, LOOKS, LOOKS_WORDS, RANGES)


@dataclass(frozen=True)
class Artifact:
    """A network ready to answer.

    Attributes:
        network: in eval mode, single precision.
        vocabulary: its words.
        calibration: what makes its scores probabilities.
        looks: what words look like that no caption held.
        fingerprint: digest of the weights; vectors made by other weights do not compare.
        recipe: how it was trained.
    """

    network: Network
    vocabulary: Vocabulary
    calibration: Calibration
    looks: Looks
    fingerprint: str
    recipe: dict[str, Any]


def save(
    folder: Path,
    network: Network,
    vocabulary: Vocabulary,
    recipe: dict[str, Any],
    *,
    calibration: Calibration | None = None,
    looks: Looks | None = None,
    ranges: Ranges | None = None,
) -> None:
    """Write a network; the manifest comes last, so a torn write is a mismatch and not a surprise."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).contiguous()
        for name, tensor in network.state_dict().items()
    }
    save_file(weights, folder / WEIGHTS)
    (folder / WORDS).write_text("\n".join(vocabulary.words) + "\n", encoding="utf-8")
    (calibration or uncalibrated(network.config.joint_width)).save(folder / CALIBRATION)
    (looks or no_looks(network.config.joint_width)).save(folder / LOOKS, folder / LOOKS_WORDS)
    (folder / RANGES).write_text(json.dumps(ranges or {}, indent=1) + "\n", encoding="utf-8")
    for name in (WEIGHTS, CALIBRATION, LOOKS):  # safetensors lets nobody else read what it writes
        (folder / name).chmod(0o644)
    manifest = {
        "format": FORMAT,
        "network": network.config.to_dict(),
        "transform": TRANSFORM,
        "recipe": recipe,
        "files": {name: _digest(folder / name) for name in FILES},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def load(folder: Path) -> Artifact:
    """Read and check a network.

    Raises:
        ArtifactError: a file is missing or damaged, or the parts do not fit this code or each other.
    """
    manifest = _read_manifest(folder)
    if manifest.get("format") != FORMAT:
        raise ArtifactError(f"{folder} has format {manifest.get('format')}; this version reads {FORMAT}.")
    for name, digest in manifest["files"].items():
        if not (folder / name).is_file():
            raise ArtifactError(f"{folder / name} is missing.")
        if _digest(folder / name) != digest:
            raise ArtifactError(f"{folder / name} is not the file that {MANIFEST} was written for.")
    if manifest["transform"] != TRANSFORM:
        raise ArtifactError(f"{folder} was trained on photos prepared in another way than this code does.")
    try:
        config = NetworkConfig(**manifest["network"])
        words = (folder / WORDS).read_text(encoding="utf-8").splitlines()
        vocabulary = Vocabulary(words, config.spoken)
        network = Network(config)
        network.load_state_dict({name: t.float() for name, t in load_file(folder / WEIGHTS).items()})
        calibration = calibrations.load(folder / CALIBRATION)
        looks = read_looks(folder / LOOKS, folder / LOOKS_WORDS)
        settled = Settled(network, fast_precision(), _ranges(folder / RANGES) if multiplies_bytes() else None)
    except (SafetensorError, RuntimeError, TypeError, ValueError) as error:
        raise ArtifactError(f"The parts of {folder} do not fit together: {error}".splitlines()[0]) from error
    if len(vocabulary) != config.known:
        raise ArtifactError(f"{folder} has {len(vocabulary)} words for {config.known} word vectors.")
    fingerprint = manifest["files"][WEIGHTS][:16]
    return Artifact(settled, vocabulary, calibration, looks, fingerprint, manifest["recipe"])


def _ranges(file: Path) -> Ranges:
    """Read ranges; networks that older versions trained have none, and are rounded nowhere."""
    if not file.is_file():
        return {}
    return {name: (float(low), float(high)) for name, (low, high) in json.loads(file.read_text()).items()}


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ArtifactError(f"No network at {path}. Train one with: python -m engine train") from error
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{path} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or not {"files", "transform", "network", "recipe"} <= manifest.keys():
        raise ArtifactError(f"{path} is not a manifest.")
    return manifest


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}.") from error
