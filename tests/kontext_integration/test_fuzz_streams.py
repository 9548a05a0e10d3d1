"""Whatever comes out of a connection, the client gives an outcome, and reads no more than it must (protocol 2.4)."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from itertools import chain, pairwise, repeat
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kontext_integration.client import AdClient
from kontext_integration.entities import Configuration
from kontext_integration.outcomes import InitIgnored, PreloadFailed, PreloadFilled, PreloadNoFill
from kontext_integration.transport import HttpTransport, new_http_client
from kontext_integration.wire import MAX_ANSWER_BYTES

from .asking import client_of, init, preload
from .fakes import AdServer, RecordedSleep, filled
from .hostile import GOOD, bodies
from .streams import CHUNK, Chunks, Peer

BODY = json.dumps(GOOD).encode()


def outcome_of(*responses: httpx.Response) -> Any:
    async def ask() -> Any:
        server = AdServer()
        server.script("/base/preload", *responses)
        return await preload(client_of(server))

    return asyncio.run(ask())


def failed(outcome: Any) -> bool:
    return isinstance(outcome, PreloadFailed) and outcome.err_code == "request_failed"


@settings(max_examples=100)
@given(cuts=st.lists(st.integers(0, len(BODY)), max_size=20))
def test_a_body_may_be_cut_into_pieces_anywhere(cuts):
    pieces = [BODY[start:end] for start, end in pairwise([0, *sorted(cuts), len(BODY)])]

    assert isinstance(outcome_of(httpx.Response(200, stream=Chunks(pieces))), PreloadFilled)


@settings(max_examples=100)
@given(
    body=bodies(), size=st.integers(1, 50), encoding=st.sampled_from(["", "gzip", "deflate", "br", "zstd", "x, gzip"])
)
def test_no_stream_raises_whatever_its_encoding_is_said_to_be(body, size, encoding):
    def response() -> httpx.Response:
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        return httpx.Response(200, headers={"Content-Encoding": encoding}, stream=Chunks(pieces))

    # What cannot be unpacked counts as no answer, and is asked for again.
    outcome = outcome_of(*(response() for _ in range(4)))

    assert isinstance(outcome, PreloadFilled | PreloadNoFill | PreloadFailed)


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(BODY)[:-9], b"\x1f\x8b" + b"\0" * 50, zlib.compress(BODY)[5:], b""],
    ids=["cut", "broken", "without its head", "empty"],
)
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip"])
def test_an_encoding_that_is_a_lie_is_a_failed_request(packed, encoding):
    responses = [httpx.Response(200, headers={"Content-Encoding": encoding}, stream=Chunks([packed])) for _ in "1234"]

    assert failed(outcome_of(*responses))


@pytest.mark.parametrize("status", [200, 500, 429])
def test_an_endless_answer_is_read_up_to_the_limit_and_closed(status):
    streams = [Chunks(repeat(b"[" * CHUNK)) for _ in range(4)]
    outcome_of(*(httpx.Response(status, stream=stream) for stream in streams))

    assert streams[0].taken <= (MAX_ANSWER_BYTES + CHUNK if status == 200 else 0)
    assert streams[0].closed


def test_an_answer_that_says_nothing_for_long_is_read_to_its_end():
    stream = Chunks(chain(repeat(b"", 10_000), [BODY]))

    assert isinstance(outcome_of(httpx.Response(200, stream=stream)), PreloadFilled)


async def ask(peer: Peer) -> Any:
    async with asyncio.timeout(10), new_http_client() as http:
        tcp = await asyncio.start_server(peer, "127.0.0.1")
        address = "http://{}:{}".format(*tcp.sockets[0].getsockname())
        config = Configuration("tok", "user-1", "conv-1", ad_server_url=address)
        answer = await init(AdClient(HttpTransport(http), RecordedSleep()), config)
        tcp.close()
        return answer


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n\r\n",
        b"HTTP/1.1 2",
        b"SSH-2.0-OpenSSH_9.0\r\n\r\n",
        b"\x16\x03\x01" + b"\0" * 500,
        b"HTTP/1.1 20x OK\r\n\r\n",
        HEAD + b"Content-Length: 500\r\n\r\n{}",
        HEAD + b"Content-Length: -1\r\n\r\n{}",
        HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        HEAD + b"No colon\r\n\r\n{}",
        HEAD + b"X: \0\r\n\r\n{}",
        HEAD + b"X: " + b"x" * 200_000 + b"\r\n\r\n{}",
        CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
        CHUNKED + b"ffffffffffffffffffffffff\r\n{}",
        CHUNKED + b"5\r\n{}\r\n0\r\n\r\n",
    ],
    ids=lambda answer: repr(answer[-30:]),
)
async def test_bytes_that_are_no_http_are_no_answer(answer: bytes) -> None:
    outcome = await ask(Peer(answer))
    assert isinstance(outcome, InitIgnored)
    assert outcome.report


@pytest.mark.parametrize(
    "answer",
    [b"X: x\r\n" * 1000, b"{" * CHUNK, b"10000\r\n" + b" " * CHUNK + b"\r\n"],
    ids=["headers", "body", "chunks"],
)
@pytest.mark.parametrize("head", [HEAD, HEAD + b"\r\n", CHUNKED], ids=["in the head", "after it", "in chunks"])
async def test_nothing_endless_is_read_for_long(head: bytes, answer: bytes) -> None:
    class Started(Peer):
        async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(head)
            await super().__call__(reader, writer)

    peer = Started(answer, endless=True)
    assert isinstance(await ask(peer), InitIgnored)
    # Four attempts, and what fits into the buffers between the two.
    assert peer.written < 4 * MAX_ANSWER_BYTES + 40_000_000


async def test_a_good_answer_follows_bad_ones(server: AdServer) -> None:
    server.script("/base/preload", httpx.RemoteProtocolError("broken"), filled())
    assert isinstance(await preload(client_of(server)), PreloadFilled)
