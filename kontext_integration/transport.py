"""How bytes reach the ad server: one small interface, and its implementation over httpx.

It knows neither retries nor the meaning of an answer (see `client`). The other implementation is in `relay`: there the
person's page sends the request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Protocol

import httpx

from .wire import MAX_ANSWER_BYTES

MAX_REDIRECTS = 5
MAX_PIECES = 500
"""Of an answer. Each costs the event loop the same, be it a byte; a real answer has a few."""
_CUT = b"\0"
"""What no JSON has: an answer that was not read to its end says nothing."""
_LONGEST_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of any status. A body that is too long, or in too many pieces, is cut so that nobody can read it."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No answer: a network error or a timeout."""

    detail: str


@dataclass(frozen=True, slots=True)
class Request:
    """One POST to the ad server."""

    url: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    """Those of protocol 2.2, and no others."""
    timeout_ms: int
    """Of this attempt."""
    user_id: str
    """The person it is about."""
    conversation_id: str
    forwarded: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Headers that speak for the person's browser when it does not send the request itself (protocol OQ-1, OQ-3)."""


class Transport(Protocol):
    """One POST, one attempt. Never raises, but lets a cancellation through, which aborts the exchange."""

    async def post(self, request: Request) -> Reply | Unreachable: ...


class HttpTransport:
    """Server to server. `http` is closed by whoever made it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def post(self, request: Request) -> Reply | Unreachable:
        try:
            # httpx limits single reads and writes only; a server that drips bytes would never time out.
            async with asyncio.timeout(request.timeout_ms / 1000):
                return await self._exchange(request)
        except TimeoutError:
            return Unreachable(f"Timed out after {request.timeout_ms} ms")
        except httpx.UnsupportedProtocol:
            return Reply(HTTPStatus.FOUND, b"")
        except Exception as error:
            return Unreachable(_detail(error))

    async def _exchange(self, request: Request) -> Reply:
        headers = {**request.headers, **request.forwarded}
        sent = self._http.build_request("POST", request.url, content=request.body, headers=headers)
        # httpx would follow redirects by itself, but read their bodies to the end, however long they are.
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._http.send(sent, stream=True, follow_redirects=False)
            try:
                if response.next_request is None:
                    return Reply(response.status_code, await _read(response) if response.is_success else b"")
                sent = response.next_request
            finally:
                await response.aclose()
        return Reply(HTTPStatus.FOUND, b"")


async def _read(response: httpx.Response) -> bytes:
    # Nobody has asked for a packed answer; a small one may unpack to gigabytes, so it is taken as it came.
    response.headers.pop("Content-Encoding", None)
    body, pieces = bytearray(), 0
    async for chunk in response.aiter_bytes():
        body += chunk
        pieces += 1
        if len(body) > MAX_ANSWER_BYTES or pieces > MAX_PIECES:
            return bytes(body) + _CUT
    return bytes(body)


def _detail(error: BaseException) -> str:
    """The kind of the error, and what the operating system said. Its own words may quote what was to be sent."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return f"{type(error).__name__}: {cause.strerror}"[:_LONGEST_DETAIL]
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__


def new_http_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """An httpx client that adds nothing to a request: no cookies, no header beyond protocol 2.2."""
    http = httpx.AsyncClient(
        transport=transport,
        timeout=None,  # noqa: S113 (the whole attempt is timed, see above)
        follow_redirects=True,
        max_redirects=MAX_REDIRECTS,
        limits=httpx.Limits(max_connections=100, max_keepalive_connections=10, keepalive_expiry=5),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )
    for header in list(http.headers):
        del http.headers[header]
    return http
