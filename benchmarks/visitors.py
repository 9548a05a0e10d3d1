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


class _Page:
    """The open socket. It is read all the time, as browsers do it; else the server's pings would find nobody."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._frames: asyncio.Queue[tuple[float, str | None]] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            self._frames.put_nowait((perf_counter(), message.data))
        self._frames.put_nowait((perf_counter(), None))

    async def frame(self) -> tuple[float, str]:
        """When the next frame came, and what it says."""
        came, frame = await asyncio.wait_for(self._frames.get(), PATIENCE_S)
        if frame is None:
            raise RuntimeError("the server closed the socket")
        return came, frame

    async def reply(self, began: float) -> Turn:
        turn, last = Turn(), 0.0
        while True:
            now, frame = await self.frame()
            if now < began:
                continue  # of the turn before: catching up tells some things twice
            ended = is_end(frame)
            if last and not ended:
                turn.longest_gap_ms = max(turn.longest_gap_ms, (now - last) * 1000)
            if last or FIRST in frame:
                last, turn.frames = now, turn.frames + 1
                turn.first_ms = turn.first_ms or (now - began) * 1000
            if ended:
                turn.end_ms = (now - began) * 1000
                return turn

    async def send(self, text: str) -> None:
        await self._socket.send_str(text)

    async def close(self) -> None:
        await self._socket.close()
        await self._reading


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
        self._page = _Page(await self._http.ws_connect(f"{self._url}/ws/"))

    async def turn(self, kind: str, tokens: int, rate: int) -> Turn:
        began = perf_counter()
        await self._page.send(order(kind, tokens, rate))
        return await self._page.reply(began)

    async def close(self) -> None:
        await self._page.close()
        await self._http.close()


class Ours:
    """Talks to the chat as its page does: a form with a CSRF token and cookies, the reply over the socket."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
        )
        self._tabs: list[_Page] = []

    async def open(self) -> None:
        """A conversation with one short turn, and its open socket."""
        async with self._http.get(f"{self._url}/") as page:
            page.raise_for_status()
            self._token = page.cookies["csrftoken"].value
        message = str(uuid.uuid4())
        location = await self._post("/", message, order("mixed", 2, 1000))
        self.path = json.loads(location)["path"]
        self._socket = f"{self._url}/ws{self.path}?after={message}&state=complete"
        self._page = _Page(await self._http.ws_connect(self._socket))
        while not is_end((await self._page.frame())[1]):
            pass

    async def open_tabs(self, count: int) -> None:
        """More open sockets on the same conversation, which nobody reads before `wake`."""
        self._tabs = [_Page(await self._http.ws_connect(self._socket)) for _ in range(count)]

    async def wake(self) -> None:
        """A short turn, which every tab hears to its end. Raises for one that does not."""
        hearing = [asyncio.create_task(tab.reply(perf_counter())) for tab in self._tabs]
        await self.turn("mixed", 3, 1000)
        await asyncio.gather(*hearing)

    async def turn(self, kind: str, tokens: int, rate: int) -> Turn:
        began = perf_counter()
        message = order(kind, tokens, rate)
        reading = asyncio.create_task(self._page.reply(began))
        await self._post(self.path, str(uuid.uuid4()), message)
        return await reading

    async def close(self) -> None:
        await asyncio.gather(*(page.close() for page in (self._page, *self._tabs)))
        await self._http.close()

    async def _post(self, path: str, message: str, text: str) -> str:
        headers = {"HX-Request": "true", "X-CSRFToken": self._token}
        form = {"id": message, "text": text}
        async with self._http.post(f"{self._url}{path}", data=form, headers=headers) as answer:
            await answer.read()
            answer.raise_for_status()
            return answer.headers.get("HX-Location", "")
