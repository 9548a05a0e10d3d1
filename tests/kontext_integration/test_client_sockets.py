"""Protocol 2.2 and 2.7 over a real socket: nothing is added to a request, and a cancellation hangs up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from kontext_integration.client import AdClient
from kontext_integration.entities import Configuration
from kontext_integration.transport import HttpTransport, new_http_client

from .asking import init


class Listener:
    """A TCP server that keeps the head of a request and answers once told to."""

    def __init__(self, answer: bytes = b"") -> None:
        self.answer = answer
        self.head = b""
        self.got_head, self.hung_up = asyncio.Event(), asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.head = await reader.readuntil(b"\r\n\r\n")
        self.got_head.set()
        writer.write(self.answer)
        while await reader.read(1000):
            pass
        self.hung_up.set()
        writer.close()


@asynccontextmanager
async def asking(listener: Listener) -> AsyncIterator[asyncio.Task[Any]]:
    async with asyncio.timeout(5), new_http_client() as http:
        tcp = await asyncio.start_server(listener, "127.0.0.1")
        address = "http://{}:{}".format(*tcp.sockets[0].getsockname())
        config = Configuration("tok", "user-1", "conv-1", ad_server_url=address)
        yield asyncio.create_task(init(AdClient(HttpTransport(http)), config))
    tcp.close()


async def test_2_2_no_other_header_reaches_a_real_socket() -> None:
    listener = Listener(b"HTTP/1.1 204 No Content\r\n\r\n")
    async with asking(listener) as task:
        await task
    lines = listener.head.decode().lower().split("\r\n")
    assert lines[0] == "post /init http/1.1"
    assert {line.partition(":")[0] for line in lines[1:] if line} == {
        "host",
        "content-type",
        "content-length",
        "kontextso-publisher-token",
        "x-forwarded-for",
    }


async def test_2_7_a_cancellation_hangs_up_on_a_real_server() -> None:
    listener = Listener()
    async with asking(listener) as task:
        await listener.got_head.wait()
        task.cancel()
        await listener.hung_up.wait()
    assert task.cancelled()
