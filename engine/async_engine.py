"""The asynchronous engine: requests run in executors, the event loop never computes.

Several requests are computed side by side: while OpenVINO computes for one, NumPy does its share of the
others.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import TypeVar

from engine.api import CAPTIONS, LABELS, MATCHES, TAGS
from engine.errors import BusyError
from engine.gallery import galleries
from engine.gallery.flickr8k_fetch import Flickr8kFetch
from engine.idle_indexing import IdleIndexing
from engine.photos.decoder_pool import POOL_SIZE, DecoderPool
from engine.results import (
    Caption,
    Description,
    Explanation,
    GalleryInfo,
    Intent,
    Label,
    Match,
    Point,
    Tag,
    WordMatch,
    WordSimilarity,
)
from engine.service import Engine, PhotoInput
from engine.settings import EngineSettings
from engine.watched_threads import WatchedThreads

log = logging.getLogger(__name__)

READERS = 10  # images of the gallery that are read side by side, an album's: a bucket may be far away
MAX_LOOKUPS = 500  # lookups, and photos to decode, that may wait before `BusyError` is raised

T = TypeVar("T")


class AsyncEngine:
    """An `engine.api.EngineAPI` that runs in threads of this process.

    Lookups (of a word) have a thread of their own and do not queue behind photos; so have files of the
    gallery, which may be slow to come. Photos are decoded in separate processes, while the inference threads
    are busy with other requests.
    """

    def __init__(
        self,
        engine: Engine,
        max_waiting: int,
        decoders: DecoderPool | None = None,
        fetch: Flickr8kFetch | None = None,
        threads: int = 1,
    ) -> None:
        """Start the threads, and index the gallery whenever the engine is idle.

        Args:
            engine: the synchronous engine.
            max_waiting: requests that may wait for an inference thread before `BusyError` is raised.
            decoders: decode photos; without them the engine decodes photos itself, which is safe for trusted
                photos only.
            fetch: fetches a better gallery; it is closed with the engine.
            threads: requests that are computed side by side.
        """
        self._engine = engine
        self._decoders, self._fetch = decoders, fetch
        self._max_waiting = max_waiting
        self._requests = 0  # of users, waiting or running
        # Requests for inference and drawing are refused before their photo is decoded, see `_admitted`.
        self._inference = WatchedThreads("inference", max_pending=sys.maxsize, workers=threads)
        self._drawing = WatchedThreads("drawing", max_pending=sys.maxsize)
        self._lookup = WatchedThreads("lookup", max_pending=MAX_LOOKUPS)
        self._reading = WatchedThreads("reading", max_pending=MAX_LOOKUPS, workers=READERS)
        self._decoding = WatchedThreads("decoding", max_pending=MAX_LOOKUPS, workers=POOL_SIZE)
        self._indexing = IdleIndexing(
            engine.live_gallery, lambda: self._requests > 0, self._decoding.executor, self._inference
        )

    @property
    def _watched(self) -> tuple[WatchedThreads, ...]:
        return self._inference, self._drawing, self._lookup, self._reading, self._decoding

    @property
    def gallery(self) -> GalleryInfo:
        """The gallery that is searched."""
        gallery = self._engine.gallery
        share = self._fetch.share if self._fetch else None
        return gallery if share is None else replace(gallery, fetched=share)

    @property
    def stalled_for(self) -> float:
        """Seconds since the last answer of a thread that has work; see `EngineAPI.stalled_for`."""
        return max(thread.stalled_for for thread in self._watched)

    async def describe(self, photo: bytes, count: int = MATCHES, captions: int = CAPTIONS) -> Description:
        """Caption a photo and find similar images; see `EngineAPI.describe`."""
        return await self._run_on_photo(
            photo, lambda decoded: self._engine.describe(decoded, count, captions)
        )

    async def captions(self, photo: bytes, count: int = CAPTIONS) -> tuple[Caption, ...]:
        """Caption a photo; see `EngineAPI.captions`."""
        return await self._run_on_photo(photo, lambda decoded: self._engine.captions(decoded, count))

    async def tags(self, photo: bytes, count: int = TAGS) -> tuple[Tag, ...]:
        """Find single words for a photo; see `EngineAPI.tags`."""
        return await self._run_on_photo(photo, lambda decoded: self._engine.tags(decoded, count))

    async def labels(self, photo: bytes, labels: Sequence[str], count: int = LABELS) -> tuple[Label, ...]:
        """Choose the labels that fit a photo best; see `EngineAPI.labels`."""
        return await self._run_on_photo(photo, lambda decoded: self._engine.labels(decoded, labels, count))

    async def similar(self, word: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """Find the words nearest to a word; see `EngineAPI.similar`."""
        return await self._run_lookup(partial(self._engine.similar, word, count))

    async def analogy(self, a: str, b: str, c: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """Answer "a is to b as c is to ?"; see `EngineAPI.analogy`."""
        return await self._run_lookup(partial(self._engine.analogy, a, b, c, count))

    async def word_similarity(self, a: str, b: str) -> WordSimilarity:
        """Compare two words; see `EngineAPI.word_similarity`."""
        return await self._run_lookup(partial(self._engine.word_similarity, a, b))

    async def understand(self, text: str, language: str | None = None, *, with_photo: bool = False) -> Intent:
        """Return what a message asks for; see `EngineAPI.understand`."""
        return await self._run_lookup(partial(self._engine.understand, text, language, with_photo=with_photo))

    async def find(self, query: str, count: int = MATCHES, photo: bytes | None = None) -> tuple[Match, ...]:
        """Find the images that fit a description; see `EngineAPI.find`."""
        if photo is None:
            return await self._run(partial(self._engine.find, query, count))
        return await self._run_on_photo(photo, lambda decoded: self._engine.find(query, count, decoded))

    async def search_focused(self, photo: bytes, text: str, count: int = MATCHES) -> tuple[Match, ...]:
        """Find images similar to a photo with a focus on a text; see `EngineAPI.search_focused`."""
        return await self._run_on_photo(
            photo, lambda decoded: self._engine.search_focused(decoded, text, count)
        )

    async def similar_images(self, image: str, count: int = MATCHES) -> tuple[Match, ...]:
        """Find images similar to one of the gallery; see `EngineAPI.similar_images`."""
        return await self._run_lookup(partial(self._engine.similar_images, image, count))

    async def explain(self, photo: bytes, caption: str = "") -> Explanation:
        """Draw what each word of a caption depends on; see `EngineAPI.explain`."""
        return await self._run_on_photo(
            photo,
            lambda decoded: self._engine.explain(decoded, caption),
            for_display=True,
            threads=self._drawing,
        )

    async def word_map(self) -> bytes:
        """Draw a map of words; see `EngineAPI.word_map`."""
        return await self._run_drawing(self._engine.word_map)

    async def image_map(self) -> bytes:
        """Draw a map of the gallery's images; see `EngineAPI.image_map`."""
        return await self._run_drawing(self._engine.image_map)

    async def word_points(self) -> tuple[Point, ...]:
        """Return the points of the map of words; see `EngineAPI.word_points`."""
        return await self._run_drawing(self._engine.word_points)

    async def image_points(self) -> tuple[Point, ...]:
        """Return the points of the map of images; see `EngineAPI.image_points`."""
        return await self._run_drawing(self._engine.image_points)

    async def sample(self, count: int = MATCHES) -> tuple[Match, ...]:
        """Pick images at random; see `EngineAPI.sample`."""
        return await self._run_lookup(partial(self._engine.sample, count))

    async def picture(self, image: str) -> bytes:
        """Return the file content of an image; see `EngineAPI.picture`."""
        return await self._reading.run(partial(self._engine.picture, image))

    async def album_photo(self, image: str) -> bytes:
        """Return an image as a photo for Telegram; see `EngineAPI.album_photo`."""
        picture = await self.picture(image)
        return await self._decoding.run(partial(self._engine.album_photo, picture))

    async def thumbnail(self, image: str, side: int) -> bytes:
        """Return an image as a small JPEG; see `EngineAPI.thumbnail`."""
        picture = await self.picture(image)
        return await self._run_lookup(partial(self._engine.thumbnail, picture, side))

    async def close(self) -> None:
        """Finish the current requests and release threads and processes; see `EngineAPI.close`."""
        self._indexing.cancel()
        if self._fetch:
            await asyncio.to_thread(self._fetch.close)
        for executor in (*(threads.executor for threads in self._watched), self._indexing.maintenance):
            await asyncio.to_thread(executor.shutdown, wait=True, cancel_futures=True)
        await asyncio.to_thread(self._engine.live_gallery.close)
        if self._decoders:
            await asyncio.to_thread(self._decoders.close)

    async def _run_on_photo(
        self,
        photo: bytes,
        method: Callable[[PhotoInput], T],
        *,
        for_display: bool = False,
        threads: WatchedThreads | None = None,
    ) -> T:
        """Decode a photo, then run a method on it in an inference thread.

        Args:
            photo: bytes of an image file, see `engine.photos.decoding`.
            method: takes the decoded photo.
            for_display: whether the method needs the image for people, too.
            threads: to run the method in others than the inference threads.
        """
        with self._admitted():
            decoded: PhotoInput = photo
            if self._decoders:
                decode = partial(
                    self._decoders.decode, photo, self._engine.image_size, for_display=for_display
                )
                decoded = await self._decoding.run(decode)
            return await (threads or self._inference).run(partial(method, decoded))

    async def _run(self, method: Callable[[], T]) -> T:
        """Run a method in an inference thread."""
        with self._admitted():
            return await self._inference.run(method)

    async def _run_drawing(self, method: Callable[[], T]) -> T:
        """Run a method that draws: one at a time, for minutes perhaps, while other requests are answered."""
        with self._admitted():
            return await self._drawing.run(method)

    async def _run_lookup(self, method: Callable[[], T]) -> T:
        """Run a short method in the lookup thread."""
        return await self._lookup.run(method)

    @contextmanager
    def _admitted(self) -> Iterator[None]:
        """Count a request while it waits or runs.

        Raises:
            BusyError: too many requests are waiting.
        """
        if self._requests > self._max_waiting:
            raise BusyError
        self._requests += 1
        try:
            yield
        finally:
            self._requests -= 1


async def open_engine(settings: EngineSettings) -> AsyncEngine:
    """Load an engine in a thread, warm it up, and wrap it.

    Raises:
        BrokenInstallationError: see `engine.service.Engine`.
        DecoderPoolError: no decoder process starts.
    """

    def load() -> tuple[Engine, DecoderPool]:
        with ExitStack() as on_failure:
            decoders = DecoderPool()
            on_failure.callback(decoders.close)
            decoders.warm()
            engine = Engine(settings, live=True, decode=decoders.decode)
            engine.warm()
            on_failure.pop_all()
        return engine, decoders

    engine, decoders = await asyncio.to_thread(load)
    return AsyncEngine(engine, settings.waiting, decoders, _fetch(settings, engine), settings.threads)


def _fetch(settings: EngineSettings, engine: Engine) -> Flickr8kFetch | None:
    """Start to fetch Flickr8K where there is no gallery, unless the host does not want that."""
    if not galleries.lacks_flickr8k(settings):
        return None
    if settings.fetch:
        return Flickr8kFetch(galleries.download_dir(settings), engine.live_gallery.scan_soon)
    log.info("A few starter photos are served. FLICKR8K_DIR or KINDRED_GALLERY can name a folder with more.")
    return None
