"""The sandbox's HTTP side: aiohttp routes over the checks, the answers and the pages. Holds no rule of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web

from . import pages
from .answers import answer
from .creatives import CREATIVES
from .rules import BODIES, read_request
from .store import Store, Visit

logger = logging.getLogger(__name__)

LOGGED_PROBLEMS = 10
"""The answer names all of them; the log and the start page no more than these."""
MAX_BODY_BYTES = 32 * 1024 * 1024
"""Thirty messages may each be a long reply."""


def create_app(
    store: Store | None = None, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> web.Application:
    """The sandbox as an aiohttp application; `sleep` makes the answers of `#late` and `#hang` wait."""
    sandbox = _Sandbox(store or Store(), sleep)
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.add_routes([web.post(path, sandbox.endpoint) for path in BODIES])
    app.add_routes(
        [
            web.get("/", sandbox.start),
            web.get("/api/frame/{bid_id}", sandbox.frame),
            web.get("/landing/{name}", sandbox.landing),
            web.static("/assets", pages.ASSETS),
        ]
    )
    return app


def run(*, host: str, port: int, announce: Callable[[], None]) -> None:
    """Serves until the process is told to stop; `announce` is called once the port is open. Raises `OSError`."""
    web.run_app(
        create_app(),
        host=host,
        port=port,
        print=lambda *args: announce(),
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=1,
    )


class _Sandbox:
    def __init__(self, store: Store, sleep: Callable[[float], Awaitable[object]]) -> None:
        self._store = store
        self._sleep = sleep

    async def endpoint(self, request: web.Request) -> web.Response:
        body, problems = read_request(request.path, request.headers, await request.read())
        if problems:
            return self._refuse(request, problems)
        reply = answer(request.path, request.headers, body, self._store)
        self._note(request, reply.status, reply.outcome)
        if reply.delay_s:
            await self._sleep(reply.delay_s)
        if reply.body is None:
            return web.Response(status=reply.status)
        return web.Response(text=reply.body, status=reply.status, content_type="application/json")

    async def frame(self, request: web.Request) -> web.Response:
        bid = self._store.bid(request.match_info["bid_id"])
        if bid is None:
            self._note(request, 404, "frame of an unknown bid")
            return _page(pages.missing("The sandbox does not know this bid (any more)."), pages.PAGE_CSP, 404)
        problems = [f"{name} is missing" for name in ("code", "messageId", "sdk") if not request.query.get(name)]
        if "code" in request.query and request.query["code"] != bid.code:
            problems.append("code is not that of the bid")
        if problems:
            return self._refuse(request, problems)
        self._note(request, 200, f"frame {bid.creative.name}")
        query = request.query
        html = pages.frame(bid, message_id=query["messageId"], sdk=query["sdk"], theme=query.get("theme", ""))
        return _page(html, pages.FRAME_CSP)

    async def start(self, request: web.Request) -> web.Response:
        return _page(pages.start(self._store.visits), pages.PAGE_CSP)

    async def landing(self, request: web.Request) -> web.Response:
        creative = next((each for each in CREATIVES if each.name == request.match_info["name"]), None)
        if creative is None:
            return _page(pages.missing("No house ad has this name."), pages.PAGE_CSP, 404)
        self._note(request, 200, f"landing page {creative.name}")
        return _page(pages.landing(creative), pages.PAGE_CSP)

    def _refuse(self, request: web.Request, problems: list[str]) -> web.Response:
        more = len(problems) - LOGGED_PROBLEMS
        self._note(request, 400, "; ".join(problems[:LOGGED_PROBLEMS]) + (f"; and {more} more" if more > 0 else ""))
        return web.json_response(problems, status=400)

    def _note(self, request: web.Request, status: int, outcome: str) -> None:
        path = "/api/frame/…" if request.path.startswith("/api/frame/") else request.path
        self._store.visits.append(Visit(datetime.now().astimezone(), f"{request.method} {path}", status, outcome))
        logger.log(logging.WARNING if status == 400 else logging.INFO, "%s %d: %s", path, status, outcome)


def _page(html: str, csp: str, status: int = 200) -> web.Response:
    headers = {
        "Content-Security-Policy": csp,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(text=html, status=status, content_type="text/html", headers=headers)
