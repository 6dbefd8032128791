"""How fast the bot speaks, and what it does when Telegram does not answer as it should."""

from __future__ import annotations

import asyncio
import os
import random
import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import ExitStack, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any

import httpx
from telegram.error import BadRequest, ChatMigrated, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import BaseRateLimiter

from bot.sending.sliding_window import Chat, Limits, Window
from bot.storage.inbox import Inbox, Json, Reply
from bot.storage.outbox import Outbox, current, leaves_message

os.environ.setdefault("PTB_TIMEDELTA", "true")  # or PTB warns at each flood: seconds will be a timedelta

RESERVE = 10  # of all messages a second: albums leave so many to single messages
SLACK = 0.1  # seconds after a pause that Telegram asked for
LONGEST_PAUSE = 300.0  # seconds: who is told to wait longer gives up
FLOODS = 8  # times a call is told to wait before it gives up
FAILURES = 8  # times a call may fail while others get through
CUTS = 3  # times a message is sent again that may be there: each may leave one more of it
HALVES = 3  # times an album is sent again of which a part is there
LONGEST_BACKOFF = 30.0  # seconds between two tries
SETTLING = 1.5  # seconds: what a killed process had on its way may arrive so late
CHATS = 1_000  # remembered before idle ones are forgotten
FLOOD_AMID_ALBUM = re.compile(r"too many requests: retry after (\d+)", re.IGNORECASE)
THREAD_GONE = "thread not found"
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)  # nothing has left this machine
UNSENDABLE = (TypeError, ValueError)  # no request can be made of it: half a letter in a file id, say
UNLIMITED = frozenset({"getupdates", "sendchataction"})  # asked again by their own loops


@dataclass
class Call:
    """One call of a method, and what became of it so far."""

    send: Callable[[Json], Coroutine[Any, Any, Reply]]
    data: Json
    leaves_message: bool
    effects: Outbox | None  # of the update it helps to answer
    floods: int = 0
    halves: int = 0  # albums that may have arrived in part
    tries: int = 0  # that failed
    failures: int = 0  # of these, while others got through
    heard: int = -1  # how many calls had got through at the last failure
    cuts: int = 0  # times it may have been done, or not

    @property
    def chat(self) -> int | str | None:
        """Where it goes."""
        return self.data.get("chat_id")

    @property
    def patient(self) -> bool:
        """Whether it may take as long as Telegram is away: somebody waits for an answer."""
        return self.effects is not None

    @property
    def names_message(self) -> bool:
        """Whether it changes a message by its number, which in another chat is another one's."""
        return not self.leaves_message and "message_id" in self.data

    @property
    def messages(self) -> int:
        """How many messages it makes."""
        return len(self.data.get("media") or self.data.get("message_ids") or [0])


class RateLimiter(BaseRateLimiter[Any]):
    """Holds messages to Telegram's limits, and insists where that can do no harm.

    - 429 holds up the chat it names, and no other.
    - 400 amid an album: part of it is there, which part is not told; the album is sent again, a few times.
    - 400, no such topic: it was deleted; what was said there is answered outside of it.
    - Never connected: nothing was sent, and it is tried until it is.
    - An error of Telegram's: tried until it is over, or until others get through and this does not.
    - Cut off: done or not; a message is sent again a few times, everything else does no harm twice.
    - Timed out: probably done, and no message is sent again.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing sent."""
        self._limits = limits
        self._clock = clock
        self._chats: dict[int | str, Chat] = {}
        self._moved: dict[int | str, int] = {}
        self._overall = Window(limits.overall, 1, clock)
        self._albums = asyncio.Lock()  # those that wait for room among all messages, in order
        self._arrived = asyncio.Event()  # set once, and replaced, whenever something arrived
        self._heard = 0  # calls that got through

    async def recall(self, inbox: Inbox) -> None:
        """Count what a process before this one sent, as far as limits outlast it."""
        if await inbox.stirred():
            self._overall.close(SETTLING)
        for chat, messages, ago in await inbox.sent():
            for window in self._chat(chat).windows[1:]:
                window.remember(messages, max(ago - SETTLING, 0.0))

    async def initialize(self) -> None:
        """Do nothing."""

    async def shutdown(self) -> None:
        """Do nothing."""

    async def process_request(  # noqa: PLR0917 - PTB's
        self,
        callback: Callable[..., Coroutine[Any, Any, Reply]],
        args: Any,  # noqa: ANN401
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Any,  # noqa: ANN401
    ) -> Reply:
        """Call a method of the Bot API, in its turn; a message sent before a crash is not sent again."""

        async def send(given: Json) -> Reply:
            return await callback(endpoint, given, **kwargs)

        if endpoint.lower() in UNLIMITED:
            return await send(data)
        effects, speaks = current.get(), leaves_message(endpoint)
        call = Call(send, data, speaks, effects)
        if not speaks:
            return await self._insist(call)
        if effects is None:
            return await self._speak(call)
        return await effects.once(endpoint, lambda: self._speak(call))

    async def _speak(self, call: Call) -> Reply:
        async with self._chat(call.chat).turn:
            return await self._insist(call)

    async def _insist(self, call: Call) -> Reply:
        while True:
            if call.chat in self._moved and not call.names_message:
                call.data = call.data | {"chat_id": self._moved[call.chat], "reply_parameters": None}
                call.data = {name: value for name, value in call.data.items() if value is not None}
            try:
                async with self._room(call):
                    reply = await call.send(call.data)
                    self._heard += 1
                    return reply
            except TelegramError as error:
                pause = self._pause_after(error, call)
                if pause is None:
                    raise
            await asyncio.sleep(pause)

    @asynccontextmanager
    async def _room(self, call: Call) -> AsyncIterator[None]:
        """Wait until a call breaks no limit, and count it."""
        if not call.leaves_message:
            yield
            return
        each, *all_items = self._chat(call.chat).windows
        sizes = [(each, 1), *((window, call.messages) for window in all_items)]
        await self._until(lambda: max(window.pause(size) for window, size in sizes))
        album = call.messages > 1
        with ExitStack() as counted:
            async with self._albums if album else nullcontext():
                reserve = RESERVE if album else 0
                await self._until(lambda: self._overall.pause(call.messages, reserve))
                for window, size in [*sizes, (self._overall, call.messages)]:
                    counted.enter_context(window.taking(size))
            if all_items and call.effects and call.chat is not None:
                await call.effects.sending(call.chat, call.messages)
            try:
                yield
            finally:
                self._arrived.set()
                self._arrived = asyncio.Event()

    async def _until(self, pause_for: Callable[[], float]) -> None:
        while (pause := pause_for()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._arrived.wait()

    def _pause_after(self, error: TelegramError, call: Call) -> float | None:
        """Tell how long to wait before a call is tried again; None: it is not."""
        if isinstance(error, ChatMigrated):
            moved = call.chat is not None and call.chat not in self._moved and not call.names_message
            if moved and call.chat is not None:
                self._moved[call.chat] = error.new_chat_id
            return 0.0 if moved else None
        asked = _asked(error)
        if asked is not None:
            return self._hold_up(call, asked, amid_album=isinstance(error, BadRequest))
        if isinstance(error, BadRequest) and THREAD_GONE in error.message.lower():
            return 0.0 if call.data.pop("message_thread_id", None) else None
        if isinstance(error, BadRequest) or not isinstance(error, NetworkError):
            return None
        if isinstance(error.__cause__, UNSENDABLE):
            return None
        call.tries += 1
        if not call.patient or call.heard != self._heard:
            call.failures, call.heard = call.failures + 1, self._heard
        backoff = random.uniform(0, min(LONGEST_BACKOFF, 0.5 * 2**call.tries))
        return backoff if self._may_repeat(error, call) else None

    def _hold_up(self, call: Call, seconds: float, *, amid_album: bool) -> float | None:
        call.floods += 1
        call.halves += amid_album
        if seconds > LONGEST_PAUSE or call.floods > FLOODS or call.halves > HALVES:
            return None
        if call.chat is None:
            return seconds + SLACK
        self._chat(call.chat).windows[0].close(seconds + SLACK)
        return 0.0 if call.leaves_message else seconds + SLACK

    def _may_repeat(self, error: NetworkError, call: Call) -> bool:
        cause = error.__cause__
        if isinstance(cause, NOT_SENT):
            return call.patient
        if isinstance(error, TimedOut) and call.leaves_message:
            return False
        if isinstance(cause, httpx.HTTPError) and call.leaves_message:
            call.cuts += 1
            return call.cuts <= CUTS
        return call.failures < FAILURES

    def _chat(self, name: int | str | None) -> Chat:
        name = name or 0  # of messages that name no chat
        if name not in self._chats:
            if len(self._chats) >= CHATS:
                self._chats = {other: chat for other, chat in self._chats.items() if not chat.idle}
            private = isinstance(name, int) and name >= 0
            self._chats[name] = Chat.within(self._limits, self._clock, private=private)
        return self._chats[name]


def _asked(error: TelegramError) -> float | None:
    """Read the seconds to wait out of what Telegram said."""
    if isinstance(error, RetryAfter):
        asked = error.retry_after
        return float(asked) if isinstance(asked, int) else asked.total_seconds()
    found = FLOOD_AMID_ALBUM.search(error.message) if isinstance(error, BadRequest) else None
    return float(found[1]) if found else None
