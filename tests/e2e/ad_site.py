"""Two servers on this machine for the ad element: the page's, and the ad server's on another origin.

The page has the strict policy of the real one. The creative does only what a test makes it say.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

import kontext_integration

STATIC = Path(kontext_integration.__file__).parent / "static"
SNAPSHOT = [{"id": "u1", "role": "user", "content": "Hi", "createdAt": "2026-01-15T10:29:50.000Z"}]
CREATIVE = """<!doctype html><title>Creative</title><body style="margin:0"><button>Buy</button><script>
const heard = [];
const say = (type, data) => parent.postMessage({type, data}, "*");
addEventListener("message", ({data, origin}) => heard.push({...data, origin}));
const last = (type) => heard.findLast((message) => message.type === type);
document.querySelector("button").onclick = () => say("click-iframe", {id: "b", content: "c", url: "/redirect/abc?a=1"});
addEventListener("pageshow", ({persisted}) => persisted && say("resize-iframe", {height: 333}));
if (!location.pathname.startsWith("/api/modal/")) say("init-iframe");
</script>"""
"""The same page serves as a modal, which says nothing by itself."""
PAGE = """<!doctype html><html lang="en"><head><title>Host</title><link rel="stylesheet" href="/static/host.css">
{head}</head><body>{body}</body></html>"""
HOST_CSS = "body{margin:0} p{margin:0;height:100px} .box{height:500px;overflow-y:auto} .own{overflow-anchor:none}"


@dataclass
class AdSite:
    """What the page shows, and what the two servers were asked."""

    head: str = ""
    body: str = ""
    page_url: str = ""
    ad_url: str = ""
    frames: list[str] = field(default_factory=list)
    modals: list[str] = field(default_factory=list)
    snapshots: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._runners: list[web.AppRunner] = []
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.ad_url = self._serve(
            [
                web.get("/api/frame/{bid}", self._frame),
                web.get("/api/modal/{bid}", self._modal),
                web.get("/redirect/{id}", self._text),
            ]
        )
        self.page_url = self._serve(
            [
                web.get("/", self._page),
                web.get("/other", self._text),
                web.get("/rival", self._rival),
                web.get("/static/host.css", self._css),
                web.static("/static", STATIC),
                web.get("/kontext/slots/{id}/{code}/", self._snapshot),
                web.post("/kontext/events/", self._event),
                web.post("/kontext/faults/", self._fault),
                web.post("/kontext/browser/", self._browser),
            ]
        )

    def stop(self) -> None:
        for runner in self._runners:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _serve(self, routes: list[web.AbstractRouteDef]) -> str:
        app = web.Application()
        app.add_routes([*routes, web.get("/favicon.ico", self._text)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        self._runners.append(runner)

        async def listen() -> int:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            return int(runner.addresses[0][1])

        return f"http://127.0.0.1:{asyncio.run_coroutine_threadsafe(listen(), self._loop).result()}"

    async def _page(self, request: web.Request) -> web.Response:
        policy = (
            f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
            f"frame-src {self.ad_url} {self.page_url}"
        )
        response = web.Response(text=PAGE.format(head=self.head, body=self.body), content_type="text/html")
        response.headers["Content-Security-Policy"] = policy
        response.set_cookie("csrftoken", "token-of-the-cookie")
        return response

    async def _frame(self, request: web.Request) -> web.Response:
        self.frames.append(request.path_qs)
        return web.Response(text=CREATIVE, content_type="text/html")

    async def _modal(self, request: web.Request) -> web.Response:
        self.modals.append(request.path_qs)
        return web.Response(text=CREATIVE, content_type="text/html")

    async def _rival(self, request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>Rival</title>", content_type="text/html")

    async def _css(self, request: web.Request) -> web.Response:
        return web.Response(text=HOST_CSS, content_type="text/css")

    async def _text(self, request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>Another page</title>", content_type="text/html")

    async def _snapshot(self, request: web.Request) -> web.Response:
        self.snapshots.append(request.path)
        return web.json_response({"messages": SNAPSHOT})

    async def _event(self, request: web.Request) -> web.Response:
        self.tokens.append(request.headers.get("X-CSRFToken", ""))
        self.events.append(await request.json())
        return web.Response(status=204)

    async def _fault(self, request: web.Request) -> web.Response:
        self.faults.append(await request.json())
        return web.Response(status=204)

    async def _browser(self, request: web.Request) -> web.Response:
        self.tokens.append(request.headers.get("X-CSRFToken", ""))
        self.facts.append(await request.json())
        return web.Response(status=204)
