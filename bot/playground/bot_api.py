"""The Bot API over HTTP: method calls and file downloads, with a log of all calls."""

from __future__ import annotations

import asyncio
import hmac

from aiohttp import web

from bot.playground.fault_injection import CUTS, DOWNLOAD, POLL, Fault
from bot.playground.methods.registry import MethodResult, call
from bot.playground.state import State
from bot.playground.telegram.api_errors import REQUEST_TOO_LARGE, UNAUTHORIZED, UNKNOWN_METHOD, ApiError
from bot.playground.telegram.call_log import MAX_CALLS, Exchange
from bot.playground.telegram.parameters import Json, Parameters, read_parameters


class BotApi:
    """Serves the Bot API to one bot, which its token identifies."""

    def __init__(self, state: State, token: str) -> None:
        self.call_log: list[Exchange] = []
        self._state = state
        self._token = token
        self._count = 0  # of all calls, those no longer in the log included

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes of methods and files."""
        return [
            web.route("*", "/bot{token:[^/]+}/{method}", self._call),
            web.get("/file/bot{token:[^/]+}/{path:.+}", self._download),
        ]

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        fault = self._state.faults.draw(method)
        parameters = Parameters()
        try:
            self._check_token(request)
            parameters = await read_parameters(request)
            task = asyncio.ensure_future(self._run(method, parameters, fault))
            # A client that disconnects ends its poll; any other call is completed all the same, and its
            # error is retrieved here, or asyncio would complain of it.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            result = await (task if method.lower() == POLL else asyncio.shield(task))
            reply: Json = {"ok": True, "result": result}
        except ApiError as error:
            reply = error.body
        except web.HTTPRequestEntityTooLarge:
            reply = ApiError(*REQUEST_TOO_LARGE).body
        self._log(method, parameters, reply, fault)
        return _unless_cut(request, fault, web.json_response(reply, status=reply.get("error_code", 200)))

    async def _run(self, method: str, parameters: Parameters, fault: Fault | None) -> MethodResult:
        if fault is not None:
            await fault.inject()
        return await call(self._state, method, parameters)

    def _log(self, method: str, parameters: Parameters, reply: Json, fault: Fault | None) -> None:
        self._count += 1
        sizes = {name: len(upload.content) for name, upload in parameters.uploads.items()}
        kind = "" if fault is None else fault.kind
        self.call_log.append(Exchange(method, parameters.values, reply, sizes, kind, self._count))
        del self.call_log[:-MAX_CALLS]

    async def _download(self, request: web.Request) -> web.Response:
        fault = self._state.faults.draw(DOWNLOAD)
        try:
            self._check_token(request)
            if fault is not None:
                await fault.inject()
            file = self._state.files.by_path(request.match_info["path"])
            if file is None:
                raise ApiError(*UNKNOWN_METHOD)
        except ApiError as error:
            reply = web.json_response(error.body, status=error.code)
        else:
            reply = web.Response(body=file.content, content_type="application/octet-stream")
        return _unless_cut(request, fault, reply)

    def _check_token(self, request: web.Request) -> None:
        if not hmac.compare_digest(request.match_info["token"].encode(), self._token.encode()):
            raise ApiError(*UNAUTHORIZED)


def _unless_cut(request: web.Request, fault: Fault | None, response: web.Response) -> web.Response:
    """Return the response, or close the connection where the fault says so."""
    if fault is not None and fault.kind in CUTS and request.transport is not None:
        request.transport.abort()
    return response
