"""A network that can be broken: a TCP proxy between the browser (or a server) and what it talks to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

CHUNK = 65_536


@dataclass(eq=False)
class Wire:
    """One connection through the proxy. `head` is what the client said first; `is_socket`: it asks for a socket."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    head: bytes = b""
    left: int | None = None
    """So many bytes more from the server, then the connection breaks off. None: no end is set."""
    pieces: int = 0
    """How often the server has said something."""

    @property
    def is_socket(self) -> bool:
        return self.head.startswith(b"GET /ws/")

    def cut(self) -> None:
        """Both ends see the connection break off, wherever it stands: no goodbye, half a frame perhaps."""
        for end in (self.client, self.server):
            end.transport.abort()


@dataclass(eq=False)
class Network:
    """`judge` sees each connection's first bytes, and says what becomes of it: None lets it through, bytes are the
    answer instead. `delay_s` holds up each piece of what servers say, `held_s` of what they say over sockets; `silent`
    swallows the latter, nothing moves unless `flowing` is set; `refusing` refuses everybody."""

    port: int
    target: int
    judge: Callable[[bytes], bytes | None] = lambda head: None
    delay_s: float = 0.0
    held_s: float = 0.0
    silent: bool = False
    refusing: bool = False
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    wires: set[Wire] = field(default_factory=set)
    opened: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sockets(self) -> list[Wire]:
        return [wire for wire in self.wires if wire.is_socket]

    async def join(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        if self.refusing:
            client.transport.abort()
            return
        head = await reader.read(CHUNK)
        if answer := self.judge(head):
            client.write(answer)
            client.close()
            return
        try:
            source, server = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            client.transport.abort()
            return
        wire = Wire(client, server, head)
        self.wires.add(wire)
        self.opened += wire.is_socket
        server.write(head)
        up = asyncio.create_task(self._carry(reader, server))
        down = asyncio.create_task(self._carry(source, client, wire))
        await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        for way in (up, down):
            way.cancel()
        self.wires.discard(wire)
        for end in (client, server):
            end.close()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wire: Wire | None = None
    ) -> None:
        while data := await reader.read(CHUNK):
            await self.flowing.wait()
            if wire:
                await asyncio.sleep(self.held_s if wire.is_socket and self.held_s else self.delay_s)
            if wire and wire.is_socket and self.silent and wire.pieces:
                continue
            if wire:
                wire.pieces += 1
            if wire and wire.left is not None and len(data) >= wire.left:
                writer.write(data[: wire.left])
                await writer.drain()
                wire.cut()
                return
            if wire and wire.left is not None:
                wire.left -= len(data)
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def network(target: int, port: int = 0) -> AsyncIterator[Network]:
    """A proxy before `target` on this machine, on a free port."""
    made = Network(port, target)
    made.flowing.set()

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await made.join(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            writer.transport.abort()

    listening = await asyncio.start_server(join, "127.0.0.1", port)
    made.port = listening.sockets[0].getsockname()[1]
    yield made
    listening.close()
    for wire in list(made.wires):
        wire.cut()


def no_sockets(head: bytes) -> bytes | None:
    """What a proxy answers that knows nothing of sockets."""
    return b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" if head.startswith(b"GET /ws/") else None
