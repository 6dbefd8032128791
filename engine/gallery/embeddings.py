"""Image embeddings of a gallery, its joint vectors: what they are, how they grow, and their file."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from data.gallery import Gallery
from engine import files
from engine.gallery import cache_dir, image_classes
from engine.gallery.near_duplicates import is_unknown, unknown_signatures
from engine.model.checkpoint import Checkpoint
from engine.runtime.network import ImageFeatures
from engine.settings import EngineSettings

log = logging.getLogger(__name__)

MIN_LENGTH = 0.5  # of a vector as stored, where 1 is what it had; less is damage
SMALL_FILE = 1_000_000  # bytes of a file that may be saved whenever something is new
SAVE_RATE = 500_000  # bytes a second that are written at most, on average, by saving what grows


@dataclass(frozen=True)
class ImageEmbeddings:
    """Joint vectors of a gallery's images.

    Attributes:
        images: names of N images; those added later come last.
        matrix: (N, J) float32, rows of length 1.
        file_states: state of every file when it was read, including files that are not images; see
            `Gallery.states`.
        signatures: (N, 256) uint8, see `engine.gallery.near_duplicates`. Without them all are unknown.
        classes: (N, TOP, 2) uint16, see `engine.gallery.image_classes`; as for the signatures.
    """

    images: tuple[str, ...]
    matrix: np.ndarray
    file_states: Mapping[str, str] = field(default_factory=dict)
    signatures: np.ndarray = field(default_factory=lambda: unknown_signatures(0))
    classes: np.ndarray = field(default_factory=lambda: image_classes.unknown(0))

    def __post_init__(self) -> None:
        if len(self.classes) != len(self.images):
            object.__setattr__(self, "classes", image_classes.unknown(len(self.images)))
        if len(self.signatures) != len(self.images):
            object.__setattr__(self, "signatures", unknown_signatures(len(self.images)))

    @property
    def unclassified(self) -> tuple[str, ...]:
        """The images that no recognizer saw: an older version indexed them."""
        return tuple(self.images[row] for row in np.flatnonzero(image_classes.are_unknown(self.classes)))

    def incomplete(self, *, with_classes: bool) -> tuple[str, ...]:
        """Return the images without a signature and, if `with_classes`, those without classes."""
        lacking = is_unknown(self.signatures)
        if with_classes:
            lacking |= image_classes.are_unknown(self.classes)
        return tuple(self.images[row] for row in np.flatnonzero(lacking))

    @property
    def unreadable(self) -> int:
        """The number of files that were read and are not images."""
        return len(self.file_states.keys() - set(self.images))

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each image."""
        return {image: row for row, image in enumerate(self.images)}

    def joined(self, others: ImageEmbeddings) -> ImageEmbeddings:
        """Return these embeddings, then those of other images."""
        return ImageEmbeddings(
            self.images + others.images,
            np.concatenate([self.matrix, others.matrix]),
            {**self.file_states, **others.file_states},
            np.concatenate([self.signatures, others.signatures]),
            np.concatenate([self.classes, others.classes]),
        )

    def take(self, rows: Sequence[int], file_states: Mapping[str, str]) -> ImageEmbeddings:
        """Return the embeddings of some rows, with other file states."""
        images, chosen = tuple(self.images[row] for row in rows), list(rows)
        signatures, classes = self.signatures[chosen], self.classes[chosen]
        return ImageEmbeddings(images, self.matrix[chosen], dict(file_states), signatures, classes)

    def current(self, states: Mapping[str, str]) -> ImageEmbeddings:
        """Return those of files that still exist and have not changed, as far as is known.

        Args:
            states: state of each file that exists, see `Gallery.states`.
        """
        before = {name: states.get(name) for name in self.images} | dict(self.file_states)
        unchanged = {name: state for name, state in states.items() if before.get(name) == state}
        return self.take([row for row, name in enumerate(self.images) if name in unchanged], unchanged)

    def missing(self, states: Mapping[str, str]) -> tuple[str, ...]:
        """Return the names of files that are neither embedded nor known to be no images."""
        present = set(self.images)
        return tuple(name for name in states if name not in present and name not in self.file_states)


def no_embeddings(checkpoint: Checkpoint) -> ImageEmbeddings:
    """Return the embeddings of no image."""
    return ImageEmbeddings((), np.empty((0, checkpoint.network.config.joint_width), dtype=np.float32))


class GrowingEmbeddings:
    """Embeddings to which images are added, one by one."""

    def __init__(self, embeddings: ImageEmbeddings) -> None:
        """Start from embeddings, which stay as they are."""
        self._before = embeddings
        self._added: dict[str, tuple[np.ndarray, ...]] = {}  # vector, signature and classes
        self._signed: dict[str, np.ndarray] = {}
        self._classified: dict[str, np.ndarray] = {}
        self._file_states = dict(embeddings.file_states)

    @property
    def added(self) -> int:
        """The number of images that were added since the last `freeze`."""
        return len(self._added)

    def add(self, image: str, state: str, features: ImageFeatures, signature: np.ndarray) -> None:
        """Add an image, or replace it."""
        self._added.pop(image, None)
        self._added[image] = features.joint[0], signature, image_classes.likeliest(features)
        self._file_states[image] = state

    def sign(self, image: str, signature: np.ndarray) -> None:
        """Add the signature of an image that an older version indexed."""
        self._signed[image] = signature

    def classify(self, image: str, features: ImageFeatures) -> None:
        """Add the classes of an image that an older version, or a network without a recognizer, indexed."""
        self._classified[image] = image_classes.likeliest(features)

    def leave_out(self, image: str, state: str) -> None:
        """Note that a file in this state is no image."""
        self._file_states[image] = state

    def freeze(self) -> ImageEmbeddings:
        """Return all embeddings; images that were added come last."""
        before, added = self._before, self._added
        images, arrays = before.images, [before.matrix, before.signatures, before.classes]
        for number, replaced in ((1, self._signed), (2, self._classified)):
            if replaced:
                rows = zip(images, arrays[number], strict=True)
                arrays[number] = np.array([replaced.get(name, row) for name, row in rows])
        if added:
            kept = [row for row, name in enumerate(images) if name not in added]
            images = (*(images[row] for row in kept), *added)
            new = map(np.stack, zip(*added.values(), strict=True))
            arrays = [np.concatenate([old[kept], more]) for old, more in zip(arrays, new, strict=True)]
        matrix, *others = arrays
        self._before = ImageEmbeddings(images, matrix, dict(self._file_states), *others)
        self._added, self._signed, self._classified = {}, {}, {}
        return self._before


def embeddings_file(gallery: Gallery, checkpoint: Checkpoint, settings: EngineSettings) -> Path:
    """Return the file of a gallery's own embeddings: one for each folder and each network."""
    name = f"{gallery.name}-{gallery_key(gallery, checkpoint)[:-1]}.safetensors"
    return settings.home / cache_dir.VECTORS / name


def gallery_key(gallery: Gallery, checkpoint: Checkpoint) -> str:
    """Return the prefix of the names of a gallery's files in the cache."""
    # Two folders called "photos" hold different photos that may have equal names.
    folder = hashlib.sha256(gallery.folder.key).hexdigest()[:8]
    return f"{folder}-{checkpoint.fingerprint}-"


def save(embeddings: ImageEmbeddings, file: Path, fingerprint: str) -> None:
    """Write embeddings in half precision, with the fingerprint of the network that computed them.

    Raises:
        OSError: the disk is full, or the file cannot be written.
    """
    metadata = {
        "network": fingerprint,
        "images": json.dumps(embeddings.images),
        "seen": json.dumps(dict(embeddings.file_states)),  # the field's older name: existing files have it
    }
    arrays = {"vectors": embeddings.matrix.astype(np.float16), "signatures": embeddings.signatures}
    files.save_arrays(arrays | {"classes": embeddings.classes}, file, metadata)


def save_pause(file: Path, interval: float) -> float:
    """Return how many seconds pass before a file that was just saved is saved again while it grows.

    It is written as a whole: at a fixed pace, 200,000 images would write it a thousand times.

    Args:
        file: of the embeddings.
        interval: seconds between two saves of a small file.
    """
    try:
        size = file.stat().st_size
    except OSError:
        return interval
    return interval if size < SMALL_FILE else max(interval, size / SAVE_RATE)


def load(file: Path, fingerprint: str) -> ImageEmbeddings | None:
    """Read embeddings; None if there are none, another network computed them, or the file is damaged.

    Images whose vector is damaged are left out, so that they are indexed again.
    """
    try:
        with safe_open(file, "numpy") as content:
            metadata = content.metadata() or {}
            if metadata.get("network") != fingerprint:
                return None
            matrix = content.get_tensor("vectors").astype(np.float32)
            names = tuple(json.loads(metadata["images"]))
            file_states = json.loads(metadata.get("seen", "{}"))
            has_signatures = "signatures" in content.keys()  # noqa: SIM118 - it is no mapping
            signatures = (
                content.get_tensor("signatures") if has_signatures else unknown_signatures(len(names))
            )
            has_classes = "classes" in content.keys()  # noqa: SIM118
            classes = content.get_tensor("classes") if has_classes else image_classes.unknown(len(names))
    except (FileNotFoundError, SafetensorError, KeyError, ValueError):
        return None
    if matrix.shape[:1] != (len(names),):
        return None
    return _intact(ImageEmbeddings(names, matrix, file_states, signatures, classes), file)


def _intact(stored: ImageEmbeddings, file: Path) -> ImageEmbeddings:
    """Return what was stored with rows of length 1, without those that have no direction: zeros, or NaN."""
    lengths = np.linalg.norm(stored.matrix, axis=1)
    is_intact = np.isfinite(lengths) & (lengths > MIN_LENGTH)  # the length is NaN where a number is
    if not is_intact.all():
        log.warning("%s: %d vectors are damaged, and are made anew.", file, (~is_intact).sum())
        damaged = {stored.images[row] for row in np.flatnonzero(~is_intact)}
        states = {name: state for name, state in stored.file_states.items() if name not in damaged}
        stored = stored.take(np.flatnonzero(is_intact).tolist(), states)
    return replace(stored, matrix=_unit_rows(stored.matrix))


def in_half_precision(embeddings: ImageEmbeddings) -> ImageEmbeddings:
    """Return embeddings as they are after `save` and `load`."""
    return replace(embeddings, matrix=_unit_rows(embeddings.matrix.astype(np.float16).astype(np.float32)))


def _unit_rows(matrix: np.ndarray) -> np.ndarray:
    """Return rows of length 1; half precision changes the lengths slightly."""
    unit: np.ndarray = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    return unit
