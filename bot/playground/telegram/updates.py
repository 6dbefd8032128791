"""The update queue behind getUpdates and webhooks: offsets, and one poller at a time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence

from bot.playground.telegram.api_errors import (
    POLL_CONFLICT,
    POLL_ENDED_BY_WEBHOOK,
    WEBHOOK_ACTIVE,
    ApiError,
)
from bot.playground.telegram.limits import POLL_SECONDS, UPDATES_PER_CALL
from bot.playground.telegram.parameters import Json

FIRST_UPDATE_ID = 100_000_001  # real ids start anywhere; a large one exposes code that assumes 1
OPT_IN_UPDATES = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
POLL_GAP_SECONDS = 3.0  # between two polls a bot may be away this long before it counts as offline


class UpdateQueue:
    """Updates a bot has not confirmed yet, oldest first.

    Attributes:
        pending: the Update objects
        allowed: the update types the bot asked for; empty: the default ones
        has_webhook: whether a webhook receives the updates
        changed: set once, and replaced, at every change
    """

    def __init__(self) -> None:
        self.pending: list[Json] = []
        self.allowed: frozenset[str] = frozenset()
        self.has_webhook = False
        self.changed = asyncio.Event()
        self._next_id = FIRST_UPDATE_ID
        self._poll = 0  # the number of the newest poll: an older one still waiting must end
        self._waiting_polls = 0
        self._last_poll_at = float("-inf")
        self._closed = False

    @property
    def is_polled(self) -> bool:
        """Return whether a bot is polling, now or a moment ago."""
        return bool(self._waiting_polls) or time.monotonic() - self._last_poll_at < POLL_GAP_SECONDS

    def put(self, kind: str, payload: Json) -> None:
        """Queue an update, unless the bot does not accept updates of this type."""
        accepted = kind in self.allowed if self.allowed else kind not in OPT_IN_UPDATES
        if accepted:
            self.pending.append({"update_id": self._next_id, kind: payload})
            self._next_id += 1
            self._notify()

    def drop(self) -> None:
        """Discard all pending updates."""
        self.pending.clear()

    def remove(self, update: Json) -> None:
        """Remove an update that was delivered."""
        self.pending = [other for other in self.pending if other is not update]
        self._notify()

    def set_webhook(self, active: bool) -> None:
        """Hand updates to a webhook from now on, or to polls again; a waiting poll ends."""
        self.has_webhook = active
        self._notify()

    def allow(self, kinds: Sequence[str]) -> None:
        """Set the accepted update types until the next such list."""
        self.allowed = frozenset(kinds)

    async def get(self, offset: int, limit: int, timeout: float) -> list[Json]:  # noqa: ASYNC109
        """Confirm the updates below the offset and return what is pending or soon arrives.

        Args:
            offset: id of the first update to return; negative: counted from the end
            limit: of the updates returned, 1 to 100
            timeout: seconds to wait where nothing is pending

        Raises:
            ApiError: a webhook is active, or a newer poll ended this one.
        """
        if self.has_webhook:
            raise ApiError(*WEBHOOK_ACTIVE)
        self._poll += 1
        self._notify()
        self._confirm(offset)
        with self._polling():
            await self._wait(self._poll, min(timeout, POLL_SECONDS))
        count = limit if 0 < limit <= UPDATES_PER_CALL else UPDATES_PER_CALL
        return self.pending[:count]

    def close(self) -> None:
        """Let the waiting poll return at once, with no updates."""
        self._closed = True
        self._notify()

    def _confirm(self, offset: int) -> None:
        if offset < 0:  # counted from the end: keep the last ones, discard the rest
            self.pending = self.pending[offset:]
        elif offset > 0:
            self.pending = [update for update in self.pending if update["update_id"] >= offset]

    async def _wait(self, poll: int, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0)):
                while not self.pending and not self._closed:
                    await self.changed.wait()
                    if self.has_webhook:
                        raise ApiError(*POLL_ENDED_BY_WEBHOOK)
                    if poll != self._poll:
                        raise ApiError(*POLL_CONFLICT)

    def _notify(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    @contextlib.contextmanager
    def _polling(self) -> Iterator[None]:
        self._waiting_polls += 1
        try:
            yield
        finally:
            self._waiting_polls -= 1
            self._last_poll_at = time.monotonic()
