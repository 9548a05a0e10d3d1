"""A model endpoint that breaks in a chosen way: plain TCP, so that each byte and each segment is the test's own.

How it breaks hangs on the question: `breaks(question, how)`. So one server breaks in many ways at once, and is healthy
for everybody else. The ways are in `breakages`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.e2e.servers import event, free_port

WHOLE = ("It is ", "whole again, ", "marigold ", "and all.")
"""What it says when it is healthy."""
FINISH = event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
DONE = b"data: [DONE]\n\n"


def token(text: str) -> bytes:
    """The event that carries one token."""
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})


@dataclass(eq=False)
class Call:
    """One request, and what is answered to it. `closed`: the client has closed the connection."""

    question: str
    writer: asyncio.StreamWriter
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    sent: int = 0

    async def head(self, status: str = "200 OK", content_type: str = "text/event-stream", **headers: str) -> None:
        lines = {"Content-Type": content_type, "Connection": "close", "Transfer-Encoding": "chunked"}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        await self.raw(f"HTTP/1.1 {status}\r\n".encode() + b"".join(f"{k}: {v}\r\n".encode() for k, v in lines.items()))
        await self.raw(b"\r\n")

    async def send(self, *pieces: bytes) -> None:
        """Pieces of the body, each in a chunk and a segment of its own."""
        for piece in pieces:
            await self.raw(b"%x\r\n%s\r\n" % (len(piece), piece))

    async def say(self, *words: str) -> None:
        await self.send(*map(token, words))

    async def end(self) -> None:
        """The reply is complete, and so is the answer."""
        await self.send(FINISH, DONE)
        await self.raw(b"0\r\n\r\n")

    async def raw(self, *segments: bytes) -> None:
        for segment in segments:
            self.writer.write(segment)
            self.sent += len(segment)
            await self.writer.drain()

    async def drip(self, pieces: Iterable[bytes], every_s: float) -> None:
        """One piece after the other, for as long as the client listens."""
        for piece in pieces:
            if self.closed.is_set():
                return
            await self.raw(piece)
            await asyncio.sleep(every_s)

    async def listen(self, reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            while await reader.read(65_536):
                pass
        self.closed.set()


How = Callable[[Call], Awaitable[None]]


async def healthy(call: Call) -> None:
    await call.head()
    await call.say(*WHOLE)
    await call.end()


class BrokenModel:
    """`breaks()` says how the next answers to a question break; after them it is healthy."""

    def __init__(self) -> None:
        self.port = free_port()
        self.calls: list[Call] = []
        self._plans: dict[str, list[How]] = {}
        self._server: asyncio.Server | None = None
        self._answering: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def breaks(self, question: str, *how: How) -> None:
        self._plans[question] = list(how)

    def asked(self, question: str) -> list[Call]:
        return [call for call in self.calls if call.question == question]

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[BrokenModel]:
        await self._open()
        try:
            yield self
        finally:
            self._close()
            for call in self.calls:
                call.writer.transport.abort()
            if self._answering:
                await asyncio.wait(self._answering)

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Nobody listens."""
        self._close()
        try:
            yield
        finally:
            await self._open()

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self.port)

    def _close(self) -> None:
        if self._server:
            self._server.close()

    def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(reader, writer))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            call = Call(await _question(reader), writer)
            self.calls.append(call)
            listening = asyncio.create_task(call.listen(reader))
            with suppress(ConnectionError):
                await self._next(call.question)(call)
                writer.write_eof()
            await listening
        writer.close()

    def _next(self, question: str) -> How:
        plan = self._plans.get(question)
        return plan.pop(0) if plan else healthy


async def _question(reader: asyncio.StreamReader) -> str:
    """The person's last message in a request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    assert length is not None
    turns = json.loads(await reader.readexactly(int(length[1])))["messages"]
    return str(next(turn["content"] for turn in reversed(turns) if turn["role"] == "user"))
