"""Who is answered when: a chat's updates one after the other, chats side by side and in turn."""

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
from bot.storage.outbox import answering
from bot.types import KindredApplication
from handlers.errors import DeferredError

logger = logging.getLogger(__name__)

PRESSES = 16  # answered at once, beside everything else: somebody looks at a button that turns
PRESSES_EACH = 3  # of one person
BUSY = 10  # updates of a chat that may wait before it is told for how long: more than an album
MOST = 300  # of a chat: more are refused
TOLD_EVERY = 60.0  # seconds
# Times an update is taken up before it comes as far as an answer: one that brings the process down must not
# do so for ever, and one that was only in hand ten times in a row is hardly ever met.
TRIES = 10
USUAL = 2.0  # seconds until an update is answered, before that is known
WEIGHT = 0.2  # of the newest answer in the mean of all


@dataclass(slots=True)
class ChatQueue:
    """What waits for its turn behind each other."""

    places: asyncio.Semaphore  # one of them is needed for a turn
    waiting: deque[Update] = field(default_factory=deque)
    album: str | None = None  # the album whose turn it is
    pieces: dict[int, asyncio.Task[None]] = field(default_factory=dict)  # updates whose turn it is
    told: dict[str, float] = field(default_factory=dict)  # when the chat was told what


class Dispatcher:
    """Answers updates. A chat has one turn at a time; an album's pieces share one.

    Turns wait for a place in order, and each chat for one at most: two hundred photos of one chat hold up
    another chat's one by a single photo. Presses of buttons and inline queries take no turn of the chat:
    three of one person at a time overtake what waits, since their answers hang on messages that stand.
    """

    def __init__(self, application: KindredApplication, inbox: Inbox, concurrency: int) -> None:
        """Take an application that is ready to answer, and the inbox where its updates stand."""
        self.application = application
        self.inbox = inbox
        self._lanes: dict[Hashable, ChatQueue] = {}
        self._work: set[asyncio.Task[Any]] = set()
        self._places = asyncio.Semaphore(concurrency)
        self._swift_places = asyncio.Semaphore(PRESSES)
        self._suspects: frozenset[int] = frozenset()
        self._alone = asyncio.Lock()  # one suspect at a time: it alone is to blame then
        self._usual = USUAL
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many updates are not answered yet."""
        return sum(len(lane.waiting) + len(lane.pieces) for lane in self._lanes.values())

    async def recall(self) -> None:
        """Remember what the inbox knows of the time before this process."""
        self._suspects = await self.inbox.suspects()
        if isinstance(limiter := self.application.bot.rate_limiter, RateLimiter):
            await limiter.recall(self.inbox)

    def put(self, update: Update, *, known: bool = False) -> None:
        """Take in an update, to be answered in its turn; one that is `known` from before is not refused."""
        if self._closed:
            return
        name = _lane_of(update)
        lane = self._lanes.get(name)
        if lane is None:
            places = self._swift_places if _overtakes(update) else self._places
            lane = self._lanes[name] = ChatQueue(places, deque([update]))
            self._start(self._drive(name, lane))
        elif lane.album and lane.album == _album_of(update):
            self._begin(lane, update)
        elif len(lane.waiting) >= MOST and not known:
            logger.warning("A chat has %d updates waiting: one more is refused", MOST)
            self._start(self.inbox.done([update.update_id]))
            self._tell(lane, update, DeferredError("queue-full"))
        else:
            lane.waiting.append(update)
            if len(lane.waiting) > BUSY and not known:
                self._tell(
                    lane,
                    update,
                    DeferredError("busy-for", seconds=math.ceil(len(lane.waiting) * self._usual)),
                )

    async def close(self, grace: float) -> None:
        """Begin nothing more, and let what was begun end, within `grace`; the inbox keeps the rest."""
        self._closed = True
        for lane in self._lanes.values():
            lane.waiting.clear()
        if self._work:
            await asyncio.wait(self._work, timeout=grace)
        if self._work:
            logger.warning("%d answers are not finished, and will be after the next start", self.waiting)
        unfinished = [*self._work]
        for work in unfinished:
            work.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    async def _drive(self, name: Hashable, lane: ChatQueue) -> None:
        """Give one turn after the other, until nothing waits."""
        while lane.waiting:
            async with lane.places:
                await self._turn(lane)
        del self._lanes[name]

    async def _turn(self, lane: ChatQueue) -> None:
        if not lane.waiting:  # the bot stops
            return
        begun = time.monotonic()
        lane.album = _album_of(lane.waiting[0])
        self._begin(lane, lane.waiting.popleft())
        while lane.album and lane.waiting and _album_of(lane.waiting[0]) == lane.album:
            self._begin(lane, lane.waiting.popleft())
        while unfinished := [piece for piece in lane.pieces.values() if not piece.done()]:
            await asyncio.wait(unfinished)  # more may have come meanwhile
        answered, lane.album, lane.pieces = [*lane.pieces], None, {}
        await self.inbox.done(answered)
        self._usual += WEIGHT * (time.monotonic() - begun - self._usual)

    def _begin(self, lane: ChatQueue, update: Update) -> None:
        lane.pieces[update.update_id] = self._start(self._answer(update))

    async def _answer(self, update: Update) -> None:
        async with self._alone if update.update_id in self._suspects else nullcontext():
            await self._try(update)

    async def _try(self, update: Update) -> None:
        tries = await self.inbox.begin(update.update_id)
        if tries >= TRIES:
            logger.error("Update %d brought no answer in %d tries and is given up", update.update_id, tries)
            await self.application.process_error(update, DeferredError("retries-exhausted"))
            return
        async with answering(self.inbox, update.update_id, again=tries > 0):
            await self.application.process_update(update)

    def _tell(self, lane: ChatQueue, update: Update, held: DeferredError) -> None:
        """Say something to a person, once in a while."""
        now, chat = time.monotonic(), update.effective_chat
        if chat is None or chat.type != ChatType.PRIVATE:
            return
        if now - lane.told.get(held.key, -math.inf) >= TOLD_EVERY:
            lane.told[held.key] = now
            self._start(self.application.process_error(update, held))

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._work.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("An update could not be answered", exc_info=error)


def _lane_of(update: Update) -> Hashable:
    if _overtakes(update):
        return update.effective_user, update.update_id % PRESSES_EACH
    return update.effective_chat


def _overtakes(update: Update) -> bool:
    return bool(update.callback_query or update.inline_query)


def _album_of(update: Update) -> str | None:
    return update.message.media_group_id if update.message else None
