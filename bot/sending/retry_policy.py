"""Retry policy: which failed Bot API calls are repeated, how often, and after how long.

- 429 (flood control): after `retry_after` seconds; the chat it names is blocked, no other.
- 400 in the middle of an album, with `retry_after`: an unknown part of the album has arrived, and all of it
  is sent again, a few times.
- 400, no such topic: the topic was deleted; the message goes to the chat itself.
- Group migrated to a supergroup: its new id is used from then on.
- No connection: nothing was sent, so an answer is repeated until it is.
- 5xx: repeated until it is over, or until other calls succeed and this one does not.
- Connection lost: the call may have been executed; a message is repeated a few times, everything else is
  idempotent.
- Timed out: the call was probably executed, and no message is repeated.

Pauses after errors without `retry_after` grow exponentially, with full jitter.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx
from telegram.error import BadRequest, ChatMigrated, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.storage.inbox import Json, Reply
from bot.storage.outbox import Outbox

os.environ.setdefault("PTB_TIMEDELTA", "true")  # without it PTB warns that seconds become a timedelta

RETRY_AFTER_MARGIN = 0.1  # seconds added to a pause that Telegram asked for
MAX_RETRY_AFTER = 300.0  # seconds; a call that is to wait longer fails
MAX_FLOOD_WAITS = 8  # times one call waits for flood control
MAX_FAILURES = 8  # failures of one call while other calls succeed
MAX_UNCERTAIN_SENDS = 3  # repeats of a message that may have arrived: each may leave a duplicate
MAX_PARTIAL_ALBUMS = 3  # repeats of an album of which a part has arrived
FIRST_BACKOFF = 0.5  # seconds
MAX_BACKOFF = 30.0  # seconds between two attempts
ALBUM_FLOOD = re.compile(r"too many requests: retry after (\d+)", re.IGNORECASE)
TOPIC_NOT_FOUND = "thread not found"
NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)  # nothing has left this machine
NOT_SERIALIZABLE = (TypeError, ValueError)  # no request can be built: a lone surrogate in a file id, say


@dataclass
class Call:
    """One Bot API call, and the history of its attempts.

    Attributes:
        send: Sends the request.
        data: The method's parameters.
        leaves_message: Whether the method puts a message into a chat.
        outbox: The outbox of the update that the call helps to answer, if any.
        flood_waits: How often flood control made it wait.
        partial_albums: How often an album may have arrived in part.
        attempts: Failed attempts.
        failures: Failed attempts that count against `MAX_FAILURES`.
        successes_at_failure: `RetryPolicy.successes` at the last failure.
        uncertain_sends: How often its message may have arrived, or not.
    """

    send: Callable[[Json], Coroutine[Any, Any, Reply]]
    data: Json
    leaves_message: bool
    outbox: Outbox | None
    flood_waits: int = 0
    partial_albums: int = 0
    attempts: int = 0
    failures: int = 0
    successes_at_failure: int = -1
    uncertain_sends: int = 0

    @property
    def chat(self) -> int | str | None:
        """Return the chat that the call names."""
        return self.data.get("chat_id")

    @property
    def outlasts_outages(self) -> bool:
        """Return whether it is repeated as long as Telegram is away: a person waits for the answer."""
        return self.outbox is not None

    @property
    def refers_to_message(self) -> bool:
        """Return whether it changes a message by its id, which is another message in another chat."""
        return not self.leaves_message and "message_id" in self.data

    @property
    def messages(self) -> int:
        """Return how many messages it sends."""
        return len(self.data.get("media") or self.data.get("message_ids") or [0])


@dataclass(frozen=True, slots=True)
class Retry:
    """The decision to repeat a call.

    Attributes:
        delay: Seconds before the next attempt.
        block_chat: Seconds for which nothing may be sent to the call's chat.
    """

    delay: float = 0.0
    block_chat: float = 0.0


@dataclass
class RetryPolicy:
    """Decides what follows a failed call.

    Attributes:
        successes: Calls that succeeded.
        migrated_chats: The new ids of groups that became supergroups.
    """

    successes: int = 0
    migrated_chats: dict[int | str, int] = field(default_factory=dict)

    def redirect(self, call: Call) -> None:
        """Address a call for a migrated group to its supergroup."""
        if call.chat in self.migrated_chats and not call.refers_to_message:
            # The message that is replied to has another id there.
            data = call.data | {"chat_id": self.migrated_chats[call.chat], "reply_parameters": None}
            call.data = {name: value for name, value in data.items() if value is not None}

    def after(self, error: TelegramError, call: Call) -> Retry | None:
        """Decide whether a call that failed is repeated, and count the failure.

        Returns:
            None if the error is final.
        """
        if isinstance(error, ChatMigrated):
            return self._migrated(error, call)
        retry_after = _retry_after(error)
        if retry_after is not None:
            return _flood_controlled(call, retry_after, album=isinstance(error, BadRequest))
        if isinstance(error, BadRequest) and TOPIC_NOT_FOUND in error.message.lower():
            return Retry() if call.data.pop("message_thread_id", None) else None
        if isinstance(error, BadRequest) or not isinstance(error, NetworkError):
            return None
        if isinstance(error.__cause__, NOT_SERIALIZABLE):
            return None
        call.attempts += 1
        if not call.outlasts_outages or call.successes_at_failure != self.successes:
            call.failures, call.successes_at_failure = call.failures + 1, self.successes
        return Retry(_backoff(call.attempts)) if _may_repeat(error, call) else None

    def _migrated(self, error: ChatMigrated, call: Call) -> Retry | None:
        if call.chat is None or call.chat in self.migrated_chats or call.refers_to_message:
            return None
        self.migrated_chats[call.chat] = error.new_chat_id
        return Retry()


def _flood_controlled(call: Call, seconds: float, *, album: bool) -> Retry | None:
    call.flood_waits += 1
    call.partial_albums += album
    if (
        seconds > MAX_RETRY_AFTER
        or call.flood_waits > MAX_FLOOD_WAITS
        or call.partial_albums > MAX_PARTIAL_ALBUMS
    ):
        return None
    pause = seconds + RETRY_AFTER_MARGIN
    if call.chat is None:
        return Retry(delay=pause)
    # A message waits for the blocked chat anyway.
    return Retry(delay=0.0 if call.leaves_message else pause, block_chat=pause)


def _may_repeat(error: NetworkError, call: Call) -> bool:
    cause = error.__cause__
    if isinstance(cause, NOT_CONNECTED):
        return call.outlasts_outages
    if isinstance(error, TimedOut) and call.leaves_message:
        return False
    if isinstance(cause, httpx.HTTPError) and call.leaves_message:
        call.uncertain_sends += 1
        return call.uncertain_sends <= MAX_UNCERTAIN_SENDS
    return call.failures < MAX_FAILURES


def _backoff(attempts: int) -> float:
    return random.uniform(0, min(MAX_BACKOFF, FIRST_BACKOFF * 2**attempts))


def _retry_after(error: TelegramError) -> float | None:
    """Return the seconds that Telegram asks to wait, if it does."""
    if isinstance(error, RetryAfter):
        seconds = error.retry_after
        return float(seconds) if isinstance(seconds, int) else seconds.total_seconds()
    match = ALBUM_FLOOD.search(error.message) if isinstance(error, BadRequest) else None
    return float(match[1]) if match else None
