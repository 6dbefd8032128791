"""Whether the engine still answers."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from engine import api
from engine.api import EngineAPI
from engine.errors import BadInputError, BusyError

SECONDS: Final = 10.0  # for an answer; one that draws a map, or has many photos waiting, takes longer
FRESH: Final = 5.0  # seconds that an answer counts: nobody can keep the engine busy by asking how it is


class Health:
    """Asks the engine something small, as everybody does; one look at a time."""

    def __init__(self, engine: EngineAPI) -> None:
        self._engine = engine
        self._looking = asyncio.Lock()
        self._well = -FRESH

    async def is_well(self) -> bool:
        """Tell whether the engine answers in good time."""
        async with self._looking:
            if time.monotonic() - self._well > FRESH and await self._answers():
                self._well = time.monotonic()
            return time.monotonic() - self._well <= FRESH

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(SECONDS):
                await self._engine.find("a dog", 1)
        except BadInputError:
            return True  # that is an answer, too
        except BusyError:
            return self._engine.stalled_for <= api.HANG_TIMEOUT
        except TimeoutError:
            return 0 < self._engine.stalled_for <= api.HANG_TIMEOUT
        except RuntimeError:  # no thread can be started
            return False
        return True
