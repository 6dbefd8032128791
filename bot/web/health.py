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
    """Probes the engine with a small query; one probe at a time, and its success is cached."""

    def __init__(self, engine: EngineAPI) -> None:
        self._engine = engine
        self._lock = asyncio.Lock()
        self._healthy_at = -CACHE_SECONDS

    async def is_healthy(self) -> bool:
        """Return whether the engine answers in time."""
        async with self._lock:
            if time.monotonic() - self._healthy_at > CACHE_SECONDS and await self._probe():
                self._healthy_at = time.monotonic()
            return time.monotonic() - self._healthy_at <= CACHE_SECONDS

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
