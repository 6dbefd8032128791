"""The choice of the index: by `KINDRED_INDEX` Annoy's, in KINDRED_HOME, or pgvector's, in PostgreSQL.

In place of Annoy's, small galleries get a scan.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from data.gallery import Gallery
from engine.database import NO_PSYCOPG, address_of_index
from engine.errors import DatabaseError
from engine.gallery import cache_dir
from engine.gallery.embeddings import ImageEmbeddings, gallery_key
from engine.model.checkpoint import Checkpoint
from engine.search.ann_index import AnnoyIndex, ExactIndex, Index
from engine.settings import EngineSettings

if TYPE_CHECKING:
    from engine.search.postgres.vector_table import VectorTable

ANNOY_FROM = 10_000  # images; a scan of fewer is quicker, and exact (`tests.benchmarks.nearest`)
LOOKED_AT = 10  # images of which one must be there before those that are not count as gone


def open_index(
    gallery: Gallery, checkpoint: Checkpoint, embeddings: ImageEmbeddings, settings: EngineSettings
) -> Index:
    """Open the index of a gallery; build it, or bring it up to date.

    Raises:
        OSError: it cannot be written.
        DatabaseError: the database cannot be used.
    """
    if is_scanned(embeddings, settings):
        return ExactIndex(embeddings.matrix)
    if settings.index == "annoy":
        key = gallery_key(gallery, checkpoint)
        return AnnoyIndex(embeddings.matrix, settings.home / cache_dir.INDEX, key)
    table = vector_table(gallery, checkpoint, settings)
    from engine.search.postgres.pg_index import PostgresIndex

    table.update(embeddings, partial(_is_gone, gallery, embeddings.images[:LOOKED_AT]))
    return PostgresIndex(table, embeddings)


def is_scanned(embeddings: ImageEmbeddings, settings: EngineSettings) -> bool:
    """Return whether a gallery is so small that it needs no index."""
    return settings.index == "annoy" and len(embeddings.images) < ANNOY_FROM


def with_shared_embeddings(
    embeddings: ImageEmbeddings,
    states: dict[str, str],
    gallery: Gallery,
    checkpoint: Checkpoint,
    settings: EngineSettings,
) -> ImageEmbeddings:
    """Return embeddings with those that other processes computed of images that lack theirs.

    Args:
        embeddings: those of this process.
        states: of all files of the gallery.
        gallery: the gallery.
        checkpoint: the network.
        settings: the host's settings.

    Raises:
        DatabaseError: the database cannot be used.
    """
    missing = embeddings.missing(states)
    if settings.index == "annoy" or not missing:
        return embeddings
    table = vector_table(gallery, checkpoint, settings)
    try:
        return embeddings.joined(table.fetch({image: states[image] for image in missing}))
    finally:
        table.close()


def vector_table(gallery: Gallery, checkpoint: Checkpoint, settings: EngineSettings) -> VectorTable:
    """Return a gallery's table in PostgreSQL, which may not exist yet.

    Raises:
        DatabaseError: the settings name no database, or psycopg is not installed.
    """
    url = address_of_index(settings)
    try:
        from engine.search.postgres.vector_table import VectorTable
    except ImportError as error:
        raise DatabaseError(NO_PSYCOPG) from error
    return VectorTable(url, gallery_key(gallery, checkpoint), checkpoint.network.config.joint_width)


def _is_gone(gallery: Gallery, present: tuple[str, ...], image: str) -> bool:
    """Return whether an image's file is gone; not while their disk is away."""
    return gallery.is_gone(image) and any(map(gallery.exists, present))
