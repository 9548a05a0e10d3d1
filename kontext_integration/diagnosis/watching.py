"""A transport that does what the real one does and takes notes: how far an exchange came, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import httpx

from ..transport import HttpTransport, Reply, Request, Unreachable


@dataclass(slots=True)
class Exchange:
    """One attempt of one POST."""

    url: str
    timeout_ms: int
    took_ms: int = 0
    status: int | None = None
    """Of the last answer; None: there was none."""
    body: bytes = field(default=b"", repr=False)
    """Of a 2xx; others are not read."""
    content_type: str = ""
    asked: list[str] = field(default_factory=list)
    """Every address that was asked: more than one, when redirects led there."""
    failed_at: str = ""
    """The step that failed, in the words of httpcore: "connect_tcp", "start_tls", "receive_response_headers" …"""
    failure: BaseException | None = None
    """What failed there; a cancellation: the time was over."""
    detail: str = ""
    """The transport's own words when there was no answer."""

    @property
    def host(self) -> str:
        """Host and port that were asked last."""
        return httpx.URL((self.asked or [self.url])[-1]).netloc.decode("ascii")


class WatchedTransport:
    """`transport.Transport` over the given client, each attempt limited to `timeout_ms`."""

    def __init__(self, http: httpx.AsyncClient, timeout_ms: int) -> None:
        http.event_hooks = {"request": [self._on_request], "response": [self._on_response]}
        self._inner = HttpTransport(http)
        self._timeout_ms = timeout_ms
        self.exchanges: list[Exchange] = []

    async def post(self, request: Request) -> Reply | Unreachable:
        limited = replace(request, timeout_ms=min(request.timeout_ms, self._timeout_ms))
        exchange = Exchange(limited.url, limited.timeout_ms)
        self.exchanges.append(exchange)
        began = perf_counter()
        answer = await self._inner.post(limited)
        exchange.took_ms = round((perf_counter() - began) * 1000)
        if isinstance(answer, Reply):
            exchange.status, exchange.body = answer.status, answer.body
        else:
            exchange.status, exchange.detail = None, answer.detail
        return answer

    async def _on_request(self, request: httpx.Request) -> None:
        self.exchanges[-1].asked.append(str(request.url))
        request.extensions = {**request.extensions, "trace": self._trace}

    async def _on_response(self, response: httpx.Response) -> None:
        exchange = self.exchanges[-1]
        exchange.content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    async def _trace(self, step: str, info: Mapping[str, Any]) -> None:
        _, _, name = step.partition(".")
        if name.endswith(".failed"):
            exchange = self.exchanges[-1]
            exchange.failed_at, exchange.failure = name.removesuffix(".failed"), info.get("exception")
