"""The Bot API over HTTP: methods called, files fetched, all of it recorded."""

from __future__ import annotations

import asyncio
import hmac

from aiohttp import web

from bot.playground.fault_injection import CUTS, DOWNLOAD, POLL, Fault
from bot.playground.methods.registry import Result, call
from bot.playground.state import Cloud
from bot.playground.telegram.api_errors import REQUEST_TOO_LARGE, UNAUTHORIZED, UNKNOWN_METHOD, Refused
from bot.playground.telegram.call_log import KEPT, Exchange
from bot.playground.telegram.parameters import Json, Parameters, read


class Gateway:
    """Lets one bot in, by its token."""

    def __init__(self, cloud: Cloud, token: str) -> None:
        self.cloud = cloud
        self.token = token
        self.traffic: list[Exchange] = []
        self._count = 0  # of all exchanges, those no longer kept included

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """Everything a bot asks for."""
        return [
            web.route("*", "/bot{token:[^/]+}/{method}", self._call),
            web.get("/file/bot{token:[^/]+}/{path:.+}", self._download),
        ]

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        fault = self.cloud.faults.draw(method)
        given = Parameters()
        try:
            self._check_token(request)
            given = await read(request)
            work = asyncio.ensure_future(self._done(method, given, fault))
            # A bot that hangs up ends its poll; anything else it asked for is done all the same, and
            # nobody is left who wants to know how it ended.
            work.add_done_callback(lambda done: done.cancelled() or done.exception())
            result = await (work if method.lower() == POLL else asyncio.shield(work))
            reply: Json = {"ok": True, "result": result}
        except Refused as refusal:
            reply = refusal.envelope
        except web.HTTPRequestEntityTooLarge:
            reply = Refused(*REQUEST_TOO_LARGE).envelope
        self._record(method, given, reply, fault)
        return _unless_cut(request, fault, web.json_response(reply, status=reply.get("error_code", 200)))

    async def _done(self, method: str, given: Parameters, fault: Fault | None) -> Result:
        if fault is not None:
            await fault.strike()
        return await call(self.cloud, method, given)

    def _record(self, method: str, given: Parameters, reply: Json, fault: Fault | None) -> None:
        self._count += 1
        sizes = {name: len(upload.content) for name, upload in given.uploads.items()}
        struck, at = "" if fault is None else fault.kind, self.cloud.clock()
        self.traffic.append(Exchange(method, given.values, reply, sizes, struck, at, self._count))
        del self.traffic[:-KEPT]

    async def _download(self, request: web.Request) -> web.Response:
        fault = self.cloud.faults.draw(DOWNLOAD)
        try:
            self._check_token(request)
            if fault is not None:
                await fault.strike()
            file = self.cloud.shelf.at(request.match_info["path"])
            if file is None:
                raise Refused(*UNKNOWN_METHOD)
        except Refused as refusal:
            reply = web.json_response(refusal.envelope, status=refusal.code)
        else:
            reply = web.Response(body=file.content, content_type="application/octet-stream")
        return _unless_cut(request, fault, reply)

    def _check_token(self, request: web.Request) -> None:
        if not hmac.compare_digest(request.match_info["token"].encode(), self.token.encode()):
            raise Refused(*UNAUTHORIZED)


def _unless_cut(request: web.Request, fault: Fault | None, response: web.Response) -> web.Response:
    """Answer, or hang up."""
    if fault is not None and fault.kind in CUTS and request.transport is not None:
        request.transport.abort()
    return response
