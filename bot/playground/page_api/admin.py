"""What the page arranges from outside a chat: people, groups, the bot's standing, faults, traffic."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final, get_args

from aiohttp import web

from bot.playground.bot_api import Gateway
from bot.playground.fault_injection import KINDS, POLL
from bot.playground.membership import move, open_topic
from bot.playground.page_api.session import Seats, explained
from bot.playground.people.client import Impossible
from bot.playground.telegram.call_log import shown
from bot.playground.telegram.chats import Chat, Standing
from bot.playground.telegram.parameters import Json, Parameters, read

STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)
EXCHANGES: Final = 100  # shown at once


class Desk:
    """Arranges things, and shows how they stand."""

    def __init__(self, gateway: Gateway, seats: Seats) -> None:
        self._gateway = gateway
        self._cloud = gateway.cloud
        self._seats = seats

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """The addresses of all this."""
        return [
            web.get("/api/people", self.people),
            web.post("/api/people", explained(self.meet)),
            web.get("/api/chats", self.chats),
            web.post("/api/groups", explained(self.make_group)),
            web.post("/api/topics", explained(self.open_topic)),
            web.post("/api/bot", explained(self.stand)),
            web.get("/api/traffic", self.traffic),
            web.get("/api/faults", self.faults),
            web.post("/api/faults", explained(self.set_faults)),
        ]

    async def people(self, _: web.Request) -> web.Response:
        """List everybody."""
        own = [chat for chat in self._cloud.chats.values() if chat.is_private]
        return web.json_response([_person(chat) for chat in own])

    async def meet(self, request: web.Request) -> web.Response:
        """Meet a person, or change their language."""
        given = await read(request)
        language = given.values.get("language")
        return web.json_response(_person(self._seats.person(given.text("name"), language)))

    async def chats(self, request: web.Request) -> web.Response:
        """List the chats of the person."""
        own = self._seats.person(request.query.get("name", ""))
        return web.json_response(self._seats.chats(own.id))

    async def make_group(self, request: web.Request) -> web.Response:
        """Make a group that the person owns."""
        given, owner = await read(request), self._seats.person(request.query.get("name", ""))
        if not given.text("title").strip():
            raise Impossible("a group needs a title")
        people = [owner, *(self._seats.person(str(name)) for name in given.array("people"))]
        users = [chat.owner for chat in people]
        basic, forum = given.flag("basic"), given.flag("topics")
        if basic and forum:
            raise Impossible("only supergroups have topics")
        chat = self._cloud.new_group(given.text("title").strip(), users, basic=basic, forum=forum)
        if "bot" not in given.values or given.flag("bot"):
            move(self._cloud, chat, chat.owner, "member")
        return web.json_response({"id": chat.id})

    async def open_topic(self, request: web.Request) -> web.Response:
        """Open a topic."""
        given, seat = await read(request), self._seats.of(request)
        if not seat.chat.is_forum or not given.text("title").strip():
            raise Impossible("a topic has a title, and a group with topics it belongs to")
        number = open_topic(self._cloud, seat.chat, seat.user, given.text("title").strip())
        return web.json_response({"id": number})

    async def stand(self, request: web.Request) -> web.Response:
        """Change how the bot stands in a chat."""
        seat, asked = self._seats.of(request), (await read(request)).text("standing")
        standing = next((one for one in STANDINGS if one == asked), None)
        if standing is None:
            raise Impossible(f"there is no standing {asked!r}")
        move(self._cloud, seat.chat, seat.user, standing)
        return web.json_response({})

    async def traffic(self, request: web.Request) -> web.Response:
        """Show what passed between the bot and the playground."""
        after = request.query.get("after", "0")
        least = int(after) if after.isdecimal() else 0
        fresh = [one for one in self._gateway.traffic if one.number > least]
        telling = [one for one in fresh if one.method.lower() != POLL or one.reply.get("result") != []]
        return web.json_response([shown(one, self._gateway.token) for one in telling[-EXCHANGES:]])

    async def faults(self, _: web.Request) -> web.Response:
        """Show what will go wrong, and how fast the bot sends."""
        faults, rates = self._cloud.faults, self._cloud.rates
        return web.json_response(
            {
                "kinds": KINDS,
                "coming": [asdict(fault) for fault in faults.coming],
                "chances": faults.chances,
                "enforced": rates.enforced,
                "breaches": rates.breaches(),
                "by_second": rates.by_second(),
            }
        )

    async def set_faults(self, request: web.Request) -> web.Response:
        """Let things go wrong, or well again."""
        given = await read(request)
        if given.flag("clear"):
            self._cloud.faults.clear()
        if given.flag("forget_files"):
            self._cloud.shelf.forget()
        if "enforced" in given.values:
            self._cloud.rates.enforced = given.flag("enforced")
        self._plan(given)
        return await self.faults(request)

    def _plan(self, given: Parameters) -> None:
        try:
            if coming := given.mapping("next"):
                self._cloud.faults.next(**coming)
            if chance := given.mapping("random"):
                chances = chance.pop("chances", {})
                self._cloud.faults.at_random(**chance, **chances)
        except (TypeError, ValueError) as error:
            raise Impossible(f"this cannot go wrong: {error}") from error


def _person(chat: Chat) -> Json:
    user = chat.owner
    return {"id": user["id"], "name": user["first_name"], "language": user.get("language_code", "")}
