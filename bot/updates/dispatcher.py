"""Dispatcher: one fair queue per chat, many chats at once, buttons and inline queries ahead of them."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Coroutine, Hashable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from telegram import Update
from telegram.constants import ChatType

from bot.sending.rate_limiter import RateLimiter
from bot.storage.inbox import Inbox
from bot.storage.outbox import use_outbox
from bot.types import KindredApplication
from handlers.middleware.errors import DeferredError

logger = logging.getLogger(__name__)

BUTTON_SLOTS = 16  # presses answered at once, beside everything else: the button spins meanwhile
BUTTON_QUEUES_PER_USER = 3  # presses of one person answered at once
BUSY_QUEUE_LENGTH = 10  # waiting updates of a chat before it is told how long it takes: more than an album
MAX_QUEUE_LENGTH = 300  # waiting updates of a chat: further ones are refused
CANCEL_TIMEOUT = 1.0  # seconds that cancelled answers have to end, when the bot stops
NOTICE_INTERVAL = 60.0  # seconds between two equal notices to a chat
# Attempts at an update before it is given up: one that crashes the process must not do so for ever. An
# update that was merely in progress in ten crashes in a row is very unlikely.
MAX_ATTEMPTS = 10
INITIAL_ANSWER_SECONDS = 2.0  # the estimate before anything was answered
ANSWER_SECONDS_WEIGHT = 0.2  # of the newest answer in the moving average


@dataclass(slots=True)
class ChatQueue:
    """The waiting updates of one chat, or of one person's buttons.

    Attributes:
        slots: One of them is needed to answer.
        waiting: Updates that wait for their turn.
        media_group: The id of the album that is being answered.
        running: The tasks that answer, by update id; an album's updates are answered together.
        notified_at: When the chat got each notice, by its key.
    """

    slots: asyncio.Semaphore
    waiting: deque[Update] = field(default_factory=deque)
    media_group: str | None = None
    running: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    notified_at: dict[str, float] = field(default_factory=dict)


class Dispatcher:
    """Hands updates to the application: one at a time per chat, in order; an album counts as one.

    Chats wait for a slot in turn, and hold one at most: two hundred photos of one chat delay the photo of
    another by a single one. Buttons and inline queries have queues and slots of their own, three a person:
    they overtake what waits, because they refer to messages that are already there.
    """

    def __init__(
        self,
        application: KindredApplication,
        inbox: Inbox,
        concurrency: int,
    ) -> None:
        """Take an application that is ready to answer, and the inbox that stores its updates.

        Args:
            application: Answers the updates.
            inbox: Stores the updates until they are answered.
            concurrency: How many chats are answered at once.
        """
        self.application = application
        self.inbox = inbox
        self._queues: dict[Hashable, ChatQueue] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._concurrency = concurrency
        self._slots = asyncio.Semaphore(concurrency)
        self._button_slots = asyncio.Semaphore(BUTTON_SLOTS)
        self._crash_suspects: frozenset[int] = frozenset()
        self._suspect_lock = asyncio.Lock()  # one suspect at a time, so that a crash shows which it was
        self._answer_seconds = INITIAL_ANSWER_SECONDS
        self._closed = False

    @property
    def waiting(self) -> int:
        """Return the number of updates that are not answered yet."""
        return sum(len(queue.waiting) + len(queue.running) for queue in self._queues.values())

    @property
    def has_free_slots(self) -> bool:
        """Return whether one more chat would be answered at once."""
        return len(self._queues) < self._concurrency

    async def restore(self) -> None:
        """Load what the inbox holds of earlier processes."""
        await self.note_crash_suspects()
        if isinstance(limiter := self.application.bot.rate_limiter, RateLimiter):
            await limiter.restore(self.inbox)

    async def note_crash_suspects(self) -> None:
        """Load which updates may crash the process."""
        self._crash_suspects = await self.inbox.crash_suspects()

    def put(self, update: Update, *, restored: bool = False) -> None:
        """Queue an update; a `restored` one comes from an earlier process and is never refused."""
        if self._closed:
            return
        key = _queue_key(update)
        queue = self._queues.get(key)
        if queue is None:
            slots = self._button_slots if _has_priority(update) else self._slots
            queue = self._queues[key] = ChatQueue(slots, deque([update]))
            self._start(self._drain(key, queue))
        elif queue.media_group and queue.media_group == _media_group(update):
            self._run(queue, update)
        elif len(queue.waiting) >= MAX_QUEUE_LENGTH and not restored:
            logger.warning("A chat has %d updates waiting: one more is refused", MAX_QUEUE_LENGTH)
            self._start(self.inbox.mark_answered([update.update_id]))
            self._notify(queue, update, DeferredError("queue-full"))
        else:
            queue.waiting.append(update)
            if len(queue.waiting) > BUSY_QUEUE_LENGTH and not restored:
                seconds = math.ceil(len(queue.waiting) * self._answer_seconds)
                self._notify(queue, update, DeferredError("busy-for", seconds=seconds))

    async def close(self, grace: float) -> None:
        """Start nothing more, and wait for running answers; the inbox keeps the rest.

        Args:
            grace: Seconds after which running answers are cancelled.
        """
        self._closed = True
        for queue in self._queues.values():
            queue.waiting.clear()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        if self._tasks:
            logger.warning("%d answers are not finished, and will be after the next start", self.waiting)
        await self._cancel()

    async def abandon(self) -> None:
        """Cancel all answers and forget what waits: other processes have taken it over."""
        for queue in self._queues.values():
            queue.waiting.clear()
        await self._cancel()

    async def _cancel(self) -> None:
        unfinished = [*self._tasks]
        for task in unfinished:
            task.cancel()
        if unfinished:
            await asyncio.wait(unfinished, timeout=CANCEL_TIMEOUT)

    async def _drain(self, key: Hashable, queue: ChatQueue) -> None:
        """Answer a queue's updates one after the other until none waits."""
        try:
            while queue.waiting:
                async with queue.slots:
                    await self._run_next(queue)
        finally:
            del self._queues[key]
            if queue.waiting:  # an error that is logged: the chat's further updates are answered
                self._queues[key] = queue
                self._start(self._drain(key, queue))

    async def _run_next(self, queue: ChatQueue) -> None:
        if not queue.waiting:  # the dispatcher was closed meanwhile
            return
        started_at = time.monotonic()
        queue.media_group = _media_group(queue.waiting[0])
        self._run(queue, queue.waiting.popleft())
        while queue.media_group and queue.waiting and _media_group(queue.waiting[0]) == queue.media_group:
            self._run(queue, queue.waiting.popleft())
        try:
            while unfinished := [task for task in queue.running.values() if not task.done()]:
                await asyncio.wait(unfinished)  # further photos of the album may have come meanwhile
        finally:
            answered, queue.media_group, queue.running = [*queue.running], None, {}
        await self.inbox.mark_answered(answered)
        self._answer_seconds += ANSWER_SECONDS_WEIGHT * (time.monotonic() - started_at - self._answer_seconds)

    def _run(self, queue: ChatQueue, update: Update) -> None:
        queue.running[update.update_id] = self._start(self._answer(update))

    async def _answer(self, update: Update) -> None:
        async with self._suspect_lock if update.update_id in self._crash_suspects else nullcontext():
            await self._attempt(update)

    async def _attempt(self, update: Update) -> None:
        attempts = await self.inbox.start_attempt(update.update_id)
        if attempts >= MAX_ATTEMPTS:
            logger.error(
                "Update %d brought no answer in %d tries and is given up", update.update_id, attempts
            )
            await self.application.process_error(update, DeferredError("retries-exhausted"))
            return
        async with use_outbox(self.inbox, update.update_id, retried=attempts > 0):
            await self.application.process_update(update)

    def _notify(self, queue: ChatQueue, update: Update, notice: DeferredError) -> None:
        """Send a notice to a private chat, each kind once in `NOTICE_INTERVAL`."""
        now, chat = time.monotonic(), update.effective_chat
        if chat is None or chat.type != ChatType.PRIVATE:
            return
        if now - queue.notified_at.get(notice.key, -math.inf) >= NOTICE_INTERVAL:
            queue.notified_at[notice.key] = now
            self._start(self.application.process_error(update, notice))

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finish)
        return task

    def _finish(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("An update could not be answered", exc_info=error)


def _queue_key(update: Update) -> Hashable:
    if _has_priority(update):
        return update.effective_user, update.update_id % BUTTON_QUEUES_PER_USER
    return update.effective_chat


def _has_priority(update: Update) -> bool:
    return bool(update.callback_query or update.inline_query)


def _media_group(update: Update) -> str | None:
    return update.message.media_group_id if update.message else None
