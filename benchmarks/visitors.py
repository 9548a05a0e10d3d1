"""Somebody at a page, as fast as a program can be: sends a message, reads the reply, notes when what came."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import aiohttp

from benchmarks.texts import FIRST
from benchmarks.upstream import order

PATIENCE_S = 60.0
_BARE_END = "[DONE]"
_ENDED = re.compile(r'<message-status[^>]*data-state="(complete|stopped|interrupted|failed)"')


@dataclass
class Turn:
    """What one reply was like for its reader, in milliseconds since the message was sent."""

    first_ms: float = 0.0
    longest_gap_ms: float = 0.0
    end_ms: float = 0.0
    frames: int = 0


class Visitor(Protocol):
    async def open(self) -> None: ...

    async def turn(self, kind: str, tokens: int, rate: int) -> Turn: ...

    async def close(self) -> None: ...


class _Reader:
    """The open socket, and the clock."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def reply(self, began: float) -> Turn:
        turn, last = Turn(), 0.0
        while True:
            frame = await self._socket.receive_str(timeout=PATIENCE_S)
            now = perf_counter()
            ended = is_end(frame)
            if last and not ended:
                turn.longest_gap_ms = max(turn.longest_gap_ms, (now - last) * 1000)
            if last or FIRST in frame:
                last, turn.frames = now, turn.frames + 1
                turn.first_ms = turn.first_ms or (now - began) * 1000
            if ended:
                turn.end_ms = (now - began) * 1000
                return turn


def is_end(frame: str) -> bool:
    """Whether a frame ends the reply. Raises when it does so before the reply is complete."""
    if frame == _BARE_END:
        return True
    found = _ENDED.search(frame)
    if found and found[1] != "complete":
        raise RuntimeError(f"a reply ended as {found[1]}")
    return found is not None


class Bare:
    """Talks to the yardstick: everything goes over the socket."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = aiohttp.ClientSession()

    async def open(self) -> None:
        self._socket = await self._http.ws_connect(f"{self._url}/ws/")

    async def turn(self, kind: str, tokens: int, rate: int) -> Turn:
        began = perf_counter()
        await self._socket.send_str(order(kind, tokens, rate))
        return await _Reader(self._socket).reply(began)

    async def close(self) -> None:
        await self._socket.close()
        await self._http.close()


class Ours:
    """Talks to the chat as its page does: a form with a CSRF token and cookies, the reply over the socket."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
        )

    async def open(self) -> None:
        """A conversation with one short turn, and its open socket."""
        async with self._http.get(f"{self._url}/") as page:
            page.raise_for_status()
            self._token = page.cookies["csrftoken"].value
        message = str(uuid.uuid4())
        location = await self._post("/", message, order("mixed", 2, 1000))
        self.path = json.loads(location)["path"]
        query = f"after={message}&state=complete"
        self._socket = await self._http.ws_connect(f"{self._url}/ws{self.path}?{query}")
        while not is_end(await self._socket.receive_str(timeout=PATIENCE_S)):
            pass

    async def turn(self, kind: str, tokens: int, rate: int) -> Turn:
        began = perf_counter()
        message = order(kind, tokens, rate)
        reading = asyncio.create_task(_Reader(self._socket).reply(began))
        await self._post(self.path, str(uuid.uuid4()), message)
        return await reading

    async def close(self) -> None:
        await self._socket.close()
        await self._http.close()

    async def _post(self, path: str, message: str, text: str) -> str:
        headers = {"HX-Request": "true", "X-CSRFToken": self._token}
        form = {"id": message, "text": text}
        async with self._http.post(f"{self._url}{path}", data=form, headers=headers) as answer:
            await answer.read()
            answer.raise_for_status()
            return answer.headers.get("HX-Location", "")
