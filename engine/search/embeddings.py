"""The joint vectors of a gallery's images: found, made, renewed and kept."""

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
from engine.photos import preprocess
from engine.search import cache_dir
from engine.settings import EngineSettings

log = logging.getLogger(__name__)

SMALL = 64  # images that are indexed on the spot, in a second or two
SAVED = 100  # images of which the vectors are saved together: some seconds' work
NO_IMAGE = "it is no whole JPEG, PNG or WebP image."
TOO_LARGE = (
    f"it is over {preprocess.MAX_BYTES // 2**20} MB or {preprocess.MAX_PIXELS // 10**6} million pixels."
)


@dataclass(frozen=True)
class ImageEmbeddings:
    """Joint vectors of a gallery's images.

    Attributes:
        images: their names; those that came later are further down.
        matrix: (images, J) float32, rows of length 1.
        seen: the state every file was in when it was read, also of those that are no images.
    """

    images: tuple[str, ...]
    matrix: np.ndarray
    seen: Mapping[str, str] = field(default_factory=dict)

    @property
    def unreadable(self) -> int:
        """How many files were read and are no images."""
        return len(self.seen.keys() - set(self.images))


@dataclass(frozen=True)
class IndexStatus:
    """How a gallery and its vectors stand to each other.

    Attributes:
        vectors: those that are still true.
        missing: images that are new or have changed.
        states: of all images, see `Gallery.states`.
        key: what the names of the gallery's files begin with.
    """

    vectors: ImageEmbeddings
    missing: tuple[str, ...]
    states: Mapping[str, str]
    key: str

    @property
    def too_many(self) -> bool:
        """Whether more images are missing than can be read in a moment."""
        return len(self.missing) > SMALL


@dataclass(frozen=True)
class UpdateReport:
    """What it took to bring the vectors of a gallery up to date.

    Attributes:
        vectors: as they are now, in half precision.
        encoded: how many images were new or changed.
        removed: how many were gone.
    """

    vectors: ImageEmbeddings
    encoded: int
    removed: int


def vectors_of(gallery: Gallery, artifact: Checkpoint, settings: EngineSettings) -> ImageEmbeddings:
    """Find the vectors of a gallery's images: made here, or shipped beside the weights.

    A few images that have none yet get theirs on the spot. If they are more, they are left out.

    Raises:
        GalleryError: there are none at all, and too many images to make them in a moment.
    """
    found = index_status(gallery, artifact, settings)
    vectors = found.vectors
    if found.too_many:
        if not vectors.images:
            raise GalleryError(f"{gallery.folder} has no vectors yet. Make them with: python -m engine index")
        return vectors
    if found.missing:
        vectors = _extended(vectors, found.missing, gallery, found.states, artifact)
        with suppress(OSError):  # not to be kept: made again next time
            save(vectors, vectors_file(gallery, artifact, settings), artifact.fingerprint)
    if not vectors.images:
        raise GalleryError(f"No image in {gallery.folder} can be read.")
    return vectors


def index_status(gallery: Gallery, artifact: Checkpoint, settings: EngineSettings) -> IndexStatus:
    """Look which vectors of a gallery are there and still true; nothing is made."""
    states = gallery.states()
    vectors = _fresh(_known(gallery, artifact, settings), states)
    here = set(vectors.images)
    missing = tuple(name for name in states if name not in here and name not in vectors.seen)
    return IndexStatus(vectors, missing, states, gallery_key(gallery, artifact))


def vectors_file(gallery: Gallery, artifact: Checkpoint, settings: EngineSettings) -> Path:
    """Where a gallery's own vectors are kept: a file for each folder and each network."""
    return (
        settings.home
        / cache_dir.VECTORS
        / f"{gallery.name}-{gallery_key(gallery, artifact)[:-1]}.safetensors"
    )


def gallery_key(gallery: Gallery, artifact: Checkpoint) -> str:
    """What the names of a gallery's other files begin with."""
    # Two folders called "photos" hold different photos that may be called the same.
    place = hashlib.sha256(os.fsencode(gallery.folder.resolve())).hexdigest()[:8]
    return f"{place}-{artifact.fingerprint}-"


def notices(gallery: Gallery, vectors: ImageEmbeddings) -> list[str]:
    """What the host should know about images that cannot be found, a sentence each."""
    said, bare = [], len(gallery.images) - len(vectors.images) - vectors.unreadable
    if bare > 0:
        said.append(f"{bare:,} photos have no vectors yet: python -m engine index makes them.")
    if vectors.unreadable:
        said.append(f"{vectors.unreadable:,} files cannot be read: python -m engine index names them.")
    return said


def make(gallery: Gallery, artifact: Checkpoint) -> ImageEmbeddings:
    """Compute the vectors of all images; one that cannot be read is named and left out."""
    states = gallery.states()
    return _extended(_none(artifact), states, gallery, states, artifact)


def renew(gallery: Gallery, artifact: Checkpoint, file: Path) -> UpdateReport:
    """Bring the vectors in a file up to date: images are encoded if they are new or have changed.

    Shows how far it is. What is done is saved as it goes: stopped, it goes on from there.

    Raises:
        GalleryError: no image can be read.
        OSError: the file cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)  # before the work: what cannot be kept is not begun
    states, before = gallery.states(), load(file, artifact.fingerprint)
    if before is None or not before.seen:  # an older version noted no states: nobody knows what has changed
        before = _none(artifact)
    vectors, written = _fresh(before, states), before.seen
    here = set(vectors.images)
    todo = [name for name in states if name not in here]
    with logging_redirect_tqdm():
        bar = iter(tqdm(todo, desc="index", unit=" images", disable=not todo))
        for _ in range(0, len(todo) + 1, SAVED):  # once at least: images may only be gone
            vectors = _extended(vectors, islice(bar, SAVED), gallery, states, artifact)
            if vectors.seen != written:
                save(vectors, file, artifact.fingerprint)
                written = vectors.seen
    stored = load(file, artifact.fingerprint)  # as they will be served: in half precision
    if stored is None or not stored.images:
        raise GalleryError(f"No image in {gallery.folder} can be read.")
    gone = set(before.images) - states.keys()
    return UpdateReport(stored, encoded=len(set(stored.images) - here), removed=len(gone))


def save(vectors: ImageEmbeddings, file: Path, fingerprint: str) -> None:
    """Write vectors in half precision, beside the fingerprint of the network that made them.

    Raises:
        OSError: there is no room, or they cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(f".{os.getpid()}.new")
    names = {"images": json.dumps(vectors.images), "seen": json.dumps(dict(vectors.seen))}
    metadata = {"network": fingerprint, **names}
    try:
        save_file({"vectors": vectors.matrix.astype(np.float16)}, new, metadata)
    except SafetensorError as error:  # a full disk, too
        raise OSError(str(error)) from error
    new.chmod(0o644)  # safetensors lets nobody else read what it writes, and a bot may be another user
    new.replace(file)


def load(file: Path, fingerprint: str) -> ImageEmbeddings | None:
    """Read vectors; None where there are none, or another network made them, or they are damaged."""
    try:
        with safe_open(file, "numpy") as content:
            metadata = content.metadata() or {}
            if metadata.get("network") != fingerprint:
                return None
            matrix = content.get_tensor("vectors").astype(np.float32)
            names = tuple(json.loads(metadata["images"]))
            seen = json.loads(metadata.get("seen", "{}"))
    except (FileNotFoundError, SafetensorError, KeyError, ValueError):
        return None
    if matrix.shape[:1] != (len(names),) or not np.isfinite(matrix).all():
        return None
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)  # half precision bent the lengths a little
    return ImageEmbeddings(names, matrix, seen)


def _none(artifact: Checkpoint) -> ImageEmbeddings:
    return ImageEmbeddings((), np.empty((0, artifact.network.config.joint_width), dtype=np.float32))


def _known(gallery: Gallery, artifact: Checkpoint, settings: EngineSettings) -> ImageEmbeddings:
    files = [vectors_file(gallery, artifact, settings)]
    if settings.gallery is None:  # what ships is of Flickr8K, not of a folder that happens to be called so
        files.append(settings.artifact / f"{gallery.name}.safetensors")
    for file in files:
        known = load(file, artifact.fingerprint)
        if known is not None and not set(known.images).isdisjoint(gallery.images):
            return known
    return _none(artifact)


def _fresh(vectors: ImageEmbeddings, states: Mapping[str, str]) -> ImageEmbeddings:
    """Keep what comes from files that are there and have not changed since, as far as anybody knows."""
    then = {name: states.get(name) for name in vectors.images} | dict(vectors.seen)
    seen = {name: state for name, state in states.items() if then.get(name) == state}
    rows = [row for row, name in enumerate(vectors.images) if name in seen]
    return ImageEmbeddings(tuple(vectors.images[row] for row in rows), vectors.matrix[rows], seen)


def _extended(
    vectors: ImageEmbeddings,
    names: Iterable[str],
    gallery: Gallery,
    states: Mapping[str, str],
    artifact: Checkpoint,
) -> ImageEmbeddings:
    """Add the vectors of more images; one that cannot be read is named and left out."""
    network, seen = artifact.network, dict(vectors.seen)
    made: dict[str, np.ndarray] = {}
    for name in names:
        try:
            pixels = preprocess.load(gallery.path(name).read_bytes(), network.config.image_size)
        except OSError as error:  # may be mended without the file's changing: to be tried again
            log.warning("%s is left out: %s", name, error.strerror)
            continue
        except BadInputError as error:
            large = isinstance(error, PhotoTooLargeError)
            log.warning("%s is left out: %s", name, TOO_LARGE if large else NO_IMAGE)
        else:
            with torch.inference_mode():
                made[name] = network.encode_image(pixels.unsqueeze(0)).joint[0].numpy()
        seen[name] = states[name]
    matrix = np.concatenate([vectors.matrix, *(row[np.newaxis] for row in made.values())])
    return ImageEmbeddings((*vectors.images, *made), matrix, seen)
