"""The pages that a person's browser loads: frames, modals and what a click opens; and what the first two report."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web

from . import pages
from .creatives import CREATIVES
from .hypertext import html_page
from .log import Log, shorten
from .notes import Intake
from .origins import is_own
from .queries import component_params, problems_of_frame, problems_of_modal
from .store import Bid, Store

_UNKNOWN_BID = "The sandbox does not know this bid (any more)."


class CreativePages:
    def __init__(self, store: Store, log: Log) -> None:
        self._store = store
        self._log = log
        self._intake = Intake(log)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/frame/{bid_id}", self._frame),
            web.get("/api/modal/{bid_id}", self._modal),
            web.get("/landing/{name}", self._landing),
            web.post("/log", self._notes),
        ]

    async def _frame(self, request: web.Request) -> web.Response:
        return self._creative(request, "frame", problems_of_frame, _frame_html)

    async def _modal(self, request: web.Request) -> web.Response:
        return self._creative(request, "modal", problems_of_modal, _modal_html)

    def _creative(
        self,
        request: web.Request,
        name: str,
        problems_of: Callable[[Mapping[str, str], Bid], list[str]],
        render: Callable[[Mapping[str, str], Bid], str],
    ) -> web.Response:
        bid = self._store.bid(request.match_info["bid_id"])
        ids = shorten(bid=request.match_info["bid_id"], message=request.query.get("messageId", ""))
        if bid is None:
            self._log.add("page", f"GET {name}", "unknown bid", status=404, ids=ids)
            return html_page(pages.missing(_UNKNOWN_BID), pages.PAGE_CSP, 404)
        problems = problems_of(request.query, bid)
        if problems:
            self._log.add("page", f"GET {name}", "; ".join(problems), status=400, ids=ids)
            return web.json_response(problems, status=400)
        mode = bid.frame if name == "frame" else bid.modal
        self._log.add("page", f"GET {name}", f"{bid.creative.name} {bid.format}, {mode}", status=200, ids=ids)
        return html_page(render(request.query, bid), pages.FRAME_CSP)

    async def _landing(self, request: web.Request) -> web.Response:
        creative = next((each for each in CREATIVES if each.name == request.match_info["name"]), None)
        if creative is None:
            return html_page(pages.missing("No house ad has this name."), pages.PAGE_CSP, 404)
        self._log.add("page", "GET landing", creative.name, status=200)
        return html_page(pages.landing(creative), pages.PAGE_CSP)

    async def _notes(self, request: web.Request) -> web.Response:
        """Nobody but our own creatives writes into the log."""
        if not is_own(request.headers):
            return web.Response(status=403)
        return web.Response(status=204 if self._intake.take(await request.read()) else 400)


def _frame_html(query: Mapping[str, str], bid: Bid) -> str:
    return pages.frame(bid, message_id=query["messageId"], sdk=query["sdk"], theme=query.get("theme", ""))


def _modal_html(query: Mapping[str, str], bid: Bid) -> str:
    return pages.modal(
        bid,
        message_id=query["messageId"],
        sdk=query["sdk"],
        theme=query.get("theme", ""),
        params=component_params(query),
    )
