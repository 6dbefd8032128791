"""Image embeddings of a gallery, its joint vectors: loading, computing, incremental updates, storage."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from data.gallery import Gallery
from engine.errors import BadInputError, GalleryError, PhotoTooLargeError
from engine.model.checkpoint import Checkpoint
from engine.photos import decoding, preprocess
from engine.search import cache_dir
from engine.settings import EngineSettings

log = logging.getLogger(__name__)

MAX_IMMEDIATE = 64  # images that are embedded when a gallery is opened: a second or two of work
SAVE_INTERVAL = 100  # images between two saves of an update: some seconds of work
UNREADABLE = "it is no whole image in a format that is read."
TOO_LARGE = f"it is over {decoding.MAX_BYTES // 2**20} MB or {decoding.MAX_PIXELS // 10**6} million pixels."


@dataclass(frozen=True)
class ImageEmbeddings:
    """Joint vectors of a gallery's images.

    Attributes:
        images: names of N images; those added later come last.
        matrix: (N, J) float32, rows of length 1.
        file_states: state of every file when it was read, including files that are not images; see
            `Gallery.states`.
    """

    images: tuple[str, ...]
    matrix: np.ndarray
    file_states: Mapping[str, str] = field(default_factory=dict)

    @property
    def unreadable(self) -> int:
        """The number of files that were read and are not images."""
        return len(self.file_states.keys() - set(self.images))


@dataclass(frozen=True)
class IndexStatus:
    """The freshness of the embeddings of a gallery.

    Attributes:
        embeddings: those that are up to date.
        missing: images that are new or have changed.
        states: state of each image, see `Gallery.states`.
        key: prefix of the names of the gallery's files in the cache.
    """

    embeddings: ImageEmbeddings
    missing: tuple[str, ...]
    states: Mapping[str, str]
    key: str

    @property
    def needs_command(self) -> bool:
        """True if more images are missing than are embedded when a gallery is opened."""
        return len(self.missing) > MAX_IMMEDIATE


@dataclass(frozen=True)
class UpdateReport:
    """The result of an update.

    Attributes:
        embeddings: as stored, in half precision.
        encoded: how many images were new or changed.
        removed: how many images were gone.
    """

    embeddings: ImageEmbeddings
    encoded: int
    removed: int


def open_embeddings(gallery: Gallery, checkpoint: Checkpoint, settings: EngineSettings) -> ImageEmbeddings:
    """Load the embeddings of a gallery: those computed here, or those shipped with the weights.

    If few images have none yet, they are computed now; if many, these images are left out.

    Raises:
        GalleryError: no image has an embedding, and there are too many to compute them now.
    """
    status = index_status(gallery, checkpoint, settings)
    embeddings = status.embeddings
    if status.needs_command:
        if not embeddings.images:
            raise GalleryError(f"{gallery.folder} has no vectors yet. Make them with: python -m engine index")
        return embeddings
    if status.missing:
        embeddings = _append(embeddings, status.missing, gallery, status.states, checkpoint)
        with suppress(OSError):  # cannot be stored: computed again next time
            save(embeddings, embeddings_file(gallery, checkpoint, settings), checkpoint.fingerprint)
    if not embeddings.images:
        raise GalleryError(f"No image in {gallery.folder} can be read.")
    return embeddings


def index_status(gallery: Gallery, checkpoint: Checkpoint, settings: EngineSettings) -> IndexStatus:
    """Return which embeddings of a gallery exist and are up to date; nothing is computed."""
    states = gallery.states()
    embeddings = _drop_stale(_load_existing(gallery, checkpoint, settings), states)
    present = set(embeddings.images)
    missing = tuple(name for name in states if name not in present and name not in embeddings.file_states)
    return IndexStatus(embeddings, missing, states, gallery_key(gallery, checkpoint))


def embeddings_file(gallery: Gallery, checkpoint: Checkpoint, settings: EngineSettings) -> Path:
    """Return the file of a gallery's own embeddings: one for each folder and each network."""
    name = f"{gallery.name}-{gallery_key(gallery, checkpoint)[:-1]}.safetensors"
    return settings.home / cache_dir.VECTORS / name


def gallery_key(gallery: Gallery, checkpoint: Checkpoint) -> str:
    """Return the prefix of the names of a gallery's files in the cache."""
    # Two folders called "photos" hold different photos that may have equal names.
    folder = hashlib.sha256(os.fsencode(gallery.folder.resolve())).hexdigest()[:8]
    return f"{folder}-{checkpoint.fingerprint}-"


def notices(gallery: Gallery, embeddings: ImageEmbeddings) -> list[str]:
    """Return a sentence for the host on each kind of image that search cannot find."""
    sentences = []
    pending = len(gallery.images) - len(embeddings.images) - embeddings.unreadable
    if pending > 0:
        sentences.append(f"{pending:,} photos have no vectors yet: python -m engine index makes them.")
    if embeddings.unreadable:
        sentences.append(
            f"{embeddings.unreadable:,} files cannot be read: python -m engine index names them."
        )
    return sentences


def embed_gallery(gallery: Gallery, checkpoint: Checkpoint) -> ImageEmbeddings:
    """Compute the embeddings of all images; one that cannot be read is logged and left out."""
    states = gallery.states()
    return _append(_empty(checkpoint), states, gallery, states, checkpoint)


def update(gallery: Gallery, checkpoint: Checkpoint, file: Path) -> UpdateReport:
    """Bring the embeddings in a file up to date: encode images that are new or have changed.

    Shows a progress bar and saves as it goes: after an interruption it continues where it stopped.

    Raises:
        GalleryError: no image can be read.
        OSError: the file cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)  # fails before the work, not after it
    states, before = gallery.states(), load(file, checkpoint.fingerprint)
    if before is None or not before.file_states:  # older versions stored no states: changes are unknown
        before = _empty(checkpoint)
    embeddings, saved_states = _drop_stale(before, states), before.file_states
    present = set(embeddings.images)
    pending = [name for name in states if name not in present]
    with logging_redirect_tqdm():
        bar = iter(tqdm(pending, desc="index", unit=" images", disable=not pending))
        for _ in range(0, len(pending) + 1, SAVE_INTERVAL):  # at least once: images may only be gone
            embeddings = _append(embeddings, islice(bar, SAVE_INTERVAL), gallery, states, checkpoint)
            if embeddings.file_states != saved_states:
                save(embeddings, file, checkpoint.fingerprint)
                saved_states = embeddings.file_states
    stored = load(file, checkpoint.fingerprint)  # as they will be served: in half precision
    if stored is None or not stored.images:
        raise GalleryError(f"No image in {gallery.folder} can be read.")
    gone = set(before.images) - states.keys()
    return UpdateReport(stored, encoded=len(set(stored.images) - present), removed=len(gone))


def save(embeddings: ImageEmbeddings, file: Path, fingerprint: str) -> None:
    """Write embeddings in half precision, with the fingerprint of the network that computed them.

    Raises:
        OSError: the disk is full, or the file cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(f".{os.getpid()}.new")
    metadata = {
        "network": fingerprint,
        "images": json.dumps(embeddings.images),
        "seen": json.dumps(dict(embeddings.file_states)),  # the field's older name: existing files have it
    }
    try:
        save_file({"vectors": embeddings.matrix.astype(np.float16)}, new, metadata)
    except SafetensorError as error:  # also raised for a full disk
        raise OSError(str(error)) from error
    new.chmod(0o644)  # safetensors lets only the owner read its files, and a bot may run as another user
    new.replace(file)


def load(file: Path, fingerprint: str) -> ImageEmbeddings | None:
    """Read embeddings; None if there are none, another network computed them, or they are damaged."""
    try:
        with safe_open(file, "numpy") as content:
            metadata = content.metadata() or {}
            if metadata.get("network") != fingerprint:
                return None
            matrix = content.get_tensor("vectors").astype(np.float32)
            names = tuple(json.loads(metadata["images"]))
            file_states = json.loads(metadata.get("seen", "{}"))
    except (FileNotFoundError, SafetensorError, KeyError, ValueError):
        return None
    if matrix.shape[:1] != (len(names),) or not np.isfinite(matrix).all():
        return None
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)  # half precision changed the lengths slightly
    return ImageEmbeddings(names, matrix, file_states)


def _empty(checkpoint: Checkpoint) -> ImageEmbeddings:
    return ImageEmbeddings((), np.empty((0, checkpoint.network.config.joint_width), dtype=np.float32))


def _load_existing(gallery: Gallery, checkpoint: Checkpoint, settings: EngineSettings) -> ImageEmbeddings:
    files = [embeddings_file(gallery, checkpoint, settings)]
    if settings.gallery is None:  # the shipped ones are of Flickr8K, not of a folder that has its name
        files.append(settings.artifact / f"{gallery.name}.safetensors")
    for file in files:
        existing = load(file, checkpoint.fingerprint)
        if existing is not None and not set(existing.images).isdisjoint(gallery.images):
            return existing
    return _empty(checkpoint)


def _drop_stale(embeddings: ImageEmbeddings, states: Mapping[str, str]) -> ImageEmbeddings:
    """Keep the embeddings of files that still exist and have not changed, as far as is known."""
    before = {name: states.get(name) for name in embeddings.images} | dict(embeddings.file_states)
    unchanged = {name: state for name, state in states.items() if before.get(name) == state}
    rows = [row for row, name in enumerate(embeddings.images) if name in unchanged]
    images = tuple(embeddings.images[row] for row in rows)
    return ImageEmbeddings(images, embeddings.matrix[rows], unchanged)


def _append(
    embeddings: ImageEmbeddings,
    names: Iterable[str],
    gallery: Gallery,
    states: Mapping[str, str],
    checkpoint: Checkpoint,
) -> ImageEmbeddings:
    """Add the embeddings of more images; one that cannot be read is logged and left out."""
    network, file_states = checkpoint.network, dict(embeddings.file_states)
    added: dict[str, np.ndarray] = {}
    for name in names:
        try:
            photo = gallery.path(name).read_bytes()
            pixels = preprocess.decode_to_tensor(photo, network.config.image_size)
        except OSError as error:  # may be fixed without a change of the file: retried next time
            log.warning("%s is left out: %s", name, error.strerror)
            continue
        except BadInputError as error:
            log.warning("%s is left out: %s", name, unusable_reason(error))
        else:
            with torch.inference_mode():
                added[name] = network.encode_image(pixels.unsqueeze(0)).joint[0].numpy()
        file_states[name] = states[name]
    matrix = np.concatenate([embeddings.matrix, *(row[np.newaxis] for row in added.values())])
    return ImageEmbeddings((*embeddings.images, *added), matrix, file_states)


def unusable_reason(error: BadInputError) -> str:
    """Return why a file of a gallery cannot be used, for the host's log."""
    return TOO_LARGE if isinstance(error, PhotoTooLargeError) else UNREADABLE
