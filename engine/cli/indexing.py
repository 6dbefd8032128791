"""The command that indexes a gallery."""

from __future__ import annotations

import argparse
import logging
import os
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.command import AddCommand, Answer
from engine.gallery import cache_dir, galleries
from engine.gallery.embeddings import embeddings_file, gallery_key
from engine.model.checkpoint import load as load_checkpoint
from engine.search.ann_index import ExactIndex, recall_at
from engine.search.grids.feature_recorder import FeatureRecorder
from engine.search.indexes import is_scanned, open_index
from engine.search.indexing import ImagesEncoder, encode_images, index_status, update
from engine.service import Engine
from engine.settings import EngineSettings

if TYPE_CHECKING:
    from engine.cluster.data_indexing import ClusterEncoder

log = logging.getLogger(__name__)

RECALL_QUERIES = 500  # images whose neighbours measure the recall of the index


def add_commands(add: AddCommand) -> None:
    """Add the command."""
    indexing = add("index", index)
    indexing.add_argument("folder", nargs="?", metavar="DIR", help="images of your own to index")
    indexing.add_argument("--gallery", metavar="DIR", help="the same (KINDRED_GALLERY)")
    indexing.add_argument("--output", type=Path, metavar="FILE", help="write the embeddings here")


def index(settings: EngineSettings, args: argparse.Namespace) -> Answer:
    """Prepare a gallery for search, or what is new in it, and measure the recall of its index."""
    if settings.engine == "local":
        return _index(settings, args.output)
    from engine.cluster.data_indexing import cluster_encoder

    with cluster_encoder(settings) as cluster:
        return _index(settings, args.output, cluster)


def _index(settings: EngineSettings, output: Path | None, cluster: ClusterEncoder | None = None) -> Answer:
    started = time.time()
    checkpoint = load_checkpoint(settings.artifact, settings.threads, streams=settings.threads)
    folder, name = (output.parent, "--output") if output else (settings.home, "KINDRED_HOME")
    with cache_dir.reporting_write_errors(folder, name):
        gallery = galleries.open_gallery(settings)
        file, key = output or embeddings_file(gallery, checkpoint, settings), gallery_key(gallery, checkpoint)
        encode: ImagesEncoder = cluster or partial(encode_images, checkpoint)
        recorder = None
        if settings.two_stages and not output:
            status = index_status(gallery, checkpoint, settings)
            coming = {image: status.states[image] for image in status.missing}
            recorder = FeatureRecorder(gallery, status.embeddings, coming, checkpoint, settings)
            encode = recorder.recording(partial(cluster, with_grids=True) if cluster else encode)
        report = update(gallery, checkpoint, file, settings, encode)
        matrix = report.embeddings.matrix
        searched = open_index(gallery, checkpoint, report.embeddings, settings)
    recall = recall_at(searched, ExactIndex(matrix), matrix[:RECALL_QUERIES])
    name_of_index = "scan" if is_scanned(report.embeddings, settings) else settings.index
    if output is None:  # what is written elsewhere is to be shipped: features are computed where it serves
        engine = Engine(settings, checkpoint)
        if recorder:
            recorder.close(report.embeddings)
        if cluster:
            cluster.complete_features(engine.live_gallery.retriever)
        engine.prepare_all()
        engine.live_gallery.retriever.find_near_duplicates()
        # Files of the gallery's former state go; a bot that has them mapped keeps them until it stops.
        cache_dir.remove_unused(settings.home, key, unused_since=started)
    if settings.gallery:
        log.info("To serve this folder: KINDRED_GALLERY=%s", os.fsdecode(gallery.folder.key))
    return {
        "gallery": gallery.name,
        "images": len(report.embeddings.images),
        "encoded": report.encoded,
        "removed": report.removed,
        "left_out": len(gallery.images) - len(report.embeddings.images),
        "vectors": str(file),
        f"{name_of_index}_recall_at_10": round(recall, 4),
    }
