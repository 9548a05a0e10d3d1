"""The fake model, a process of its own: an OpenAI-compatible endpoint that streams as fast as it is asked to.

The last message says what to do: `kind=mixed tokens=200 rate=20` (tokens a second). Written straight on a transport,
with the frames made in advance, so that it never is what a benchmark waits for.
Run: `python -m benchmarks.upstream PORT`.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from functools import cache

from benchmarks.texts import tokens

_ORDER = re.compile(r"kind=(\w+) tokens=(\d+) rate=(\d+)")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def order(kind: str, count: int, rate: int) -> str:
    """A message that asks for a reply of `count` tokens of text `kind` (`texts.KINDS`) at `rate` tokens a second."""
    return f"kind={kind} tokens={count} rate={rate}"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    document = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "fake"}
    return f"data: {json.dumps({**document, 'choices': [choice]})}\n\n".encode()


@cache
def _frames(kind: str, count: int) -> tuple[bytes, ...]:
    """A chunk per token; the last one has the end of the reply with it."""
    frames = [_chunk(_event({"content": token})) for token in tokens(kind, count)]
    end = _chunk(_event({}, "stop")) + _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"
    return (*frames[:-1], frames[-1] + end)


class Model(asyncio.Protocol):
    """One connection, kept open from reply to reply."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.received = b""
        self.timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self.timer:
            self.timer.cancel()

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if end and length and len(body) >= int(length[1]):
            self.received = b""
            self._answer(json.loads(body)["messages"][-1]["content"])

    def _answer(self, text: str) -> None:
        asked = _ORDER.search(text)
        kind, count, rate = asked.groups() if asked else ("mixed", "20", "1000")
        self.frames, self.interval = _frames(kind, int(count)), 1 / int(rate)
        self.began, self.sent = self.loop.time(), 0
        self.transport.write(_HEAD)
        self._speak()

    def _speak(self) -> None:
        self.transport.write(self.frames[self.sent])
        self.sent += 1
        if self.sent < len(self.frames):
            self.timer = self.loop.call_at(self.began + self.sent * self.interval, self._speak)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Model, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
