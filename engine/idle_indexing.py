"""Indexing of a gallery in the moments in which no request waits."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from engine.search.live_gallery import LiveGallery
from engine.watched_threads import WatchedThreads

log = logging.getLogger(__name__)

IDLE_INTERVAL = 0.5  # seconds between two checks whether the engine is idle, and has something to do
ERROR_PAUSE = 60.0  # seconds without indexing after an error that nobody foresaw
NICENESS = 10  # of the thread that maintains the gallery; people's answers come first


class IdleIndexing:
    """Brings a gallery up to date, one image after the other, while no request waits.

    Attributes:
        maintenance: an executor of one thread of low priority, which its owner shuts down.
    """

    def __init__(
        self, gallery: LiveGallery, is_busy: Callable[[], bool], decoding: Executor, inference: WatchedThreads
    ) -> None:
        """Start in the running event loop.

        Args:
            gallery: is brought up to date.
            is_busy: returns True while requests wait or run.
            decoding: reads and decodes images.
            inference: encodes them.
        """
        self._gallery, self._is_busy, self._decoding, self._inference = gallery, is_busy, decoding, inference
        self.maintenance = ThreadPoolExecutor(1, thread_name_prefix="gallery", initializer=_yield_to_others)
        self._loop = asyncio.get_running_loop()
        self._retry: asyncio.TimerHandle | None = None
        self._start()

    def cancel(self) -> None:
        """Begin no further step."""
        self._task.cancel()
        if self._retry:
            self._retry.cancel()

    def _start(self) -> None:
        self._task = self._loop.create_task(self._run())
        self._task.add_done_callback(self._start_again)

    def _start_again(self, task: asyncio.Task[None]) -> None:
        """After an error go on in a while; the gallery stays as it is, and is still served."""
        if not task.cancelled():
            log.error("The gallery could not be brought up to date", exc_info=task.exception())
            self._retry = self._loop.call_later(ERROR_PAUSE, self._start)

    async def _run(self) -> None:
        while True:
            if self._is_busy() or not await self._step():
                await asyncio.sleep(IDLE_INTERVAL)

    async def _step(self) -> bool:
        """Do one step for the gallery; return False if there is nothing to do.

        Only the network's share of it takes an inference thread, as long as for a photo without a caption.
        """
        has_more = await self._loop.run_in_executor(self.maintenance, self._gallery.maintain)
        image = self._gallery.next_image()
        if image is None:
            return has_more
        photo = await self._loop.run_in_executor(self._decoding, self._gallery.read, image)
        while self._is_busy():  # noqa: ASYNC110 - requests go first, and there is no event for their end
            await asyncio.sleep(IDLE_INTERVAL)
        await self._inference.run(partial(self._gallery.add, photo))
        return True


def _yield_to_others() -> None:
    """Lower the priority of the calling thread."""
    if sys.platform == "linux":  # elsewhere priorities belong to processes
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
