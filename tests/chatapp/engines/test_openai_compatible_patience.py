"""How long an endpoint that is there, and says nothing of use, is waited for."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from chatapp.engines import EngineTimeout
from tests.chatapp.engines.fakes import FINISH, delta, endpoint, open_stream, reply
from tests.chatapp.engines.test_openai_compatible_failures import failure, failure_at


class Restless:
    """Gives `sign` again and again, after `chunks`: a sign of life that is no word."""

    def __init__(self, sign: bytes, *chunks: bytes) -> None:
        self.sign = sign
        self.chunks = chunks

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        response = await open_stream(request)
        for chunk in self.chunks:
            await response.write(chunk)
        while True:
            await response.write(self.sign)
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("sign", [b": ping\n\n", delta("")], ids=["comments", "empty tokens"])
@pytest.mark.parametrize("kept", ["", "kept"])
async def test_an_endpoint_that_gives_only_signs_of_life_times_out_in_the_end(sign: bytes, kept: str) -> None:
    text, error = await failure(Restless(sign, *[delta(kept)] * bool(kept)), read_timeout_s=0.2)
    assert (text, type(error)) == (kept, EngineTimeout)


async def test_signs_of_life_are_waited_for_longer_than_silence() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = await open_stream(request)
        for _ in range(10):
            await response.write(b": ping\n\n")
            await asyncio.sleep(0.1)
        await response.write(delta("Hello") + FINISH)
        return response

    async with endpoint(handler, read_timeout_s=0.8) as engine:
        assert await reply(engine) == "Hello"


async def test_a_head_that_comes_byte_by_byte_times_out() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not writer.transport.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.02)

    assert type(await failure_at(talk, read_timeout_s=0.2)) is EngineTimeout


async def test_a_body_that_cannot_be_parsed_times_out_though_its_connection_is_closed() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n:\r\n")
        await asyncio.sleep(0.1)
        writer.write(b"not a length\r\n")
        await reader.read()
        writer.close()

    error = await asyncio.wait_for(failure_at(talk, read_timeout_s=0.5), 10)
    assert type(error) is EngineTimeout
