"""Each way in which an endpoint can fail, on a real server: what matters is what the transport makes of it."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from chatapp.engines import (
    EngineError,
    EngineInterrupted,
    EngineMalformed,
    EngineNotFound,
    EngineRateLimited,
    EngineRefused,
    EngineRejected,
    EngineTimeout,
    EngineUnauthorized,
    EngineUnavailable,
)
from chatapp.engines.openai_compatible import Endpoint, OpenAICompatibleEngine
from tests.chatapp.engines.fakes import (
    FINISH,
    KEY,
    QUESTION,
    Handler,
    Silent,
    answering,
    cut_after,
    delta,
    endpoint,
    event,
    reply,
    streaming,
)


async def failure(handler: Handler, **options: Any) -> tuple[str, EngineError]:
    """What had arrived, and the error that then came."""
    text = ""
    async with asyncio.timeout(20), endpoint(handler, **options) as engine:
        with pytest.raises(EngineError) as caught:  # noqa: PT012 (what came before the error matters as well)
            async for piece in engine.stream(QUESTION):
                text += piece
    return text, caught.value


async def failure_at(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], **options: Any
) -> EngineError:
    """The error that comes of a server that speaks for itself."""
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    engine = OpenAICompatibleEngine(
        Endpoint(base_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", **options)
    )
    try:
        async with asyncio.timeout(20):
            with pytest.raises(EngineError) as caught:
                await reply(engine)
        return caught.value
    finally:
        await engine.aclose()
        server.close()


async def test_an_endpoint_that_always_drops_the_connection_is_unavailable() -> None:
    calls = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal calls
        calls += 1
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    text, error = await failure(handler)
    assert (text, type(error), calls) == ("", EngineUnavailable, 2)


async def test_a_port_where_nobody_listens_refuses() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can take it meanwhile
        engine = OpenAICompatibleEngine(Endpoint(base_url=f"http://127.0.0.1:{taken.getsockname()[1]}/v1"))
        with pytest.raises(EngineRefused):
            await reply(engine)
        await engine.aclose()


@pytest.mark.parametrize(
    "base_url", ["http://no-such-host.invalid/v1", "localhost:11434/v1", "", "http://[", "ftp://x"]
)
async def test_an_address_that_leads_nowhere_refuses(base_url: str) -> None:
    engine = OpenAICompatibleEngine(Endpoint(base_url=base_url))
    with pytest.raises(EngineRefused):
        await reply(engine)
    await engine.aclose()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, EngineRejected),
        (401, EngineUnauthorized),
        (403, EngineUnauthorized),
        (404, EngineNotFound),
        (204, EngineMalformed),
        (307, EngineNotFound),
        (429, EngineRateLimited),
        (500, EngineUnavailable),
        (503, EngineUnavailable),
    ],
)
async def test_a_status_is_the_error_that_it_stands_for(status: int, expected: type[EngineError]) -> None:
    _, error = await failure(answering(status, body="<h1>no</h1>"))
    assert type(error) is expected
    assert error.detail == f"HTTP {status}"


async def test_too_many_requests_say_when_to_come_back() -> None:
    _, error = await failure(answering(429, **{"Retry-After": "7"}))
    assert isinstance(error, EngineRateLimited)
    assert error.retry_after_s == 7.0


async def test_the_log_gets_the_type_of_an_error_and_not_its_message() -> None:
    body = json.dumps({"error": {"message": "you said: a private question", "code": "context_length_exceeded"}})
    _, error = await failure(answering(400, body=body))
    assert str(error) == "rejected: HTTP 400 context_length_exceeded"


async def test_an_endpoint_that_never_answers_times_out() -> None:
    text, error = await failure(Silent(), read_timeout_s=0.05)
    assert (text, type(error)) == ("", EngineTimeout)


async def test_an_endpoint_that_falls_silent_in_mid_reply_times_out_and_the_text_is_kept() -> None:
    handler = Silent(delta("kept"))
    text, error = await failure(handler, read_timeout_s=0.5)
    assert (text, type(error)) == ("kept", EngineTimeout)
    await asyncio.wait_for(handler.gone.wait(), 5)


async def test_an_endpoint_that_does_not_accept_the_connection_times_out() -> None:
    with socket.socket() as full, socket.socket() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting.connect(full.getsockname())  # fills the queue of connections that nobody takes
        address = f"http://127.0.0.1:{full.getsockname()[1]}/v1"
        engine = OpenAICompatibleEngine(Endpoint(base_url=address, connect_timeout_s=0.05, read_timeout_s=0.1))
        with pytest.raises(EngineTimeout):
            await reply(engine)
        await engine.aclose()


@pytest.mark.parametrize(
    "handler",
    [
        cut_after(delta("kept")),
        cut_after(delta("kept"), delta("é")[:-40]),
        cut_after(delta("kept"), 'data: {"choices":[{"delta":{"content":"é'.encode()[:-1]),
        streaming(delta("kept")),
        streaming(delta("kept"), b'data: {"choices"'),
    ],
    ids=["dropped", "within an event", "within a character", "no finish", "ended within an event"],
)
async def test_a_stream_that_is_cut_was_interrupted_and_the_text_is_kept(handler: Handler) -> None:
    text, error = await failure(handler)
    assert (text, type(error)) == ("kept", EngineInterrupted)


@pytest.mark.parametrize(
    ("handler", "kept", "expected"),
    [
        (streaming(delta("kept"), event(b"{nonsense")), "kept", EngineMalformed),
        (streaming(b"<!doctype html><title>Log in</title>", content_type="text/html"), "", EngineMalformed),
        (streaming(b"hello there", content_type="text/plain"), "", EngineMalformed),
        (streaming(delta("kept"), event({"error": {"code": 429}})), "kept", EngineRateLimited),
    ],
    ids=["not JSON", "a page", "plain text", "an error object"],
)
async def test_what_is_not_a_reply_is_named(handler: Handler, kept: str, expected: type[EngineError]) -> None:
    text, error = await failure(handler)
    assert (text, type(error)) == (kept, expected)


async def test_a_server_that_does_not_speak_http_is_malformed() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ESMTP ready\r\n\r\n")
        await reader.read(100)
        writer.close()

    assert type(await failure_at(talk)) is EngineMalformed


async def test_neither_the_key_nor_the_question_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with endpoint(streaming(delta("a private answer"), FINISH)) as engine:
        await reply(engine)
        logged = caplog.text + repr(engine.endpoint)
    _, error = await failure(answering(401, body=json.dumps({"error": {"message": f"bad key {KEY}", "code": KEY[:2]}})))
    logged += caplog.text + repr(error) + str(error)
    assert "127.0.0.1" in logged
    for secret in (KEY, "a private question", "a private answer"):
        assert secret not in logged
