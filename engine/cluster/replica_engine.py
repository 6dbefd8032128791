"""The engine of a replica: it serves the gallery that the indexer stores."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from engine.async_engine import AsyncEngine
from engine.cluster.followed_gallery import FollowedGallery
from engine.gallery import cache_dir
from engine.model import checkpoint
from engine.photos.decoder_pool import DecoderPool
from engine.service import Engine
from engine.settings import EngineSettings


async def open_replica_engine(settings: EngineSettings) -> AsyncEngine:
    """Load an engine in a thread, warm it up, and wrap it.

    Raises:
        BrokenInstallationError: see `engine.service.Engine`.
    """

    def load() -> tuple[Engine, DecoderPool]:
        with ExitStack() as on_failure:
            decoders = DecoderPool()
            on_failure.callback(decoders.close)
            decoders.warm()
            loaded = checkpoint.load(settings.artifact, settings.threads, settings.home / cache_dir.GRAPHS)
            with cache_dir.reporting_write_errors(settings.home):
                gallery = FollowedGallery(loaded, settings)
            engine = Engine(settings, loaded, gallery=gallery)
            engine.warm()
            on_failure.pop_all()
        return engine, decoders

    engine, decoders = await asyncio.to_thread(load)
    return AsyncEngine(engine, settings.waiting, decoders, threads=settings.threads)
