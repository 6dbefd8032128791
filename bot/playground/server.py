"""A Telegram of one's own: a local Bot API server and a chat page, with no token and no account.

The real bot talks to it over HTTP and cannot tell the difference:

    async with Playground() as playground:
        builder.token(playground.token).base_url(playground.base_url).base_file_url(playground.base_file_url)
"""

from __future__ import annotations

import secrets
import time
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.http.guard import HOST, WILDCARDS, dress, guarding
from bot.playground.bot_api import Gateway
from bot.playground.fault_injection import Faults
from bot.playground.page_api.routes import Front
from bot.playground.people.client import Seat
from bot.playground.people.group import Group, make_group
from bot.playground.people.person import Person
from bot.playground.rates import Rates
from bot.playground.state import BOT_ID, Clock, Cloud
from bot.playground.telegram.call_log import Exchange
from bot.playground.telegram.limits import REQUEST_BYTES

SHUTDOWN_SECONDS = 1.0  # pollers and pages were sent home already


class Playground:
    """A running playground; port 0 takes any free one."""

    def __init__(self, port: int = 0, clock: Clock = time.time, host: str = HOST) -> None:
        self.token = f"{BOT_ID}:{secrets.token_urlsafe(27)[:35]}"
        self._cloud = Cloud(clock)
        gateway = Gateway(self._cloud, self.token)
        self.traffic: list[Exchange] = gateway.traffic
        self._people: dict[str, Person] = {}
        self._host, self._port = host, port
        app = web.Application(middlewares=[guarding(host)], client_max_size=REQUEST_BYTES)
        app.add_routes([*gateway.routes, *Front(gateway).routes])
        app.on_response_prepare.append(dress)
        app.on_shutdown.append(self._close)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS
        )

    @property
    def address(self) -> str:
        """Where the chat page is."""
        host = WILDCARDS.get(self._host, self._host)
        return f"http://[{host}]:{self._port}/" if ":" in host else f"http://{host}:{self._port}/"

    @property
    def base_url(self) -> str:
        """What a bot puts before its token to call methods."""
        return f"{self.address}bot"

    @property
    def base_file_url(self) -> str:
        """What a bot puts before its token to fetch files."""
        return f"{self.address}file/bot"

    def person(self, name: str, language: str | None = None) -> Person:
        """Find a person by name, or meet a new one, whose app is in English unless told otherwise.

        `language` is a language code; an empty one: the app does not tell its language.
        """
        chat = self._cloud.chat_with(name, language)
        return self._people.setdefault(name, Person(Seat(self._cloud, chat, chat.id)))

    def group(
        self, title: str, *people: Person, topics: bool = False, basic: bool = False, with_bot: bool = True
    ) -> Group:
        """Make a group of these people, the first of them its owner; a basic one is no supergroup."""
        return make_group(self._cloud, title, people, topics=topics, basic=basic, with_bot=with_bot)

    def forget_files(self) -> None:
        """Make every file_id given out so far worthless, as if the bot had been given a new token."""
        self._cloud.shelf.forget()

    @property
    def faults(self) -> Faults:
        """What goes wrong, and when."""
        return self._cloud.faults

    @property
    def rates(self) -> Rates:
        """How fast the bot sends."""
        return self._cloud.rates

    @property
    def inline_feedback(self) -> bool:
        """Whether the bot is told which inline results people choose; off, as for every new bot."""
        return self._cloud.inline.feedback

    @inline_feedback.setter
    def inline_feedback(self, on: bool) -> None:
        self._cloud.inline.feedback = on

    def file(self, file_id: str) -> bytes:
        """Read a file of any chat."""
        file = self._cloud.shelf.look(file_id)
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
        await self._cloud.close()
