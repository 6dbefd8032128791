"""Health check of the engine."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from engine import api
from engine.api import EngineAPI
from engine.errors import BadInputError, BusyError

ANSWER_TIMEOUT: Final = 10.0  # seconds; while a map is drawn or many photos wait, an answer takes longer
CACHE_SECONDS: Final = 5.0  # one probe in this time, so that health checks cannot keep the engine busy


class HealthCheck:
    """Probes the engine with a small query; who asks meanwhile waits for the same probe."""

    def __init__(self, engine: EngineAPI) -> None:
        self._engine = engine
        self._probing: asyncio.Task[bool] | None = None
        self._healthy_at = -CACHE_SECONDS

    async def is_healthy(self) -> bool:
        """Return whether the engine answers in time; it is known after `ANSWER_TIMEOUT` at the latest."""
        if time.monotonic() - self._healthy_at <= CACHE_SECONDS:
            return True
        if self._probing is None or self._probing.done():
            self._probing = asyncio.create_task(self._probe())
        healthy = await asyncio.shield(self._probing)  # one client that leaves ends it for no other
        if healthy:
            self._healthy_at = time.monotonic()
        return healthy

    async def _probe(self) -> bool:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                await self._engine.find("a dog", 1)
        except BadInputError:
            return True  # an error is an answer, too
        except BusyError:
            return self._engine.stalled_for <= api.HANG_TIMEOUT
        except TimeoutError:
            return 0 < self._engine.stalled_for <= api.HANG_TIMEOUT
        except RuntimeError:  # no thread can be started
            return False
        return True
