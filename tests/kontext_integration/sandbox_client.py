"""A running sandbox and a client that talks to it, for the tests."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from aiohttp.test_utils import TestClient, TestServer

from kontext_integration.sandbox.control import Control
from kontext_integration.sandbox.defaults import read_defaults
from kontext_integration.sandbox.log import Log
from kontext_integration.sandbox.server import create_app
from kontext_integration.sandbox.store import Store

from .sandbox_requests import HEADERS, body, message

if TYPE_CHECKING:
    from aiohttp import ClientResponse


class Sandbox(NamedTuple):
    client: TestClient[Any, Any]
    store: Store
    control: Control
    log: Log
    slept: list[float]
    """How long the answers waited, in seconds; no time really passes."""

    async def post(self, path: str, sent: Any = None, **headers: str) -> ClientResponse:
        data = json.dumps(body(path) if sent is None else sent)
        return await self.client.post(path, data=data, headers=HEADERS[path] | headers, allow_redirects=False)

    async def say(self, content: str, **changes: Any) -> ClientResponse:
        return await self.post("/preload", body("/preload", messages=[message(content)], **changes))

    async def bid(self, content: str) -> dict[str, Any]:
        """The one bid that this message wins."""
        (bid,) = (await (await self.say(content)).json())["bids"]
        return dict(bid)

    async def frame(self, content: str = "A trip to Rome", page: str = "frame", **query: str) -> ClientResponse:
        """The frame of the bid that this message wins; a part of the address is left out when given as empty."""
        bid = await self.bid(content)
        parts = {"code": bid["code"], "messageId": "a1", "sdk": "sdk-js"} | query
        return await self.client.get(
            f"/api/{page}/{bid['bidId']}", params={name: part for name, part in parts.items() if part}
        )

    async def modal(self, content: str = "#interstitial", **query: str) -> ClientResponse:
        return await self.frame(content, "modal", **{"componentParams": '{"line": 0}'} | query)

    def told(self, kind: str) -> list[tuple[int | None, str]]:
        """Status and outcome of the log's entries of a kind."""
        return [(entry.status, entry.outcome) for entry in self.log.after() if entry.kind == kind]


@asynccontextmanager
async def running_sandbox(
    sleep: Callable[[float], Awaitable[None]] | None = None, defaults: Mapping[str, str] | None = None
) -> AsyncIterator[Sandbox]:
    slept: list[float] = []

    async def note(seconds: float) -> None:
        slept.append(seconds)

    store, control, log = Store(), Control(read_defaults(defaults or {}), seed=1), Log()
    app = create_app(store, control=control, log=log, sleep=sleep or note)
    async with TestClient(TestServer(app)) as client:
        yield Sandbox(client, store, control, log, slept)
