"""Which gallery is searched."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from data.download import DownloadError, fetch
from data.flickr8k import Flickr8kError
from data.gallery import Gallery, flickr8k_gallery, folder_gallery
from data.starter import STARTER_CREDIT, StarterError, make_starter
from engine.errors import GalleryError
from engine.settings import EngineSettings

log = logging.getLogger(__name__)

STARTER = "starter"


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
        return _own(settings.gallery, settings.gallery_url)
    root = settings.flickr8k or _fetched(settings)
    if settings.flickr8k or _is_fetched(settings):
        try:
            return flickr8k_gallery(root)
        except Flickr8kError as error:
            raise GalleryError(str(error)) from error
        except OSError as error:
            raise GalleryError(f"{root} cannot be read (FLICKR8K_DIR): {error.strerror}.") from error
    try:
        return folder_gallery(make_starter(settings.home / STARTER), STARTER, STARTER_CREDIT)
    except StarterError as error:
        raise GalleryError(str(error)) from error


def _own(folder: Path, address: str | None) -> Gallery:
    try:
        with os.scandir(folder):  # says what is wrong with it, where walking finds nothing
            gallery = folder_gallery(folder, folder.resolve().name or "gallery", base_url=address)
    except OSError as error:
        raise GalleryError(f"{folder} is no folder to serve (KINDRED_GALLERY): {error.strerror}.") from error
    if not gallery.images:
        raise GalleryError(f"There is no JPEG, PNG or WebP image in {folder} (KINDRED_GALLERY).")
    return gallery


def _is_fetched(settings: EngineSettings) -> bool:
    # A download that was cut leaves a part of it there; photos and captions come in whole folders.
    root = _fetched(settings)
    return (root / "Flicker8k_Dataset").is_dir() and (root / "Flickr8k_text").is_dir()


def _fetched(settings: EngineSettings) -> Path:
    return settings.home / "flickr8k"
