"""A page of the person, as `relay.js` makes it one: it takes what waits, posts it, and hands back what came of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.http import HttpResponse
from django.test import AsyncClient

from kontext_integration.signals import relay_waiting

LONGEST_ANSWER = 64 * 1024


class Page:
    """`http` is the browser's way to the ad server."""

    def __init__(self, http: httpx.AsyncClient | None = None, person: str = "user-1") -> None:
        self.taken: list[dict[str, Any]] = []
        self.called: list[dict[str, Any]] = []
        self._http = http
        self._person = person
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Page]:
        """While it is open it does what it is called to, in tasks of its own."""
        relay_waiting.connect(self._on_call)
        try:
            yield self
        finally:
            relay_waiting.disconnect(self._on_call)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def take(self) -> list[dict[str, Any]]:
        response = await self._post("/kontext/relay/")
        taken: list[dict[str, Any]] = json.loads(response.content)["requests"]
        self.taken += taken
        return taken

    async def hand_back(self, request: dict[str, Any], outcome: str, body: bytes = b"") -> int:
        """`outcome`: "status=200". The status of our server's answer."""
        return (await self._post(f"{request['answer_url']}?{outcome}", body)).status_code

    async def serve(self) -> None:
        for request in await self.take():
            outcome, body = await self._relayed(request)
            await self.hand_back(request, outcome, body)

    async def _on_call(self, sender: Any, signal: Any, **given: Any) -> None:
        self.called.append(given)
        if self._http:
            task = asyncio.create_task(self.serve())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _relayed(self, request: dict[str, Any]) -> tuple[str, bytes]:
        assert self._http is not None
        assert urlsplit(request["url"]).netloc == "ads.test"
        try:
            async with asyncio.timeout(request["timeout_ms"] / 1000):
                response = await self._http.post(request["url"], content=request["body"], headers=request["headers"])
        except TimeoutError:
            return "failure=timeout", b""
        except Exception:
            return "failure=network", b""
        return f"status={response.status_code}", response.content[:LONGEST_ANSWER] if response.is_success else b""

    async def _post(self, path: str, body: bytes = b"") -> HttpResponse:
        person = {"X-Person": self._person}
        return await AsyncClient().post(path, body, content_type="application/octet-stream", headers=person)
