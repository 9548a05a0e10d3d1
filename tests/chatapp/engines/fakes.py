"""A real endpoint on a free local port whose behaviour each test writes as a handler."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from chatapp.engines import Turn
from chatapp.engines.openai_compatible import Endpoint, OpenAICompatibleEngine

KEY = "sk-very-secret"
QUESTION = [Turn("user", "a private question")]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def event(payload: Any) -> bytes:
    return b"data: " + (payload if isinstance(payload, bytes) else json.dumps(payload).encode()) + b"\n\n"


def delta(text: str | None, finish_reason: str | None = None) -> bytes:
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}]})


FINISH = delta(None, "stop")
DONE = event(b"[DONE]")


async def open_stream(request: web.Request, *, content_type: str = "text/event-stream") -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": content_type})
    await response.prepare(request)
    return response


def streaming(*chunks: bytes, content_type: str = "text/event-stream") -> Handler:
    """A handler that sends `chunks` and ends the answer properly."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = await open_stream(request, content_type=content_type)
        for chunk in chunks:
            await response.write(chunk)
        return response

    return handler


def answering(status: int, *, body: str = "", **headers: str) -> Handler:
    """A handler that answers at once, without a stream."""

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body, headers=headers)

    return handler


def cut_after(*chunks: bytes) -> Handler:
    """A handler that sends `chunks` and drops the connection."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = await open_stream(request)
        for chunk in chunks:
            await response.write(chunk)
        assert request.transport is not None
        request.transport.close()
        return response

    return handler


class Silent:
    """A handler that sends `chunks` and then nothing (without chunks not even a head).

    `asked` is set when a request has come, `gone` when the client has closed the connection.
    """

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks
        self.asked = asyncio.Event()
        self.gone = asyncio.Event()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.set()
        try:
            if self.chunks:
                response = await open_stream(request)
                for chunk in self.chunks:
                    await response.write(chunk)
            await asyncio.Event().wait()
        finally:
            self.gone.set()
        raise AssertionError("unreachable")


@asynccontextmanager
async def endpoint(handler: Handler, **options: Any) -> AsyncIterator[OpenAICompatibleEngine]:
    """An engine for a server that answers `POST /v1/chat/completions` with `handler`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    engine = OpenAICompatibleEngine(Endpoint(**{"base_url": base_url, "api_key": KEY, **options}))
    try:
        yield engine
    finally:
        await engine.aclose()
        await runner.cleanup()


async def reply(engine: OpenAICompatibleEngine) -> str:
    return "".join([piece async for piece in engine.stream(QUESTION)])
