"""The queue behind getUpdates and webhooks, with Telegram's rules of offsets and of one poller at a time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence

from bot.playground.telegram.api_errors import CONFLICT, ENDED_BY_HOOK, HOOKED, Refused
from bot.playground.telegram.limits import POLL_SECONDS, UPDATES_PER_CALL
from bot.playground.telegram.parameters import Json

FIRST_UPDATE = 100_000_001  # real numbers start anywhere; a large one shows who assumed 1
ASKED_FOR_ONLY = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
PRESENCE_SECONDS = 3.0  # between two polls a bot may be away this long before it counts as gone


class UpdateQueue:
    """Updates a bot has not confirmed yet, oldest first."""

    def __init__(self) -> None:
        self.pending: list[Json] = []
        self.allowed: frozenset[str] = frozenset()
        self.hooked = False  # whether a webhook takes the updates
        self.changed = asyncio.Event()  # set once, and replaced, whenever something is different
        self._next = FIRST_UPDATE
        self._poll = 0  # the number of the newest poll: an older one still waiting must end
        self._waiting = 0
        self._left_at = float("-inf")
        self._closed = False

    @property
    def polled(self) -> bool:
        """Whether a bot is asking for updates, now or a moment ago."""
        return bool(self._waiting) or time.monotonic() - self._left_at < PRESENCE_SECONDS

    def put(self, kind: str, payload: Json) -> None:
        """Queue an update, unless the bot said that it does not want its kind."""
        wanted = kind in self.allowed if self.allowed else kind not in ASKED_FOR_ONLY
        if wanted:
            self.pending.append({"update_id": self._next, kind: payload})
            self._next += 1
            self._wake()

    def drop(self) -> None:
        """Forget everything that waits."""
        self.pending.clear()

    def take_off(self, update: Json) -> None:
        """Forget an update that was delivered."""
        self.pending = [other for other in self.pending if other is not update]
        self._wake()

    def hook(self, on: bool) -> None:
        """Give updates to a webhook from now on, or no longer; a poll that waits ends."""
        self.hooked = on
        self._wake()

    def allow(self, kinds: Sequence[str]) -> None:
        """Remember the kinds of update asked for; it holds until the next such list."""
        self.allowed = frozenset(kinds)

    async def get(self, offset: int, limit: int, timeout: float) -> list[Json]:  # noqa: ASYNC109
        """Confirm what lies below the offset, then answer with what waits or soon arrives."""
        if self.hooked:
            raise Refused(*HOOKED)
        self._poll += 1
        self._wake()
        self._confirm(offset)
        with self._present():
            await self._wait(self._poll, min(timeout, POLL_SECONDS))
        count = limit if 0 < limit <= UPDATES_PER_CALL else UPDATES_PER_CALL
        return self.pending[:count]

    def close(self) -> None:
        """Let the waiting poll return at once, empty-handed."""
        self._closed = True
        self._wake()

    def _confirm(self, offset: int) -> None:
        if offset < 0:  # counted from the end: keep the last ones, forget the rest
            self.pending = self.pending[offset:]
        elif offset > 0:
            self.pending = [update for update in self.pending if update["update_id"] >= offset]

    async def _wait(self, poll: int, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0)):
                while not self.pending and not self._closed:
                    await self.changed.wait()
                    if self.hooked:
                        raise Refused(*ENDED_BY_HOOK)
                    if poll != self._poll:
                        raise Refused(*CONFLICT)

    def _wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    @contextlib.contextmanager
    def _present(self) -> Iterator[None]:
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            self._left_at = time.monotonic()
