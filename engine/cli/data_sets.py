"""The data sets that commands train and evaluate on."""

from __future__ import annotations

import logging
from pathlib import Path

from data.flickr8k import Flickr8k, Flickr8kError, open_flickr8k
from data.wild import WildPhotos, WildPhotosError, open_wild
from engine.errors import GalleryError
from engine.settings import EngineSettings

log = logging.getLogger(__name__)


def wild_photos(folder: Path) -> WildPhotos:
    """Open a folder of everyday and class photos.

    Raises:
        GalleryError: it does not hold them.
    """
    try:
        return open_wild(folder)
    except WildPhotosError as error:
        raise GalleryError(str(error)) from error


def flickr8k_of(settings: EngineSettings) -> Flickr8k:
    """Open Flickr8K, and log what is missing of it.

    Raises:
        GalleryError: no folder is named, or it does not hold Flickr8K.
    """
    if settings.flickr8k is None:
        raise GalleryError("Which Flickr8K? Name its folder with --flickr8k or FLICKR8K_DIR.")
    try:
        flickr8k = open_flickr8k(settings.flickr8k)
    except Flickr8kError as error:
        raise GalleryError(str(error)) from error
    for notice in flickr8k.notices:
        log.info("%s", notice)
    return flickr8k
