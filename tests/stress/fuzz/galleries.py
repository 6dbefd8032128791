"""The fuzz of what disks hold: EXIF of all kinds, and damaged files of all formats indexed as a gallery."""

from __future__ import annotations

import logging
import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from data.gallery import Gallery, folder_gallery
from engine.gallery.embeddings import ImageEmbeddings
from engine.model.config import NetworkConfig
from engine.photos import decoding
from engine.runtime.network import ImageFeatures
from engine.search import indexing
from tests.stress.environment import describe_error
from tests.stress.fuzz import exif_variants
from tests.stress.fuzz.malformed_images import damaged_file

IMAGE_SIDE: Final = 32  # pixels
JOINT_WIDTH: Final = 8
FILES_AT_ONCE: Final = 250  # of one gallery
NAMES: Final = (b"%d", b"f\xea%d", b"%d\n", b"'%d\" ", "🐕%d".encode(), b"%d" + b"x" * 200)


@dataclass
class DiskReport:
    """The outcome.

    Attributes:
        variants: photos with an odd EXIF tag.
        files: files of the galleries.
        indexed: how many of them are images that can be found.
        refused: how many are named as left out.
        escapes: exceptions that ended something, by their description.
        failures: what failed, and how to reproduce it.
    """

    variants: int = 0
    files: int = 0
    indexed: int = 0
    refused: int = 0
    escapes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, what: str, error: Exception) -> None:
        """Record an exception that escaped."""
        self.escapes[describe_error(error)] += 1
        self.failures.append(f"{what}: {describe_error(error)}")


def fuzz_exif(report: DiskReport, count: int) -> None:
    """Decode about `count` photos with odd EXIF tags: every one has to be read, and is upright."""
    step = max(1, exif_variants.COMBINATIONS // max(count, 1))
    for name, content in exif_variants.variants(step | 1):  # odd, so that all formats and values take part
        report.variants += 1
        try:
            size = decoding.decode(content, IMAGE_SIDE).size
        except Exception as error:  # noqa: BLE001 - any exception is a finding
            report.add(name, error)
            continue
        if exif_variants.is_turned(name) and size[0] > size[1]:
            report.failures.append(f"{name}: it lies on its side")


def fuzz_galleries(report: DiskReport, seed: int, count: int) -> None:
    """Index `count` damaged files, some hundred in a folder: listing and indexing have to reach the end."""
    for first in range(0, count, FILES_AT_ONCE):
        numbers = range(first, min(first + FILES_AT_ONCE, count))
        with TemporaryDirectory() as folder, _silent_log():
            files = [_write(Path(folder), seed, number) for number in numbers]
            report.files += len(files)
            try:
                gallery = folder_gallery(Path(folder), "fuzz")
                indexed = indexing.embed_gallery(gallery, _blind_checkpoint())
            except Exception as error:  # noqa: BLE001 - any exception is a finding
                report.add(f"gallery of the files {numbers} of seed {seed}", error)
                continue
            _check(report, gallery, indexed, files)


def _check(report: DiskReport, gallery: Gallery, indexed: ImageEmbeddings, files: list[str]) -> None:
    report.indexed += len(indexed.images)
    report.refused += indexed.unreadable
    if len(gallery.images) != len(files) or len(indexed.images) + indexed.unreadable != len(files):
        report.failures.append(f"of {len(files)} files {len(gallery.images)} are listed")


def _write(folder: Path, seed: int, number: int) -> str:
    suffix, content = damaged_file(random.Random(f"{seed}:{number}"), number)
    name = os.fsdecode(NAMES[number % len(NAMES)] % number) + suffix
    (folder / name).write_bytes(content)
    return name


def _blind_checkpoint() -> Any:
    """Return a checkpoint whose network sees nothing: what is indexed does not matter here."""
    config = NetworkConfig(image_size=IMAGE_SIDE, joint_width=JOINT_WIDTH)

    def encode_image(pixels: np.ndarray) -> ImageFeatures:
        patches, joint = np.ones((len(pixels), 1, config.width)), np.ones((len(pixels), JOINT_WIDTH))
        return ImageFeatures(patches, joint, np.zeros((len(pixels), 0)), patches)

    return SimpleNamespace(network=SimpleNamespace(config=config, streams=1, encode_image=encode_image))


@contextmanager
def _silent_log() -> Iterator[None]:
    """Do not log each file that is left out."""
    logger = logging.getLogger(indexing.__name__)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
