"""An ad server that breaks in the way a test chooses: bytes over TCP, for no framework would send what it sends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.ad_breakages import REFUSED, WAYS, Breakage, answer, fill, says
from tests.e2e.servers import free_port


@dataclass
class BrokenAds:
    """`breaks`: for all that is asked; None: it works. `elsewhere` is a second host of the same server."""

    port: int = field(default_factory=free_port)
    other_port: int = field(default_factory=free_port)
    breaks: Breakage | None = None
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    """Paths and bodies of all requests."""
    open: list[str] = field(default_factory=list)
    """The conversations whose preloads are being answered."""
    sent: int = 0
    """Bytes that somebody took."""
    turns: int = 0
    _listening: list[asyncio.Server] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def elsewhere(self) -> str:
        return f"http://127.0.0.1:{self.other_port}"

    def preloads(self, conversation: str, since: int = 0) -> int:
        """How often an ad was asked for in this conversation. `since`: after so many requests of all kinds."""
        asked = self.asked[since:]
        return sum(path == "/preload" and body.get("conversationId") == conversation for path, body in asked)

    def people(self) -> set[object]:
        """Everybody of whom it was asked anything."""
        return {body.get("userId") for _, body in self.asked}

    async def start(self) -> None:
        self._listening = [
            await asyncio.start_server(self._join, "127.0.0.1", port) for port in (self.port, self.other_port)
        ]

    def stop(self) -> None:
        for server in self._listening:
            server.close()

    @asynccontextmanager
    async def broken(self, way: str) -> AsyncIterator[None]:
        """It breaks for a while."""
        self.sent = 0
        if way == REFUSED:
            self.stop()
        else:
            self.breaks = WAYS[way]
        try:
            yield
        finally:
            self.breaks = None
            if way == REFUSED:
                await self.start()

    # Internal

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            path, body = await _read(reader)
            self.asked.append((path, body))
            speaking = asyncio.create_task(self._speak(path, str(body.get("conversationId")), writer))
            leaving = asyncio.create_task(reader.read())
            await asyncio.wait({speaking, leaving}, return_when=asyncio.FIRST_COMPLETED)
            for task in (speaking, leaving):
                task.cancel()
            await asyncio.gather(speaking, leaving, return_exceptions=True)
        writer.close()

    async def _speak(self, path: str, conversation: str, writer: asyncio.StreamWriter) -> None:
        self.open.append(conversation)
        try:
            async for piece in (self.breaks or _works(path))(self):
                writer.write(piece)
                await writer.drain()
                self.sent += len(piece)
        except ConnectionResetError:
            writer.transport.abort()
        finally:
            self.open.remove(conversation)


async def _read(reader: asyncio.StreamReader) -> tuple[str, Mapping[str, Any]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = next((int(line[15:]) for line in head.splitlines() if line.lower().startswith("content-length:")), 0)
    body = await reader.readexactly(length)
    return head.split()[1], json.loads(body) if body else {}


def _works(path: str) -> Breakage:
    return says(answer(fill() if path == "/preload" else b"{}"))
