"""The choice of the gallery: the host's folder, Flickr8K, or the starter photos."""

from __future__ import annotations

import os
from pathlib import Path, PurePath, PurePosixPath

from data.bucket_folder import BucketFolder
from data.flickr8k import Flickr8kError
from data.gallery import Gallery, flickr8k_gallery, folder_gallery
from data.listing import printable
from data.starter import STARTER_CREDIT, StarterError, make_starter
from engine.errors import GalleryError
from engine.settings import EngineSettings

STARTER = "starter"
MAX_NAME_BYTES = 150  # of a gallery's name; files in the cache have it in theirs, which has 255 at most


def lacks_flickr8k(settings: EngineSettings) -> bool:
    """Return True if the host has named no gallery, and Flickr8K was not downloaded before."""
    return not (settings.flickr8k or settings.gallery or _is_downloaded(settings))


def open_gallery(settings: EngineSettings) -> Gallery:
    """Open the host's own folder, else Flickr8K, else the starter photos.

    Raises:
        GalleryError: the folder that the host named holds no gallery.
    """
    if isinstance(settings.gallery, str):
        return _open_bucket(BucketFolder(settings.gallery), settings.gallery_url)
    if settings.gallery:
        return _open_folder(settings.gallery, settings.gallery_url)
    root = settings.flickr8k or download_dir(settings)
    if settings.flickr8k or _is_downloaded(settings):
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


def _open_folder(folder: Path, address: str | None) -> Gallery:
    try:
        with os.scandir(folder):  # raises where walking would silently find nothing
            gallery = folder_gallery(folder, _display_name(folder.resolve()), base_url=address)
    except OSError as error:
        raise GalleryError(f"{folder} is no folder to serve (KINDRED_GALLERY): {error.strerror}.") from error
    return _with_images(gallery)


def _open_bucket(folder: BucketFolder, address: str | None) -> Gallery:
    try:
        gallery = folder_gallery(folder, _display_name(PurePosixPath(folder.address)), base_url=address)
    except OSError as error:
        raise GalleryError(f"{folder} cannot be read (KINDRED_GALLERY): {error.strerror}.") from error
    return _with_images(gallery)


def _with_images(gallery: Gallery) -> Gallery:
    if not gallery.images:
        raise GalleryError(f"There is no image in {gallery.folder} that can be read (KINDRED_GALLERY).")
    return gallery


def _display_name(folder: PurePath) -> str:
    """Return a folder's name so that it can be printed and be a part of another file's name."""
    name = printable(folder.name).encode()
    return name[:MAX_NAME_BYTES].decode(errors="ignore") or "gallery"


def _is_downloaded(settings: EngineSettings) -> bool:
    # An interrupted download leaves a partial archive there; photos and captions appear as complete folders.
    root = download_dir(settings)
    return (root / "Flicker8k_Dataset").is_dir() and (root / "Flickr8k_text").is_dir()


def download_dir(settings: EngineSettings) -> Path:
    """Return the folder that Flickr8K is downloaded to."""
    return settings.home / "flickr8k"
