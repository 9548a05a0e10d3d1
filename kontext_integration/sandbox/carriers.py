"""How the bytes of an answer travel: at once, or in one of the ways in which a network or a server goes wrong."""

from __future__ import annotations

import socket
import struct
from collections.abc import AsyncIterable, Awaitable, Callable

from aiohttp import web

from .answers import Answer

Sleep = Callable[[float], Awaitable[object]]
"""Waits so many seconds."""

DRIP_S = 3.0
"""How long all bytes of a `#drip` take together."""
TRICKLE_PAUSE_S = 0.5
TRICKLE_BYTES = 600
"""Five minutes: nobody waits longer."""
HUGE_BYTES = 50_000_000
_CHUNK = b"x" * 64_000


async def deliver(request: web.Request, answer: Answer, sleep: Sleep) -> web.StreamResponse:
    """Sends the answer. Raises `ConnectionError` when the client goes away while bytes still come."""
    match answer.carrier:
        case "plain":
            content_type = {"Content-Type": answer.content_type} if answer.body else {}
            return web.Response(body=answer.body or None, status=answer.status, headers=content_type)
        case "cut":
            return await _cut(request, answer)
        case "reset":
            return _reset(request)
        case "redirect":
            return web.Response(status=307, headers={"Location": request.path})
        case "drip" | "trickle" | "huge":
            return await _stream(request, answer, sleep)


async def _stream(request: web.Request, answer: Answer, sleep: Sleep) -> web.StreamResponse:
    chunks = {"drip": _drip(answer.body, sleep), "trickle": _trickle(sleep), "huge": _huge()}[answer.carrier]
    response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type})
    await response.prepare(request)
    async for chunk in chunks:
        await response.write(chunk)
    await response.write_eof()
    return response


async def _drip(body: bytes, sleep: Sleep) -> AsyncIterable[bytes]:
    for position in range(len(body)):
        yield body[position : position + 1]
        await sleep(DRIP_S / len(body))


async def _trickle(sleep: Sleep) -> AsyncIterable[bytes]:
    for _ in range(TRICKLE_BYTES):
        yield b" "
        await sleep(TRICKLE_PAUSE_S)


async def _huge() -> AsyncIterable[bytes]:
    yield b'{"bids": [], "filler": "'
    for _ in range(HUGE_BYTES // len(_CHUNK)):
        yield _CHUNK
    yield b'"}'


async def _cut(request: web.Request, answer: Answer) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type})
    response.content_length = len(answer.body)
    await response.prepare(request)
    await response.write(answer.body[: len(answer.body) // 2])
    if request.transport:
        request.transport.close()
    return response


def _reset(request: web.Request) -> web.Response:
    transport = request.transport
    if transport:
        # Closed without lingering, so that the client sees a reset and not an end.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()
