"""How little one answer can cost, whatever the ad server does (protocol 2.4)."""

from __future__ import annotations

import asyncio
import gzip
import logging
import tracemalloc
from itertools import chain, repeat

import httpx
import pytest

from kontext_integration.outcomes import PreloadFailed, PreloadFilled

from .asking import client_of, preload
from .fakes import AdServer, filled
from .streams import CHUNK, Chunks


async def test_a_small_answer_that_unpacks_to_a_huge_one_costs_nothing(server: AdServer) -> None:
    bomb = gzip.compress(b" " * 100_000_000, 9)
    chunks = [bomb[at : at + CHUNK] for at in range(0, len(bomb), CHUNK)]
    server.script("/base/preload", httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Chunks(chunks)))
    tracemalloc.start()
    outcome = await preload(client_of(server))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(outcome, PreloadFailed)
    assert peak < 10_000_000


async def test_an_answer_in_very_many_pieces_is_left_alone_soon_and_says_nothing(server: AdServer) -> None:
    stream = Chunks(chain([filled().content], repeat(b" ")))
    server.script("/base/preload", httpx.Response(200, stream=stream))
    async with asyncio.timeout(5):
        outcome = await preload(client_of(server))
    assert isinstance(outcome, PreloadFailed)
    assert outcome.err_code == "request_failed"
    assert stream.taken < 1_000
    assert stream.closed
    assert len(server.seen) == 1


async def test_an_answer_in_some_pieces_is_read(server: AdServer) -> None:
    body = filled().content
    stream = Chunks(body[at : at + 1] for at in range(len(body)))
    server.script("/base/preload", httpx.Response(200, stream=stream))
    assert isinstance(await preload(client_of(server)), PreloadFilled)


async def test_the_body_of_a_redirect_is_not_read(server: AdServer) -> None:
    stream = Chunks(repeat(b"x" * CHUNK))
    server.script("/base/preload", httpx.Response(307, headers={"Location": "http://ads.test/there"}, stream=stream))
    server.script("/there", filled())
    async with asyncio.timeout(5):
        assert isinstance(await preload(client_of(server), timeout_ms=1_000), PreloadFilled)
    assert stream.taken == 0
    assert stream.closed


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.WriteError, RuntimeError, OSError])
async def test_the_words_of_an_error_go_nowhere(
    server: AdServer, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.script("/base/preload", *[error("could not send {'content': 'Hi, I am Ann'}")] * 4)
    outcome = await preload(client_of(server))
    assert isinstance(outcome, PreloadFailed)
    assert "Ann" not in repr(outcome) + caplog.text


async def test_what_the_system_says_of_a_connection_is_told(server: AdServer) -> None:
    error = httpx.ConnectError("text of a library")
    error.__cause__ = ConnectionRefusedError(111, "Connection refused")
    server.script("/base/preload", *[error] * 4)
    outcome = await preload(client_of(server))
    assert isinstance(outcome, PreloadFailed)
    assert outcome.report == "ConnectError: Connection refused"
