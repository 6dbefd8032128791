"""Photos unlike those of Flickr8K, for evaluation: everyday photos with captions, and photos of classes.

coco/captions.tsv     file, caption, licence and address; five rows for each photo beside it
imagenet/             one photo of each class, named after it: n02510455_giant_panda.jpg
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

EVERYDAY, CLASSES = "coco", "imagenet"
CAPTIONS = "captions.tsv"


class WildPhotosError(Exception):
    """The folder does not hold such photos; the message says what is missing."""


@dataclass(frozen=True)
class WildPhotos:
    """Photos and what is known of them.

    Attributes:
        captions: everyday photo to its captions.
        class_names: photo of a class to the name of the class, such as "giant panda".
    """

    captions: dict[Path, list[str]]
    class_names: dict[Path, str]


def open_wild(folder: Path) -> WildPhotos:
    """Read the lists of a folder; no photo is opened.

    Raises:
        WildPhotosError: a list, or all photos of one kind, are missing.
    """
    table = folder / EVERYDAY / CAPTIONS
    try:
        with table.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as error:
        raise WildPhotosError(f"{table} cannot be read: {error.strerror}.") from error
    captions: dict[Path, list[str]] = {}
    for row in rows:
        captions.setdefault(table.with_name(row["file"]), []).append(row["caption"])
    photos = sorted((folder / CLASSES).glob("*.jpg"))
    class_names = {photo: photo.stem.partition("_")[2].replace("_", " ") for photo in photos}
    for kind, found in ((EVERYDAY, captions), (CLASSES, class_names)):
        if not found:
            raise WildPhotosError(f"{folder / kind} holds no photos.")
    return WildPhotos(captions, class_names)
