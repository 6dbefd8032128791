"""The process that keeps the gallery's index up to date for all replicas."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from engine.settings import EngineSettings

LOWEST_PRIORITY = 19  # answers come first, on whatever machine it runs


class Indexer:
    """An actor that indexes what is new, has changed or is gone, as an engine of one process does.

    There is one in a cluster. Replicas read what it stores, see `FollowedGallery`; Ray starts it again if it
    ends.
    """

    def __init__(self, settings: EngineSettings) -> None:
        """Open the gallery, embed a few images if it has none, and index the rest from now on."""
        from engine.gallery import cache_dir
        from engine.model import checkpoint  # the bot, which imports this module, needs none of it
        from engine.photos.decoder_pool import DecoderPool
        from engine.search.live_gallery import LiveGallery

        logging.basicConfig(level=logging.INFO)
        os.nice(LOWEST_PRIORITY)
        decoders = DecoderPool()
        loaded = checkpoint.load(settings.artifact, settings.threads, settings.home / cache_dir.GRAPHS)
        with cache_dir.reporting_write_errors(settings.home):
            self._gallery = LiveGallery(loaded, settings, live=True, decode=decoders.decode)
        threading.Thread(target=lambda: asyncio.run(self._index()), daemon=True).start()

    def progress(self) -> tuple[int, int]:
        """Return how many images can be found, and how many more are going to be indexed."""
        return len(self._gallery.retriever), self._gallery.pending

    async def _index(self) -> None:
        from engine.idle_indexing import IdleIndexing
        from engine.photos.decoder_pool import POOL_SIZE
        from engine.watched_threads import WatchedThreads

        inference = WatchedThreads("inference", max_pending=sys.maxsize)
        IdleIndexing(self._gallery, lambda: False, ThreadPoolExecutor(POOL_SIZE), inference)
        await asyncio.Event().wait()
