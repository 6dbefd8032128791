"""Which gallery is searched, and the vectors that make it searchable."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from tqdm import tqdm

from data.download import DownloadError, fetch
from data.flickr8k import Flickr8kError
from data.gallery import Gallery, flickr8k_gallery, folder_gallery
from data.starter import STARTER_CREDIT, StarterError, make_starter
from engine import images
from engine.artifact import Artifact
from engine.errors import BadInput, GalleryError
from engine.settings import EngineSettings

log = logging.getLogger(__name__)

SMALL = 64  # images that are indexed on the spot, in a second or two
STARTER = "starter"


@dataclass(frozen=True)
class Vectors:
    """Joint vectors of a gallery's images.

    Attributes:
        images: their names.
        matrix: (images, J) float32, rows of length 1.
    """

    images: tuple[str, ...]
    matrix: np.ndarray


def fetch_flickr8k(settings: EngineSettings) -> str:
    """Fetch Flickr8K where the host has named no gallery and it was not fetched before.

    Returns:
        Nothing, or one sentence that says why there is no Flickr8K and what is served instead.
    """
    if settings.flickr8k or settings.gallery or _is_fetched(settings):
        return ""
    why = "is not at hand"
    try:
        if settings.fetch:
            log.info("Fetching Flickr8K, once: 1.1 GB. Ctrl-C goes on without it.")
            fetch(_fetched(settings))
            return ""
    except DownloadError as error:
        log.info("%s", error)
        why = "is not at hand and cannot be fetched now"
    except KeyboardInterrupt:
        why = "is not fetched yet (the download goes on next time)"
    return f"Flickr8K {why}: a few starter photos are served. FLICKR8K_DIR can name a folder that has it."


def choose(settings: EngineSettings) -> Gallery:
    """Pick the gallery: the host's own folder, else Flickr8K, else the starter photos.

    Raises:
        GalleryError: the folder the host named holds no gallery.
    """
    if settings.gallery:
        return _own(settings.gallery)
    root = settings.flickr8k or _fetched(settings)
    if settings.flickr8k or _is_fetched(settings):
        try:
            return flickr8k_gallery(root)
        except Flickr8kError as error:
            raise GalleryError(str(error)) from error
    try:
        return folder_gallery(make_starter(settings.home / STARTER), STARTER, STARTER_CREDIT)
    except StarterError as error:
        raise GalleryError(str(error)) from error


def vectors_of(gallery: Gallery, artifact: Artifact, settings: EngineSettings) -> Vectors:
    """Find the vectors of a gallery's images: made here, or shipped beside the weights.

    Images without a vector are left out.

    Raises:
        GalleryError: none are there, and there are too many images to make them in a moment.
    """
    files = [vectors_file(gallery, artifact, settings)]
    if settings.gallery is None:  # what ships is of Flickr8K, not of a folder that happens to be called so
        files.append(settings.artifact / f"{gallery.name}.safetensors")
    for file in files:
        known = load(file, artifact.fingerprint)
        if known is not None and (there := _only(known, gallery)).images:
            return there
    if len(gallery.images) > SMALL:
        raise GalleryError(f"{gallery.folder} has no vectors yet. Make them with: python -m engine index")
    return make(gallery, artifact)


def vectors_file(gallery: Gallery, artifact: Artifact, settings: EngineSettings) -> Path:
    """Where a gallery's own vectors are kept: a file for each folder and each network."""
    # Two folders called "photos" hold different photos that may be called the same.
    place = hashlib.sha256(str(gallery.folder.resolve()).encode()).hexdigest()[:8]
    return settings.home / "vectors" / f"{gallery.name}-{place}-{artifact.fingerprint}.safetensors"


def make(gallery: Gallery, artifact: Artifact, *, progress: bool = False) -> Vectors:
    """Compute the vectors of all images; one that cannot be read is reported and left out."""
    names, rows = [], []
    network = artifact.network
    for name in tqdm(gallery.images, desc="index", unit=" images", disable=not progress):
        try:
            pixels = images.load(gallery.path(name).read_bytes(), network.config.image_side)
        except (OSError, BadInput) as error:
            log.warning("%s is left out: %s", name, error)
            continue
        with torch.inference_mode():
            rows.append(network.encode_image(pixels.unsqueeze(0)).joint[0].numpy())
        names.append(name)
    if not rows:
        raise GalleryError(f"No image in {gallery.folder} can be read.")
    return Vectors(tuple(names), np.stack(rows))


def save(vectors: Vectors, file: Path, fingerprint: str) -> None:
    """Write vectors in half precision, beside the fingerprint of the network that made them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    metadata = {"network": fingerprint, "images": json.dumps(vectors.images)}
    save_file({"vectors": vectors.matrix.astype(np.float16)}, new, metadata)
    new.replace(file)


def load(file: Path, fingerprint: str) -> Vectors | None:
    """Read vectors; None where there are none, or another network made them, or they are damaged."""
    try:
        with safe_open(file, "numpy") as content:
            metadata = content.metadata() or {}
            if metadata.get("network") != fingerprint:
                return None
            matrix = content.get_tensor("vectors").astype(np.float32)
            names = tuple(json.loads(metadata["images"]))
    except (FileNotFoundError, SafetensorError, KeyError, ValueError):
        return None
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)  # half precision bent the lengths a little
    return Vectors(names, matrix)


def _only(vectors: Vectors, gallery: Gallery) -> Vectors:
    """Keep the vectors whose images are there."""
    here = set(gallery.images)
    rows = [row for row, name in enumerate(vectors.images) if name in here]
    return Vectors(tuple(vectors.images[row] for row in rows), vectors.matrix[rows])


def _own(folder: Path) -> Gallery:
    gallery = folder_gallery(folder, folder.name or "gallery")
    if not gallery.images:
        raise GalleryError(f"There is no JPEG, PNG or WebP image in {folder} (KINDRED_GALLERY).")
    return gallery


def _is_fetched(settings: EngineSettings) -> bool:
    # A download that was cut leaves a part of it there; photos and captions come in whole folders.
    root = _fetched(settings)
    return (root / "Flicker8k_Dataset").is_dir() and (root / "Flickr8k_text").is_dir()


def _fetched(settings: EngineSettings) -> Path:
    return settings.home / "flickr8k"
