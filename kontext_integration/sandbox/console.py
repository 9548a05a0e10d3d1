"""The start page: the words, the defaults and their forms, the log as a table and as a stream of events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress

from aiohttp import web

from . import pages
from .control import Control
from .defaults import read_defaults
from .hypertext import html_page
from .log import Entry, Log
from .origins import is_own

MAX_STREAMS = 20
_HEARTBEAT_S = 15.0
"""How often a silent stream says something, so that one whose reader has gone is noticed."""
_FOREIGN = "Only the sandbox's own page, at an address or localhost, may do this."


class Console:
    def __init__(self, control: Control, log: Log) -> None:
        self._control = control
        self._log = log
        self._streams: set[asyncio.Task[None]] = set()

    async def close(self, app: web.Application) -> None:
        """Ends the streams, which would go on for ever; a signal of the application at its end."""
        for stream in self._streams:
            stream.cancel()

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/", self._start), web.post("/control", self._order), web.get("/log", self._stream)]

    async def _start(self, request: web.Request) -> web.Response:
        return self._page()

    def _page(self, problem: str = "", status: int = 200) -> web.Response:
        return html_page(pages.start(self._log.after(), self._control, problem), pages.PAGE_CSP, status)

    async def _order(self, request: web.Request) -> web.Response:
        """One form of the start page: what it does is its field `do`. Back to the page, or to it with a problem."""
        if not is_own(request.headers):
            return html_page(pages.missing(_FOREIGN), pages.PAGE_CSP, 403)
        fields = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        try:
            self._obey(fields.pop("do", ""), fields)
        except ValueError as error:
            return self._page(str(error), 400)
        raise web.HTTPSeeOther("/")

    def _obey(self, order: str, fields: Mapping[str, str]) -> None:
        match order:
            case "apply":
                self._control.defaults = read_defaults(fields)
            case "pause":
                self._control.pause()
            case "resume":
                self._control.resume()
            case "reset":
                self._control.reset()
            case "clear":
                self._log.clear()
                return
            case _:
                raise ValueError("There is no such button.")
        self._log.add("control", order, _summary(self._control))

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events, one for each entry after the one that the page has (or, after a break, the browser)."""
        if not is_own(request.headers):
            return web.Response(status=403)
        if len(self._streams) >= MAX_STREAMS:
            return web.Response(status=503)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        since = request.headers.get("Last-Event-ID", request.query.get("after", ""))
        following = asyncio.create_task(self._follow(response, _number(since)))
        self._streams.add(following)
        try:
            with suppress(ConnectionError):  # the reader has gone
                await following
        finally:
            self._streams.discard(following)
        return response

    async def _follow(self, response: web.StreamResponse, number: int) -> None:
        while True:
            try:
                async with asyncio.timeout(_HEARTBEAT_S):
                    entries = await self._log.news(number)
            except TimeoutError:
                await response.write(b":\n\n")
                continue
            await response.write(b"".join(map(_event, entries)))
            number = entries[-1].number


def _event(entry: Entry) -> bytes:
    return f"id: {entry.number}\ndata: {json.dumps(entry.fields)}\n\n".encode()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _summary(control: Control) -> str:
    given = {name: value for name, value in control.defaults.fields.items() if value}
    return "; ".join(["paused" if control.paused else "running", *(f"{name} {value}" for name, value in given.items())])
