"""A running sandbox and a client that talks to it, for the tests."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from aiohttp.test_utils import TestClient, TestServer

from kontext_integration.sandbox.server import create_app
from kontext_integration.sandbox.store import Store

from .sandbox_requests import HEADERS, body, message

if TYPE_CHECKING:
    from aiohttp import ClientResponse


class Sandbox(NamedTuple):
    client: TestClient[Any, Any]
    store: Store
    slept: list[float]
    """How long the answers waited, in seconds; no time really passes."""

    async def post(self, path: str, sent: Any = None, **headers: str) -> ClientResponse:
        data = json.dumps(body(path) if sent is None else sent)
        return await self.client.post(path, data=data, headers=HEADERS[path] | headers)

    async def say(self, content: str, **changes: Any) -> ClientResponse:
        return await self.post("/preload", body("/preload", messages=[message(content)], **changes))

    async def frame(self, content: str = "A trip to Rome", **query: str) -> ClientResponse:
        """The frame of the bid that this message wins; a part of the address is left out when given as empty."""
        (bid,) = (await (await self.say(content)).json())["bids"]
        parts = {"code": bid["code"], "messageId": "a1", "sdk": "sdk-js"} | query
        return await self.client.get(
            f"/api/frame/{bid['bidId']}", params={name: part for name, part in parts.items() if part}
        )


@asynccontextmanager
async def running_sandbox(sleep: Callable[[float], Awaitable[None]] | None = None) -> AsyncIterator[Sandbox]:
    slept: list[float] = []

    async def note(seconds: float) -> None:
        slept.append(seconds)

    store = Store()
    async with TestClient(TestServer(create_app(store, sleep=sleep or note))) as client:
        yield Sandbox(client, store, slept)
