"""Bodies in pieces, and a peer that speaks whatever it likes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

import httpx

CHUNK = 65_536
"""So much is read from a socket at once."""


class Chunks(httpx.AsyncByteStream):
    """A body in pieces; counts what was taken of it."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self.taken = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            self.taken += len(chunk)
            yield chunk
            await asyncio.sleep(0)

    async def aclose(self) -> None:
        self.closed = True


class Peer:
    """A TCP server that answers every request with these bytes, again and again while `endless`, and counts them."""

    def __init__(self, answer: bytes, *, endless: bool = False) -> None:
        self._answer = answer
        self._endless = endless
        self.written = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            while True:
                writer.write(self._answer)
                self.written += len(self._answer)
                await writer.drain()
                await asyncio.sleep(0)
                if not self._endless:
                    break
        except ConnectionError:
            return
        finally:
            writer.close()
