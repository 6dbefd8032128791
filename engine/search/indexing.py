"""Indexing a gallery: which of its images have embeddings, and computing those that are missing."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from data.gallery import Gallery
from engine.errors import GalleryError
from engine.gallery.embeddings import (
    GrowingEmbeddings,
    ImageEmbeddings,
    embeddings_file,
    gallery_key,
    in_half_precision,
    load,
    no_embeddings,
    save,
    save_pause,
)
from engine.gallery.image_reader import Decoder, LeftOut, encode_image, read_image, signature_of
from engine.model.checkpoint import Checkpoint
from engine.runtime.network import ImageFeatures
from engine.search.indexes import with_shared_embeddings
from engine.settings import EngineSettings

log = logging.getLogger(__name__)

MAX_IMMEDIATE = 64  # images that are embedded when a gallery is opened: a second or two of work
FIRST_IMAGES = 12  # of a larger gallery without any embeddings, those that its first answers are made of
SAVE_INTERVAL = 10.0  # seconds between two saves of an update; more if the file is large


class EncodedImage(NamedTuple):
    """An image of a gallery as the network sees it.

    Attributes:
        name: its name in the gallery.
        features: of the network, or why the image is left out.
        signature: (256,) uint8, see `engine.gallery.near_duplicates`.
    """

    name: str
    features: ImageFeatures | LeftOut
    signature: np.ndarray


ImagesEncoder = Callable[[Gallery, Sequence[str]], Iterator[EncodedImage]]


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


def index_status(gallery: Gallery, checkpoint: Checkpoint, settings: EngineSettings) -> IndexStatus:
    """Return which embeddings of a gallery exist and are up to date; nothing is computed.

    Raises:
        DatabaseError: the index is in a database that cannot be used.
    """
    states = gallery.states()
    own = _load_existing(gallery, checkpoint, settings).current(states)
    embeddings = with_shared_embeddings(own, states, gallery, checkpoint, settings)
    return IndexStatus(embeddings, embeddings.missing(states), states, gallery_key(gallery, checkpoint))


def open_embeddings(
    gallery: Gallery,
    checkpoint: Checkpoint,
    settings: EngineSettings,
    *,
    live: bool = False,
    decode: Decoder | None = None,
) -> ImageEmbeddings:
    """Load the embeddings of a gallery: those computed here, or those shipped with the weights.

    If few images have none yet, they are computed now; if many, these images are left out.

    Args:
        gallery: the gallery.
        checkpoint: the network.
        settings: the host's settings.
        live: whether more images are indexed while the gallery is served. Then a few are enough to begin.
        decode: decodes images, by default in this process.

    Raises:
        GalleryError: no image can be read; or none has an embedding, there are too many to compute them now,
            and the gallery is not live.
        DatabaseError: as `index_status`.
    """
    status = index_status(gallery, checkpoint, settings)
    embeddings, missing = status.embeddings, status.missing
    if len(missing) > MAX_IMMEDIATE and (embeddings.images or not live):
        if not embeddings.images:
            raise GalleryError(f"{gallery.folder} has no vectors yet. Make them with: python -m engine index")
        return embeddings
    if missing:
        enough = FIRST_IMAGES if len(missing) > MAX_IMMEDIATE else len(missing)
        embeddings = _embed(
            embeddings, missing, gallery, status.states, checkpoint, enough=enough, decode=decode
        )
        with suppress(OSError):  # cannot be stored: computed again next time
            save(embeddings, embeddings_file(gallery, checkpoint, settings), checkpoint.fingerprint)
        embeddings = in_half_precision(embeddings)  # as the next start finds them: it uses the same index
    if not embeddings.images:
        raise GalleryError(f"No image in {gallery.folder} can be read.")
    return embeddings


def notices(gallery: Gallery, embeddings: ImageEmbeddings, *, live: bool = False) -> list[str]:
    """Return a sentence for the host on each kind of image that search cannot find."""
    sentences = []
    pending = len(gallery.images) - len(embeddings.images) - embeddings.unreadable
    if pending > 0:
        how = "they get them while the bot runs" if live else "python -m engine index makes them"
        sentences.append(f"{pending:,} photos have no vectors yet: {how}.")
    if embeddings.unreadable:
        sentences.append(
            f"{embeddings.unreadable:,} files cannot be read: python -m engine index names them."
        )
    return sentences


def embed_gallery(gallery: Gallery, checkpoint: Checkpoint) -> ImageEmbeddings:
    """Compute the embeddings of all images; one that cannot be used is logged and left out."""
    states = gallery.states()
    return _embed(no_embeddings(checkpoint), states, gallery, states, checkpoint, enough=len(states))


def update(
    gallery: Gallery,
    checkpoint: Checkpoint,
    file: Path,
    settings: EngineSettings | None = None,
    encode: ImagesEncoder | None = None,
) -> UpdateReport:
    """Bring the embeddings in a file up to date: encode images that are new or have changed.

    Shows a progress bar and saves as it goes: after an interruption it continues where it stopped.

    Args:
        gallery: the gallery.
        checkpoint: the network.
        file: of the embeddings.
        settings: name the database in which other processes may have stored what is missing; None if none is
            to be asked.
        encode: encodes images; by default this thread does, one after the other.

    Raises:
        GalleryError: no image can be read.
        OSError: the file cannot be written.
        DatabaseError: as `index_status`.
    """
    file.parent.mkdir(parents=True, exist_ok=True)  # fails before the work, not after it
    states, before = gallery.states(), load(file, checkpoint.fingerprint)
    if before is None or not before.file_states:  # older versions stored no states: changes are unknown
        before = no_embeddings(checkpoint)
    current = before.current(states)
    if settings is not None:
        current = with_shared_embeddings(current, states, gallery, checkpoint, settings)
    growing, present = GrowingEmbeddings(current), set(current.images)
    save_at = time.monotonic() + save_pause(file, SAVE_INTERVAL)
    pending = [name for name in states if name not in present]
    incomplete = current.incomplete(with_classes=bool(checkpoint.network.config.classes))
    with logging_redirect_tqdm():
        wanted = [*pending, *incomplete]
        images = (encode or partial(encode_images, checkpoint))(gallery, wanted)
        for image in tqdm(images, desc="index", unit=" images", total=len(wanted), disable=not wanted):
            if image.name in present:
                _complete(growing, image)
            else:
                _add(growing, image, states)
            if time.monotonic() >= save_at:
                save(growing.freeze(), file, checkpoint.fingerprint)
                save_at = time.monotonic() + save_pause(file, SAVE_INTERVAL)
    embeddings = growing.freeze()
    if incomplete or embeddings.file_states != before.file_states:  # images are new, changed or gone
        save(embeddings, file, checkpoint.fingerprint)
    stored = load(file, checkpoint.fingerprint)  # as they will be served: in half precision
    if stored is None or not stored.images:
        raise GalleryError(f"No image in {gallery.folder} can be read.")
    gone = set(before.images) - states.keys()
    return UpdateReport(stored, encoded=len(set(stored.images) - present), removed=len(gone))


def encode_images(
    checkpoint: Checkpoint, gallery: Gallery, names: Iterable[str], decode: Decoder | None = None
) -> Iterator[EncodedImage]:
    """Read and encode images of a gallery, in their order.

    As many are encoded side by side as the network can, while one more is read.

    Args:
        checkpoint: the network.
        gallery: the gallery.
        names: of the images.
        decode: decodes them, by default in this process; several threads call it.
    """
    network = checkpoint.network

    def encode(name: str) -> EncodedImage:
        photo = read_image(gallery, name, network.config.image_size, decode)
        return EncodedImage(name, encode_image(network, photo), signature_of(photo))

    workers = ThreadPoolExecutor(network.streams + 1, thread_name_prefix="encoder")  # one is reading
    coming = deque[Future[EncodedImage]]()
    try:
        for name in names:
            coming.append(workers.submit(encode, name))
            if len(coming) > network.streams + 1:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
    finally:  # of one who wants no more of them, too
        workers.shutdown(cancel_futures=True)


def _complete(growing: GrowingEmbeddings, image: EncodedImage) -> None:
    """Add what an older version did not store of an image."""
    growing.sign(image.name, image.signature)
    if not isinstance(image.features, LeftOut):
        growing.classify(image.name, image.features)


def _add(growing: GrowingEmbeddings, image: EncodedImage, states: Mapping[str, str]) -> None:
    """Add the embedding of an image; if it cannot be used, log why and leave it out."""
    name, features = image.name, image.features
    if not isinstance(features, LeftOut):
        growing.add(name, states[name], features, image.signature)
        return
    log.warning("%s is left out: %s", name, features.reason)
    if features.until_changed:
        growing.leave_out(name, states[name])


def _load_existing(gallery: Gallery, checkpoint: Checkpoint, settings: EngineSettings) -> ImageEmbeddings:
    files = [embeddings_file(gallery, checkpoint, settings)]
    if settings.gallery is None:  # the shipped ones are of Flickr8K, not of a folder that has its name
        files.append(settings.artifact / f"{gallery.name}.safetensors")
    for file in files:
        existing = load(file, checkpoint.fingerprint)
        if existing is not None and not set(existing.images).isdisjoint(gallery.images):
            return existing
    return no_embeddings(checkpoint)


def _embed(
    embeddings: ImageEmbeddings,
    names: Iterable[str],
    gallery: Gallery,
    states: Mapping[str, str],
    checkpoint: Checkpoint,
    *,
    enough: int,
    decode: Decoder | None = None,
) -> ImageEmbeddings:
    """Add the embeddings of at most `enough` more images."""
    growing = GrowingEmbeddings(embeddings)
    images = encode_images(checkpoint, gallery, names, decode)
    while growing.added < enough and (image := next(images, None)) is not None:
        _add(growing, image, states)
    return growing.freeze()
