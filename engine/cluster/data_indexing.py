"""Encoding the images of a gallery on all machines of a cluster, by Ray Data."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType

import numpy as np
from tqdm import tqdm

from data.gallery import Gallery
from data.image_folder import ImageFolder
from engine.cluster.connection import connected, first_line, import_ray
from engine.cluster.deployment import replica_settings
from engine.errors import ClusterError
from engine.gallery import cache_dir
from engine.gallery.image_reader import LeftOut
from engine.model import checkpoint
from engine.photos.decoder_pool import DecoderPool
from engine.runtime.network import ImageFeatures
from engine.search.indexing import EncodedImage, encode_images
from engine.search.retriever import Retriever
from engine.settings import EngineSettings

BATCH = 32  # images: a second of work, and what is lost if its worker ends
FREE_TIMEOUT, FREE_INTERVAL = 10.0, 0.2  # seconds to wait for a free processor, and between two looks
Batch = dict[str, np.ndarray]


class ClusterEncoder:
    """Encodes images in workers, one for each processor of the cluster; an `indexing.ImagesEncoder`.

    A worker that ends is replaced, and its images are encoded again. The images come in their order, so that
    what is stored is what one process stores.
    """

    def __init__(self, settings: EngineSettings) -> None:
        """Take the settings of a process that is connected to Ray."""
        self._settings = replica_settings(settings)

    def __call__(
        self, gallery: Gallery, names: Sequence[str], *, with_grids: bool = False
    ) -> Iterator[EncodedImage]:
        """Encode images of a gallery, whose folder every machine has under the same path.

        Args:
            gallery: the gallery.
            names: of the images.
            with_grids: whether the features have their grid, which is large; else it is empty.

        Raises:
            ClusterError: the workers cannot start.
        """
        if not names:
            return
        ray = import_ray()
        import ray.data as ray_data

        logging.getLogger("ray.data").setLevel(logging.ERROR)  # Ray sets it when it is imported
        workers = _free_processors(ray)
        context = ray_data.DataContext.get_current()
        context.execution_options.preserve_order = True
        context.enable_progress_bars = False  # the caller shows its own
        rows = [{"name": name, "path": os.fsencode(gallery.paths.get(name, name))} for name in names]
        images = ray_data.from_items(rows, override_num_blocks=math.ceil(len(rows) / BATCH)).map_batches(
            BatchEncoder,
            fn_constructor_args=(self._settings, gallery.folder, with_grids),
            batch_size=None,
            compute=ray_data.ActorPoolStrategy(min_size=1, max_size=workers),
            num_cpus=1,
        )
        try:
            for batch in images.iter_batches(batch_size=None, batch_format="numpy"):
                yield from batch["image"]
        except ray.exceptions.RayError as error:
            raise ClusterError(f"The images cannot be encoded on Ray: {first_line(error)}") from error

    def complete_features(self, retriever: Retriever) -> None:
        """Complete the feature cache of a gallery, with a progress bar; after an interruption it goes on.

        Raises:
            ClusterError: the workers cannot start.
        """
        while retriever.second_stage.fetch():
            pass
        names = retriever.embeddings.images[retriever.second_stage.prepared :]
        images = self(retriever.gallery, names, with_grids=True)
        done, total = retriever.second_stage.prepared, len(retriever)
        for image in tqdm(images, desc="grids", unit=" images", initial=done, total=total, disable=not names):
            retriever.second_stage.add(image.features)
            retriever.second_stage.share()


def _free_processors(ray: ModuleType) -> int:
    """Return how many processors of the cluster are free; wait a while for those of workers that end.

    Raises:
        ClusterError: none is. Ray would wait for one, and say nothing.
    """
    deadline = time.monotonic() + FREE_TIMEOUT
    while not (free := int(ray.available_resources().get("CPU", 0))):
        if time.monotonic() > deadline:
            raise ClusterError("Every processor of the cluster is taken: add a machine, or stop the bot.")
        time.sleep(FREE_INTERVAL)
    return free


class BatchEncoder:
    """A worker: reads and encodes batches of images."""

    def __init__(self, settings: EngineSettings, folder: ImageFolder, with_grids: bool) -> None:
        """Load the network.

        Args:
            settings: of the engine.
            folder: of the images.
            with_grids: see `ClusterEncoder`.
        """
        self._folder, self._with_grids, self._decoders = folder, with_grids, DecoderPool()
        graphs = settings.home / cache_dir.GRAPHS
        self._checkpoint = checkpoint.load(settings.artifact, settings.threads, graphs)

    def __call__(self, batch: Batch) -> Batch:
        """Return an `EncodedImage` for each image, without what is not wanted of its features."""
        paths = dict(zip(batch["name"].tolist(), map(os.fsdecode, batch["path"].tolist()), strict=True))
        gallery = Gallery("", self._folder, tuple(paths), paths=paths)
        images = encode_images(self._checkpoint, gallery, paths, self._decoders.decode)
        column = np.empty(len(paths), dtype=object)
        for row, image in enumerate(images):
            column[row] = image._replace(features=self._wanted(image))
        return {"image": column}

    def _wanted(self, image: EncodedImage) -> ImageFeatures | LeftOut:
        features = image.features
        if isinstance(features, LeftOut):
            return features
        nothing = np.empty((1, 0, 0), np.float32)
        grid = features.grid.astype(np.float16) if self._with_grids else nothing
        return features._replace(grid=grid, patches=nothing)


@contextmanager
def cluster_encoder(settings: EngineSettings) -> Iterator[ClusterEncoder]:
    """Connect to Ray, and encode there while the block runs.

    Raises:
        ClusterError: see `connected`.
    """
    with connected(settings):
        yield ClusterEncoder(settings)
