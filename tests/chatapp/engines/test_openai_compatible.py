"""Against a real server on this machine: what is asked, how it is read, and that it can be let go at once."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import web

from chatapp.engines import (
    Turn,
)
from chatapp.engines.openai_compatible import Endpoint
from tests.chatapp.engines.fakes import (
    DONE,
    FINISH,
    KEY,
    QUESTION,
    Handler,
    Silent,
    answering,
    delta,
    endpoint,
    event,
    reply,
    streaming,
)


class Asked:
    """A handler that keeps what it was asked and answers `Hello`."""

    def __init__(self) -> None:
        self.requests: list[tuple[web.Request, Any]] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request, await request.json()))
        return await streaming(delta("Hello"), FINISH, DONE)(request)


async def test_the_conversation_is_asked_for_as_a_stream() -> None:
    asked = Asked()
    async with endpoint(asked, model="small") as engine:
        turns = [Turn("system", "Be kind."), *QUESTION]
        assert [piece async for piece in engine.stream(turns)] == ["Hello"]
    request, body = asked.requests[0]
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert body == {
        "model": "small",
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "a private question"},
        ],
        "stream": True,
    }


async def test_without_a_key_no_authorization_is_sent() -> None:
    asked = Asked()
    async with endpoint(asked, api_key="") as engine:
        await reply(engine)
    assert "Authorization" not in asked.requests[0][0].headers


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://api.test/v1", "https://api.test/v1/chat/completions"),
        ("https://api.test/v1/", "https://api.test/v1/chat/completions"),
        ("http://127.0.0.1:11434/v1//", "http://127.0.0.1:11434/v1/chat/completions"),
        ("https://api.test", "https://api.test/chat/completions"),
        ("https://api.test/v1?api-version=1", "https://api.test/v1/chat/completions?api-version=1"),
    ],
)
def test_the_address_is_the_base_with_chat_completions(base_url: str, url: str) -> None:
    assert Endpoint(base_url=base_url).url == url


async def test_pieces_arrive_as_they_are_sent() -> None:
    handler = Silent(delta("first"))
    async with endpoint(handler) as engine, aclosing(engine.stream(QUESTION)) as pieces:
        assert await anext(pieces) == "first"
        assert not handler.gone.is_set()


async def test_closing_the_generator_closes_the_upstream_at_once() -> None:
    handler = Silent(delta("first"))
    async with endpoint(handler) as engine:
        pieces = engine.stream(QUESTION)
        await anext(pieces)
        start = time.monotonic()
        await pieces.aclose()
        await asyncio.wait_for(handler.gone.wait(), 5)
        assert time.monotonic() - start < 0.5


@pytest.mark.parametrize("chunks", [(), (delta("first"),)], ids=["before the answer", "in mid-reply"])
async def test_cancelling_the_reader_closes_the_upstream(chunks: tuple[bytes, ...]) -> None:
    handler = Silent(*chunks)
    async with endpoint(handler) as engine:
        task = asyncio.create_task(reply(engine))
        await handler.asked.wait()
        task.cancel()
        await asyncio.wait_for(handler.gone.wait(), 5)
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_reply_ends_at_its_finish_although_the_endpoint_keeps_the_stream_open() -> None:
    handler = Silent(delta("all"), FINISH)
    async with endpoint(handler) as engine:
        assert await asyncio.wait_for(reply(engine), 5) == "all"
        await asyncio.wait_for(handler.gone.wait(), 5)


async def test_more_than_a_hundred_replies_stream_at_the_same_time() -> None:
    async with endpoint(Silent(delta("first"))) as engine:
        replies = [engine.stream(QUESTION) for _ in range(120)]
        assert await asyncio.gather(*(anext(pieces) for pieces in replies)) == ["first"] * 120
        for pieces in replies:
            await pieces.aclose()


async def test_a_kept_connection_that_was_dropped_is_tried_once_more() -> None:
    calls = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal calls
        calls += 1
        if calls == 1:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return await streaming(delta("Hello"), FINISH)(request)

    async with endpoint(handler) as engine:
        assert await reply(engine) == "Hello"
    assert calls == 2


@pytest.mark.parametrize(
    ("handler", "text"),
    [
        (streaming(delta("a"), FINISH), "a"),
        (streaming(delta("a"), DONE), "a"),
        (streaming(delta(None), delta(""), delta("a"), event({"choices": []}), FINISH, DONE), "a"),
        (streaming(delta("x" * 300_000), FINISH), "x" * 300_000),
        (streaming(*[bytes([byte]) for byte in delta("é漢🌿") + FINISH]), "é漢🌿"),
        (
            answering(200, body='{"choices":[{"message":{"content":"whole"}}]}', **{"Content-Type": "text/json"}),
            "whole",
        ),
    ],
    ids=["no DONE", "no finish_reason", "empty deltas", "a huge delta", "byte by byte", "a document"],
)
async def test_what_endpoints_differ_in_does_not_matter(handler: Handler, text: str) -> None:
    async with endpoint(handler) as engine:
        assert await reply(engine) == text


async def test_a_compressed_stream_is_read() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        response.enable_compression(web.ContentCoding.gzip)
        await response.prepare(request)
        await response.write(delta("Hello") + FINISH)
        return response

    async with endpoint(handler) as engine:
        assert await reply(engine) == "Hello"


async def test_an_engine_can_be_used_again_after_it_was_closed() -> None:
    async with endpoint(streaming(delta("Hello"), FINISH)) as engine:
        await engine.aclose()
        await reply(engine)
        await engine.aclose()
        assert await reply(engine) == "Hello"
