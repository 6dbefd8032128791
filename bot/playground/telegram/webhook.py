"""A webhook: updates are posted to the bot's own server, each chat's in order, until it takes them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.playground.telegram.limits import WEBHOOK_FIRST_RETRY, WEBHOOK_LAST_RETRY, WEBHOOK_SECONDS
from bot.playground.telegram.parameters import Json
from bot.playground.telegram.updates import UpdateQueue

HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True)
class Hook:
    """Where and how updates are posted."""

    url: str
    secret: str
    connections: int


class Webhook:
    """Delivers what waits in a queue to one hook, until it is closed."""

    def __init__(self, hook: Hook, updates: UpdateQueue) -> None:
        self.hook = hook
        self.error = ""  # the last thing that went wrong
        self.error_at = 0
        self.failing = False
        self._updates = updates
        self._busy: dict[int, asyncio.Task[None]] = {}  # one delivery for each chat
        self._work = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop; what was not delivered stays in the queue."""
        tasks = [self._work, *self._busy.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        async with ClientSession(timeout=ClientTimeout(total=WEBHOOK_SECONDS)) as session:
            while True:
                changed = self._updates.changed
                for update in self._updates.pending:
                    chat = chat_of(update)
                    if chat not in self._busy and len(self._busy) < self.hook.connections:
                        self._busy[chat] = asyncio.create_task(self._deliver(session, update, chat))
                await changed.wait()

    async def _deliver(self, session: ClientSession, update: Json, chat: int) -> None:
        pause = WEBHOOK_FIRST_RETRY
        while update in self._updates.pending and not await self._accepted(session, update):
            await asyncio.sleep(pause)
            pause = min(2 * pause, WEBHOOK_LAST_RETRY)
        del self._busy[chat]
        self._updates.take_off(update)  # wakes the work, too

    async def _accepted(self, session: ClientSession, update: Json) -> bool:
        headers = {HEADER: self.hook.secret} if self.hook.secret else {}
        post = session.post(self.hook.url, json=update, headers=headers, allow_redirects=False)
        try:
            async with post as response:
                if response.ok and response.status < 300:
                    self.failing = False
                    return True
                self._failed(f"Wrong response from the webhook: {response.status} {response.reason}")
        except TimeoutError:
            self._failed("Read timeout expired")
        except ClientError as error:
            self._failed(f"Connection failed: {type(error).__name__}")
        return False

    def _failed(self, words: str) -> None:
        self.failing, self.error, self.error_at = True, words, int(time.time())


def chat_of(update: Json) -> int:
    """Name the chat whose order an update keeps; queries without one keep the person's."""
    (payload,) = (value for name, value in update.items() if name != "update_id")
    place: Json = payload.get("chat") or payload.get("message", {}).get("chat") or payload["from"]
    return int(place["id"])
