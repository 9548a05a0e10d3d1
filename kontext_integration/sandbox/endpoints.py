"""The four endpoints over HTTP: checks first, then the answer, and a line in the log for how it ended."""

from __future__ import annotations

import asyncio
import logging
import time

from aiohttp import web

from .answers import Answer, answer
from .carriers import Sleep, deliver
from .control import Control
from .log import Kind, Log
from .origins import PREFLIGHT, cors_headers
from .rules import BODIES, read_request
from .store import Store

logger = logging.getLogger(__name__)

LOGGED_PROBLEMS = 10
"""The answer names all of them; the log no more than these."""
_WORTH_TELLING_S = 1.0
"""A wait that is longer is told when it begins."""
_KINDS: dict[str, Kind] = {"/init": "init", "/preload": "preload", "/error": "report", "/debug": "report"}


class Endpoints:
    """`sleep` makes the answers wait that are asked to."""

    def __init__(self, store: Store, control: Control, log: Log, sleep: Sleep) -> None:
        self._store = store
        self._control = control
        self._log = log
        self._sleep = sleep

    def routes(self) -> list[web.RouteDef]:
        """For each path the endpoint, and its preflight for the pages that relay requests."""
        return [route for path in BODIES for route in (web.post(path, self._post), web.options(path, self._preflight))]

    async def _preflight(self, request: web.Request) -> web.Response:
        return web.Response(status=204, headers=PREFLIGHT)

    async def _post(self, request: web.Request) -> web.StreamResponse:
        line = _Line(self._log, request.path)
        body, problems = read_request(request.path, request.headers, await request.read())
        if problems:
            return self._refuse(request, problems, line)
        if self._control.paused:
            line.begins("waits: the sandbox is paused")
            await self._control.going()
        reply = answer(request.path, request.headers, body, self._store, self._control)
        try:
            return await self._deliver(request, reply, line)
        except (asyncio.CancelledError, ConnectionError):
            line.ends(f"the client went away: {reply.outcome}", None, reply.ids)
            raise

    async def _deliver(self, request: web.Request, reply: Answer, line: _Line) -> web.StreamResponse:
        if reply.delay_s > _WORTH_TELLING_S:
            line.begins(f"waits: {reply.outcome}", reply.ids)
        if reply.delay_s:
            await self._sleep(reply.delay_s)
        response = await deliver(request, reply, self._sleep)
        logger.info("%s %d: %s", request.path, response.status, reply.outcome)
        line.ends(reply.outcome, response.status, reply.ids)
        return response

    def _refuse(self, request: web.Request, problems: list[str], line: _Line) -> web.Response:
        more = len(problems) - LOGGED_PROBLEMS
        outcome = "; ".join(problems[:LOGGED_PROBLEMS]) + (f"; and {more} more" if more > 0 else "")
        logger.warning("%s 400: %s", request.path, outcome)
        line.ends(outcome, 400)
        return web.json_response(problems, status=400)


class _Line:
    """What the log says of one request: how it ended, after how long; and before, if it has to wait."""

    def __init__(self, log: Log, path: str) -> None:
        self._log = log
        self._path = path
        self._started = time.monotonic()

    def begins(self, outcome: str, ids: str = "") -> None:
        self._log.add(_KINDS[self._path], f"POST {self._path}", outcome, ids=ids)

    def ends(self, outcome: str, status: int | None, ids: str = "") -> None:
        latency_ms = round((time.monotonic() - self._started) * 1000)
        self._log.add(_KINDS[self._path], f"POST {self._path}", outcome, status=status, latency_ms=latency_ms, ids=ids)


async def allow_origin(request: web.Request, response: web.StreamResponse) -> None:
    """A signal of the application: what an endpoint answers may be read by the page that asked."""
    response.headers.update(cors_headers(request.path, request.headers.get("Origin")))
