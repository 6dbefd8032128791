"""The engine as the bot knows it, while replicas on Ray Serve answer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, nullcontext, suppress
from functools import partial
from typing import Any, cast

from engine.api import EngineAPI
from engine.cluster.connection import connected, import_ray
from engine.cluster.deployment import deploy
from engine.cluster.replica import METHODS
from engine.errors import BusyError, ClusterError
from engine.results import GalleryInfo
from engine.settings import EngineSettings

log = logging.getLogger(__name__)

ATTEMPTS = 2  # requests change nothing, so that one whose replica has died is made once more
# An answer asks for several of them at once. They wait here: in Ray's queue they would take the places of
# questions, of which `KINDRED_WAITING` may wait.
PICTURES = frozenset({"picture", "album_photo", "thumbnail"})
MAX_PICTURES = 10  # that replicas are asked for at once; half of the queue at most
GALLERY_INTERVAL = 5.0  # seconds between two looks at how far the gallery is indexed
GALLERY_TIMEOUT = 60.0  # seconds for the first look


class RayEngine:
    """An `engine.api.EngineAPI` that asks replicas: each of `METHODS` is a method here.

    Attributes:
        gallery: The gallery that is searched, as it was some seconds ago.
    """

    def __init__(
        self,
        handle: Any,  # noqa: ANN401 - Ray has no types
        gallery: GalleryInfo,
        waiting: int,
        connection: ExitStack,
    ) -> None:
        """Take the replicas, in the running event loop.

        Args:
            handle: `ray.serve.handle.DeploymentHandle` of `engine.cluster.replica.Replica`.
            gallery: as it is now.
            waiting: requests that Ray lets this process have waiting.
            connection: is closed with the engine.
        """
        self.gallery = gallery
        self._handle, self._connection, self._ray = handle, connection, import_ray()
        self._reading = asyncio.Semaphore(max(1, min(MAX_PICTURES, waiting // 2)))
        self._pending = 0
        self._last_answer = 0.0  # monotonic time of it, or of the first request after an idle time
        self._following = asyncio.get_running_loop().create_task(self._follow_gallery())

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        if name not in METHODS:
            raise AttributeError(name)
        return partial(self._ask, name)

    @property
    def stalled_for(self) -> float:
        """Seconds since the last answer while a request waits; see `EngineAPI.stalled_for`."""
        return time.monotonic() - self._last_answer if self._pending else 0.0

    async def close(self) -> None:
        """Leave Ray; one that was started for this process ends."""
        self._following.cancel()
        await asyncio.to_thread(self._connection.close)

    async def _ask(self, method: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - that of the method
        """Ask a replica, and another one if it dies.

        Raises:
            BusyError: too many requests wait, or two replicas died of this one.
        """
        if not self._pending:
            self._last_answer = time.monotonic()
        self._pending += 1
        try:
            async with self._reading if method in PICTURES else nullcontext():
                return await self._attempt(method, args, kwargs)
        finally:
            self._pending -= 1

    async def _attempt(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401
        from ray.serve.exceptions import RayServeException

        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = await self._handle.ask.remote(method, *args, **kwargs)
            except self._ray.exceptions.RayTaskError as error:
                self._last_answer = time.monotonic()
                raise error.cause from None
            except RayServeException as error:  # the queue is full, or no replica can be started
                log.debug("%s: %s", method, error)
                raise BusyError from None
            except self._ray.exceptions.RayError as error:  # the replica, its machine or its answer is lost
                log.warning("%s: attempt %d: %s", method, attempt, type(error).__name__)
            else:
                self._last_answer = time.monotonic()
                return answer
        raise BusyError

    async def _follow_gallery(self) -> None:
        from ray.serve.exceptions import RayServeException

        while True:
            await asyncio.sleep(GALLERY_INTERVAL)
            with suppress(self._ray.exceptions.RayError, RayServeException):  # the next look may succeed
                self.gallery = await self._handle.gallery.remote()


async def open_ray_engine(settings: EngineSettings) -> EngineAPI:
    """Connect to Ray, deploy the engine unless it runs already, and return it.

    Raises:
        ClusterError: Ray cannot be reached, or no replica starts.
    """

    def open_() -> tuple[Any, GalleryInfo, ExitStack]:
        with ExitStack() as connection:
            connection.enter_context(connected(settings))
            handle = deploy(settings)
            try:
                gallery = handle.gallery.remote().result(timeout_s=GALLERY_TIMEOUT)
            except TimeoutError as error:
                raise ClusterError("No replica answers. python -m bot check says how many run.") from error
            return handle, gallery, connection.pop_all()

    handle, gallery, connection = await asyncio.to_thread(open_)
    return cast("EngineAPI", RayEngine(handle, gallery, settings.waiting, connection))
