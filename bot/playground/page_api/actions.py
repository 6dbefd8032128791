"""The actions of the person at the page: send, edit, press, ask inline, change their language."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.playground.page_api.session import person, profile, session_of, with_json_errors
from bot.playground.people import attachments, client
from bot.playground.state import State
from bot.playground.telegram.api_errors import ImpossibleActionError
from bot.playground.telegram.inline import InlineResult
from bot.playground.telegram.limits import INLINE_QUERY_SECONDS
from bot.playground.telegram.parameters import Json, read_parameters


class Actions:
    """Serves one POST route per action."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._inline_results: dict[int, dict[str, InlineResult]] = {}  # of each person's last query, by id

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes under /api."""
        actions = (
            self.say, self.start, self.files, self.edit, self.press, self.inline, self.choose, self.language
        )  # fmt: skip
        return [web.post(f"/api/{action.__name__}", with_json_errors(action)) for action in actions]

    async def say(self, request: web.Request) -> web.Response:
        """Send a text."""
        parameters = await read_parameters(request)
        client.say(session_of(self._state, request), parameters.text("text"), parameters.integer("reply_to"))
        return web.json_response({})

    async def start(self, request: web.Request) -> web.Response:
        """Follow a deep link."""
        client.start(session_of(self._state, request), (await read_parameters(request)).text("payload"))
        return web.json_response({})

    async def files(self, request: web.Request) -> web.Response:
        """Send attached files under one caption."""
        parameters = await read_parameters(request)
        await attachments.send_files(
            session_of(self._state, request),
            list(parameters.uploads.values()),
            parameters.text("caption"),
            parameters.flag("as_file"),
            parameters.integer("reply_to"),
        )
        return web.json_response({})

    async def edit(self, request: web.Request) -> web.Response:
        """Edit one of the person's messages."""
        parameters, session = await read_parameters(request), session_of(self._state, request)
        client.edit(session, parameters.integer("message_id"), parameters.text("text"))
        return web.json_response({})

    async def press(self, request: web.Request) -> web.Response:
        """Press a button and return the query's id; its answer comes as an event."""
        parameters = await read_parameters(request)
        position = [parameters.integer(name) for name in ("message_id", "row", "column")]
        return web.json_response({"query": client.press(session_of(self._state, request), *position)})

    async def inline(self, request: web.Request) -> web.Response:
        """Send an inline query and return the bot's answer."""
        parameters, session = await read_parameters(request), session_of(self._state, request)
        offset = parameters.text("offset")
        try:
            async with asyncio.timeout(INLINE_QUERY_SECONDS):
                answer = await client.ask_inline(session, parameters.text("query"), offset)
        except TimeoutError as error:
            raise ImpossibleActionError("the bot has not answered") from error
        earlier = self._inline_results.get(session.user_id, {}) if offset else {}
        self._inline_results[session.user_id] = earlier | {result.id: result for result in answer.results}
        results = [_result(result) for result in answer.results]
        return web.json_response(
            {"results": results, "next_offset": answer.next_offset, "button": answer.button}
        )

    async def choose(self, request: web.Request) -> web.Response:
        """Send one of the inline results answer."""
        parameters, session = await read_parameters(request), session_of(self._state, request)
        result = self._inline_results.get(session.user_id, {}).get(parameters.text("id"))
        if result is None:
            raise ImpossibleActionError("this result is no longer shown")
        client.choose(session, result)
        return web.json_response({})

    async def language(self, request: web.Request) -> web.Response:
        """Change the language of the person's app."""
        parameters, session = await read_parameters(request), session_of(self._state, request)
        self._state.private_chat(session.user["first_name"], parameters.text("language"))
        self._state.events.publish(session.chat.id, profile(session))
        return web.json_response(person(session))


def _result(result: InlineResult) -> Json:
    text = result.content.get("text") or result.content.get("caption", "")
    fields = {"title": result.title, "description": result.description, "photo": result.photo}
    return {"id": result.id, "text": text} | fields
