"""Webhook delivery: updates are posted to the bot's server, in order per chat, with retries."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.playground.telegram.limits import WEBHOOK_FIRST_RETRY, WEBHOOK_LAST_RETRY, WEBHOOK_SECONDS
from bot.playground.telegram.parameters import Json
from bot.playground.telegram.updates import UpdateQueue

SECRET_TOKEN_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name


@dataclass(frozen=True)
class WebhookConfig:
    """Where and how updates are posted, as setWebhook asked."""

    url: str
    secret_token: str
    max_connections: int


class Webhook:
    """Delivers the pending updates of a queue until it is closed."""

    def __init__(self, config: WebhookConfig, updates: UpdateQueue) -> None:
        self.failing = False
        self._config = config
        self._updates = updates
        self._deliveries: dict[int, asyncio.Task[None]] = {}  # one per chat
        self._task = asyncio.create_task(self._run())

    @property
    def url(self) -> str:
        """Return the address that updates are posted to."""
        return self._config.url

    async def close(self) -> None:
        """Stop; undelivered updates stay in the queue."""
        tasks = [self._task, *self._deliveries.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        async with ClientSession(timeout=ClientTimeout(total=WEBHOOK_SECONDS)) as session:
            while True:
                changed = self._updates.changed
                for update in self._updates.pending:
                    chat = chat_id_of(update)
                    if chat not in self._deliveries and len(self._deliveries) < self._config.max_connections:
                        self._deliveries[chat] = asyncio.create_task(self._deliver(session, update, chat))
                await changed.wait()

    async def _deliver(self, session: ClientSession, update: Json, chat: int) -> None:
        pause = WEBHOOK_FIRST_RETRY
        while update in self._updates.pending and not await self._post(session, update):
            await asyncio.sleep(pause)
            pause = min(2 * pause, WEBHOOK_LAST_RETRY)
        del self._deliveries[chat]
        self._updates.remove(update)  # wakes _run, too

    async def _post(self, session: ClientSession, update: Json) -> bool:
        headers = {SECRET_TOKEN_HEADER: self._config.secret_token} if self._config.secret_token else {}
        post = session.post(self._config.url, json=update, headers=headers, allow_redirects=False)
        try:
            async with post as response:
                self.failing = not 200 <= response.status < 300
        except (TimeoutError, ClientError):
            self.failing = True
        return not self.failing


def chat_id_of(update: Json) -> int:
    """Return the chat in whose order an update is delivered; for an inline query, the person's."""
    (payload,) = (value for name, value in update.items() if name != "update_id")
    chat: Json = payload.get("chat") or payload.get("message", {}).get("chat") or payload["from"]
    return int(chat["id"])
