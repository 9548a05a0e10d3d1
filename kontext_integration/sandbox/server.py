"""The sandbox as one aiohttp application. Holds no rule of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from . import pages
from .carriers import Sleep
from .console import Console
from .control import Control
from .creative_pages import CreativePages
from .endpoints import Endpoints, allow_origin
from .log import Log
from .store import Store

MAX_BODY_BYTES = 32 * 1024 * 1024
"""Thirty messages may each be a long reply."""


def create_app(
    store: Store | None = None,
    *,
    control: Control | None = None,
    log: Log | None = None,
    sleep: Sleep = asyncio.sleep,
) -> web.Application:
    """The sandbox; `sleep` makes the answers wait that are asked to."""
    store, control, log = store or Store(), control or Control(), log or Log()
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.add_routes(Endpoints(store, control, log, sleep).routes())
    app.add_routes(CreativePages(store, log).routes())
    console = Console(control, log)
    app.add_routes(console.routes())
    app.on_shutdown.append(console.close)
    app.add_routes([web.static("/assets", pages.ASSETS)])
    app.on_response_prepare.append(allow_origin)
    return app


def run(*, host: str, port: int, control: Control, announce: Callable[[], None]) -> None:
    """Serves until the process is told to stop; `announce` is called once the port is open. Raises `OSError`."""
    web.run_app(
        create_app(control=control),
        host=host,
        port=port,
        print=lambda *args: announce(),
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=1,
    )
