"""Rate limiter of the bot's requests: holds messages to Telegram's limits and repeats failed calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import ExitStack, asynccontextmanager, nullcontext, suppress
from typing import Any

from telegram.error import TelegramError
from telegram.ext import BaseRateLimiter

from bot.sending.retry_policy import Call, RetryPolicy
from bot.sending.shared_limits import SharedLimits
from bot.sending.sliding_window import (
    OVERALL_PERIOD,
    ChatThrottle,
    Clock,
    SendLimits,
    SlidingWindow,
    is_private,
)
from bot.storage.inbox import Inbox, Json, Reply
from bot.storage.outbox import current_outbox, leaves_message

ALBUM_RESERVE = 10  # messages of each second that albums leave to single messages
IN_FLIGHT_SECONDS = 1.5  # what a killed process had sent may still arrive so much later
MAX_CHATS = 1_000  # remembered before idle ones are forgotten
UNLIMITED = frozenset({"getupdates", "sendchataction"})  # their own loops repeat them


async def wait_at_most(event: asyncio.Event, seconds: float) -> None:
    """Wait until an event is set or the seconds are over."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class RateLimiter(BaseRateLimiter[Any]):
    """Delays messages until no limit is exceeded; `RetryPolicy` says which failed calls are repeated."""

    def __init__(
        self,
        limits: SendLimits,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        wait: Callable[[asyncio.Event, float], Awaitable[None]] = wait_at_most,
        shared: SharedLimits | None = None,
    ) -> None:
        """Begin with nothing sent.

        Args:
            limits: How many messages may be sent.
            clock: Returns seconds; monotonic.
            sleep: Waits some seconds of that clock.
            wait: Waits for an event, some seconds of that clock at most.
            shared: The limits over all processes of the bot, if there are several.
        """
        self._limits = limits
        self._clock = clock
        self._sleep, self._wait = sleep, wait
        self._shared = shared
        self._retry_policy = RetryPolicy()
        self._chats: dict[int | str, ChatThrottle] = {}
        self._overall = SlidingWindow(limits.overall, OVERALL_PERIOD, clock)
        self._albums = SlidingWindow(limits.overall - ALBUM_RESERVE, OVERALL_PERIOD, clock)
        # Albums wait for the overall limit one after the other, and so do single messages.
        self._album_lock, self._single_lock = asyncio.Lock(), asyncio.Lock()
        self._booked = 0  # messages of the album that waits for the overall limit
        self._arrival = asyncio.Event()  # set, and replaced, whenever a request ends

    async def restore(self, inbox: Inbox) -> None:
        """Count what the previous process sent, as far as limits outlast it."""
        if await inbox.recently_active():
            self._overall.block(IN_FLIGHT_SECONDS)
        for chat, messages, seconds_ago in await inbox.recent_sends():
            for window in self._throttle(chat).windows[1:]:
                window.count_past(messages, max(seconds_ago - IN_FLIGHT_SECONDS, 0.0))

    async def initialize(self) -> None:
        """Do nothing; PTB calls it."""

    async def shutdown(self) -> None:
        """Do nothing; PTB calls it."""

    async def process_request(  # noqa: PLR0917 - PTB's
        self,
        callback: Callable[..., Coroutine[Any, Any, Reply]],
        args: Any,  # noqa: ANN401
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Any,  # noqa: ANN401
    ) -> Reply:
        """Call a Bot API method when limits allow; a message sent before a crash is not sent again."""

        async def send(parameters: Json) -> Reply:
            return await callback(endpoint, parameters, **kwargs)

        if endpoint.lower() in UNLIMITED:
            return await send(data)
        outbox, is_message = current_outbox.get(), leaves_message(endpoint)
        call = Call(send, data, is_message, outbox)
        if not is_message:
            return await self._send_with_retries(call)
        if outbox is None:
            return await self._send_in_order(call)
        return await outbox.send_once(endpoint, lambda: self._send_in_order(call))

    async def _send_in_order(self, call: Call) -> Reply:
        async with self._throttle(call.chat).lock:
            return await self._send_with_retries(call)

    async def _send_with_retries(self, call: Call) -> Reply:
        while True:
            self._retry_policy.redirect(call)
            try:
                async with self._within_limits(call):
                    reply = await call.send(call.data)
                    self._retry_policy.successes += 1
                    return reply
            except TelegramError as error:
                retry = self._retry_policy.after(error, call)
                if retry is None:
                    raise
            if retry.block_chat:
                self._throttle(call.chat).windows[0].block(retry.block_chat)
            await self._sleep(retry.delay)

    @asynccontextmanager
    async def _within_limits(self, call: Call) -> AsyncIterator[None]:
        """Wait until a call exceeds no limit, and count its messages while the block runs."""
        if not call.leaves_message:
            yield
            return
        burst, *per_message = self._throttle(call.chat).windows
        sizes = [(burst, 1), *((window, call.messages) for window in per_message)]
        await self._wait_while(lambda: max(window.delay(size) for window, size in sizes))
        is_album = call.messages > 1
        with ExitStack() as counted:
            async with self._album_lock if is_album else self._single_lock:
                await (self._wait_for_album(call.messages) if is_album else self._wait_for_single())
                overall = (self._overall, self._albums) if is_album else (self._overall,)
                for window, size in [*sizes, *((window, call.messages) for window in overall)]:
                    counted.enter_context(window.count(size))
            if per_message and call.outbox and call.chat is not None:
                await call.outbox.record_sending(call.chat, call.messages)
            try:
                async with self._shared.counted(call.chat, call.messages) if self._shared else nullcontext():
                    yield
            finally:
                self._announce()

    async def _wait_for_single(self) -> None:
        """Wait until a message fits the overall limit beside the album that waits."""
        await self._wait_while(lambda: self._overall.delay(1 + self._booked))

    async def _wait_for_album(self, messages: int) -> None:
        """Wait until an album fits the overall limit.

        It books its room: otherwise single messages, which need less, would always be faster. It does so
        once the albums before it leave enough to single messages, and not earlier.
        """
        await self._wait_while(lambda: self._albums.delay(messages))
        self._booked = messages
        try:
            await self._wait_while(lambda: self._overall.delay(messages))
        finally:
            self._booked = 0
            self._announce()  # an album that is cancelled frees its room

    def _announce(self) -> None:
        """Wake all that wait, to compute their delays anew."""
        self._arrival.set()
        self._arrival = asyncio.Event()

    async def _wait_while(self, delay: Callable[[], float]) -> None:
        """Wait until a delay is over; it is computed anew after each arrival."""
        while (seconds := delay()) > 0:
            await self._wait(self._arrival, seconds)

    def _throttle(self, chat: int | str | None) -> ChatThrottle:
        chat = chat or 0  # messages that name no chat share one throttle
        if chat not in self._chats:
            if len(self._chats) >= MAX_CHATS:
                self._chats = {other: known for other, known in self._chats.items() if not known.idle}
            self._chats[chat] = ChatThrottle.for_chat(self._limits, self._clock, private=is_private(chat))
        return self._chats[chat]
