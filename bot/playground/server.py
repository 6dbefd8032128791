"""A local Telegram: a Bot API server and a chat page, without a token and without an account.

The real bot uses it over HTTP, as it uses Telegram:

    async with Playground() as playground:
        builder.token(playground.token).base_url(playground.base_url).base_file_url(playground.base_file_url)
"""

from __future__ import annotations

import secrets
import time
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.http.guard import LOOPBACK_ADDRESS, WILDCARD_ADDRESSES, add_security_headers, guard_middleware
from bot.playground.bot_api import BotApi
from bot.playground.fault_injection import Faults
from bot.playground.page_api.routes import PageApi
from bot.playground.people.client import Session
from bot.playground.people.group import Group, make_group
from bot.playground.people.person import Person
from bot.playground.rates import Rates
from bot.playground.state import BOT_ID, Clock, Notice, State
from bot.playground.telegram.call_log import Exchange
from bot.playground.telegram.limits import REQUEST_BYTES

SHUTDOWN_SECONDS = 1.0  # polls and event streams have ended by then


class Playground:
    """A running playground.

    Args:
        port: to listen at; 0 takes any free one
        clock: returns seconds since the epoch
        host: address to listen at
    """

    def __init__(self, port: int = 0, clock: Clock = time.time, host: str = LOOPBACK_ADDRESS) -> None:
        self.token = f"{BOT_ID}:{secrets.token_urlsafe(27)[:35]}"
        self._state = State(clock)
        bot_api = BotApi(self._state, self.token)
        self.call_log: list[Exchange] = bot_api.call_log
        self._people: dict[str, Person] = {}
        self._host, self._port = host, port
        app = web.Application(middlewares=[guard_middleware(host)], client_max_size=REQUEST_BYTES)
        app.add_routes([*bot_api.routes, *PageApi(self._state).routes])
        app.on_response_prepare.append(add_security_headers)
        app.on_shutdown.append(self._close)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS
        )

    @property
    def address(self) -> str:
        """Return the URL of the chat page."""
        host = WILDCARD_ADDRESSES.get(self._host, self._host)
        return f"http://[{host}]:{self._port}/" if ":" in host else f"http://{host}:{self._port}/"

    @property
    def base_url(self) -> str:
        """Return the URL before the bot's token, for methods."""
        return f"{self.address}bot"

    @property
    def base_file_url(self) -> str:
        """Return the URL before the bot's token, for files."""
        return f"{self.address}file/bot"

    def person(self, name: str, language: str | None = None) -> Person:
        """Return the person of this name; a new name creates a person, whose app is in English.

        `language` is a language code, or "" for an app that reports none; None leaves it unchanged.
        """
        chat = self._state.private_chat(name, language)
        return self._people.setdefault(name, Person(Session(self._state, chat, chat.id)))

    def group(
        self, title: str, *people: Person, topics: bool = False, basic: bool = False, with_bot: bool = True
    ) -> Group:
        """Create a group owned by the first of these people; a basic one is no supergroup."""
        return make_group(self._state, title, people, topics=topics, basic=basic, with_bot=with_bot)

    def forget_files(self) -> None:
        """Invalidate every file_id issued so far, as a new token of the bot does."""
        self._state.files.revoke_ids()

    def show_notice(self, notice: Notice) -> None:
        """Show a sentence above every chat; it is asked for again and again, in each person's language."""
        self._state.notice = notice

    @property
    def faults(self) -> Faults:
        """Return the injected faults."""
        return self._state.faults

    @property
    def rates(self) -> Rates:
        """Return the message rates of the bot."""
        return self._state.rates

    def file(self, file_id: str) -> bytes:
        """Return the bytes of a file of any chat."""
        file = self._state.files.get(file_id)
        if file is None:
            raise LookupError(f"no file {file_id!r}")
        return file.content

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _close(self, _: web.Application) -> None:
        await self._state.close()
