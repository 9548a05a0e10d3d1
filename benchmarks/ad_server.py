"""The fake ad server, a process of its own. The first part of the path says how it is: healthy, slow or hanging.

Run: `python -m benchmarks.ad_server PORT`. The dead one needs no program: nobody listens on its port.
"""

from __future__ import annotations

import asyncio
import sys
from uuid import uuid4

from aiohttp import web

ANSWERS_AFTER_S = {"healthy": 0.03, "slow": 5.0, "hanging": 3600.0}


async def init(request: web.Request) -> web.Response:
    await asyncio.sleep(ANSWERS_AFTER_S[request.match_info["manner"]])
    return web.json_response({"enabled": True, "preloadTimeout": 16_000, "reportErrors": False, "reportDebug": False})


async def preload(request: web.Request) -> web.Response:
    """A fill, each time."""
    asked = await request.json()
    await asyncio.sleep(ANSWERS_AFTER_S[request.match_info["manner"]])
    bid = {"bidId": str(uuid4()), "code": "inlineAd", "revenue": 0.01, "impressionTrigger": "immediate"}
    return web.json_response({"sessionId": asked.get("sessionId") or str(uuid4()), "bids": [bid]})


async def report(request: web.Request) -> web.Response:
    return web.json_response({})


def main(port: int) -> None:
    app = web.Application(client_max_size=32 * 1024 * 1024)
    for name, handler in {"init": init, "preload": preload, "error": report, "debug": report}.items():
        app.router.add_post(f"/{{manner}}/{name}", handler)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None, handler_cancellation=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
