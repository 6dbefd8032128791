"""A replica: one engine in a process that Ray Serve starts, watches and replaces."""

from __future__ import annotations

import logging
from inspect import iscoroutinefunction
from typing import Any

from engine.api import HANG_TIMEOUT, EngineAPI
from engine.errors import EngineHungError
from engine.results import GalleryInfo
from engine.settings import EngineSettings

# What can be asked of a replica: requests of the engine's interface, each of which may be repeated.
METHODS = frozenset(name for name, one in vars(EngineAPI).items() if iscoroutinefunction(one)) - {"close"}


class Replica:
    """Answers the methods of `engine.api.EngineAPI`."""

    async def __init__(self, settings: EngineSettings) -> None:  # type: ignore[misc]  # Ray awaits it
        """Load an engine, and warm it up.

        Raises:
            BrokenInstallationError: see `engine.service.Engine`.
        """
        logging.basicConfig(level=logging.INFO)
        self._engine: EngineAPI = await self._open(settings)

    async def ask(self, method: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - that of the method
        """Answer one of `METHODS`."""
        if method not in METHODS:
            raise AttributeError(method)
        return await getattr(self._engine, method)(*args, **kwargs)

    async def gallery(self) -> GalleryInfo:
        """Return the gallery that is searched."""
        return self._engine.gallery

    def check_health(self) -> None:
        """Let Ray replace this replica once its engine hangs.

        Raises:
            EngineHungError: it hangs.
        """
        if self._engine.stalled_for > HANG_TIMEOUT:
            raise EngineHungError("The engine does not answer any more.")

    async def _open(self, settings: EngineSettings) -> EngineAPI:
        from engine.cluster.replica_engine import open_replica_engine  # not needed where requests come from

        return await open_replica_engine(settings)
