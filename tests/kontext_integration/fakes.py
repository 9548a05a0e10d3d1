"""A scripted ad server behind httpx, a sleep that only takes notes, and small builders."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from kontext_integration.entities import Message
from kontext_integration.opening import Sessions
from kontext_integration.transport import HttpTransport, Reply, Request, Transport, Unreachable, new_http_client

SESSION_ID = "33333333-3333-3333-3333-333333333333"
BID_ID = "11111111-1111-1111-1111-111111111111"
OTHER_BID_ID = "22222222-2222-2222-2222-222222222222"

Step = httpx.Response | Exception | Callable[[httpx.Request], Awaitable[httpx.Response]]

Heard = list[tuple[str, dict[str, Any]]]
"""Names of signals, with what they carried."""


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    path: str
    headers: httpx.Headers
    body: dict[str, Any]


class AdServer:
    """Answers each endpoint with its script, step by step, then with its default; keeps every request."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.timeouts: list[tuple[str, int]] = []
        """Path and milliseconds of every attempt."""
        self.aborted: list[str] = []
        self.otherwise: Callable[[httpx.Request], Awaitable[httpx.Response]] | None = None
        """What answers a request to `/preload` for which nothing is scripted."""
        self._script: defaultdict[str, deque[Step]] = defaultdict(deque)
        self._arrived: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def script(self, path: str, *steps: Step) -> None:
        self._script[path].extend(steps)

    def hold(self, path: str, answer: httpx.Response) -> asyncio.Event:
        """The next request to `path` waits for the event that this returns."""
        gate = asyncio.Event()

        async def wait(request: httpx.Request) -> httpx.Response:
            try:
                await gate.wait()
            except asyncio.CancelledError:
                self.aborted.append(path)
                raise
            return answer

        self.script(path, wait)
        return gate

    def to(self, path: str) -> list[Seen]:
        return [request for request in self.seen if request.path == path]

    def http(self) -> httpx.AsyncClient:
        return new_http_client(httpx.MockTransport(self._answer))

    def transport(self) -> HttpTransport:
        return _TimedTransport(self.http(), self.timeouts)

    async def arrival(self, path: str) -> None:
        """Return when the first request to `path` has arrived."""
        async with asyncio.timeout(5):
            await self._arrived[path].wait()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.seen.append(Seen(path, request.headers, json.loads(request.content or b"{}")))
        self._arrived[path].set()
        step = self._script[path].popleft() if self._script[path] else self._default(path)
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, httpx.Response) else await step(request)

    def _default(self, path: str) -> Step:
        if path == "/preload":
            return self.otherwise or skipped()
        return httpx.Response(204)


class _TimedTransport(HttpTransport):
    def __init__(self, http: httpx.AsyncClient, timeouts: list[tuple[str, int]]) -> None:
        super().__init__(http)
        self._timeouts = timeouts

    async def post(self, request: Request) -> Reply | Unreachable:
        self._timeouts.append((httpx.URL(request.url).path, request.timeout_ms))
        return await super().post(request)


class RecordedSleep:
    """Takes no time, unless the test holds this length."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._gates: dict[float, asyncio.Event] = {}

    def hold(self, seconds: float) -> asyncio.Event:
        gate = self._gates[seconds] = asyncio.Event()
        return gate

    @property
    def backoffs(self) -> list[float]:
        return [seconds for seconds in self.seconds if seconds >= 1]

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        gate = self._gates.get(seconds)
        await (gate.wait() if gate else asyncio.sleep(0))


class Process:
    """One server process: its own sessions, tasks and connections; the database is shared."""

    def __init__(
        self, server: AdServer | None = None, transport: Transport | None = None, sleep: RecordedSleep | None = None
    ) -> None:
        self.server = server or AdServer()
        self.sleep = sleep or RecordedSleep()
        self.sessions = Sessions(transport or self.server.transport(), self.sleep)

    async def get(self, conversation_id: str = "conv-1", user_id: str = "user-1", **given: Any) -> Any:
        return await self.sessions.get(conversation_id=conversation_id, user_id=user_id, **given)

    async def idle(self) -> None:
        """Return when nothing runs in the background any more."""
        async with asyncio.timeout(5):
            await self.sessions.worker().tasks.idle()

    async def die(self) -> None:
        """Everything that runs here ends where it stands."""
        for task in list(self.sessions.worker().tasks._mine):
            task.cancel()
        await self.idle()


def user(number: int, text: str = "A question") -> Message:
    return Message(f"u{number}", "user", text, _moment(number))


def assistant(number: int, text: str = "An answer") -> Message:
    return Message(f"a{number}", "assistant", text, _moment(number))


def filled(*bids: dict[str, Any], session_id: str = SESSION_ID) -> httpx.Response:
    return httpx.Response(200, json={"sessionId": session_id, "bids": list(bids) or [bid()]})


def bid(bid_id: str = BID_ID, code: str = "inlineAd", revenue: float = 0.05) -> dict[str, Any]:
    return {"bidId": bid_id, "code": code, "revenue": revenue}


def skipped(skip_code: str = "ad_skipped") -> httpx.Response:
    return httpx.Response(200, json={"sessionId": SESSION_ID, "bids": [], "skip": True, "skipCode": skip_code})


def _moment(number: int) -> datetime:
    return datetime(2026, 1, 15, 10, 30, tzinfo=UTC) + timedelta(minutes=number)
