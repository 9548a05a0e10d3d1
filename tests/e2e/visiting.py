"""Somebody at the chat without a browser: forms by HTTP, replies by socket. For what needs no eyes, and many times."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from tests.assertions import visible
from tests.waiting import until

MESSAGE = re.compile(r'data-message-id="([^"]*)" data-role="\w+" data-state="(\w+)">')
COMPLETE = re.compile(r'<message-status[^>]* data-state="complete"')
BODY = re.compile(r"data-message-body[^>]*>(.*?)<message-status", re.DOTALL)


@dataclass(frozen=True)
class Reply:
    """The newest reply as a page shows it that is loaded now."""

    state: str
    text: str
    has_ad: bool


@dataclass
class Visitor:
    """One conversation of one person, and its open socket. `frames`: what has come over it since the last message."""

    url: str
    http: aiohttp.ClientSession
    path: str = "/"
    frames: list[str] = field(default_factory=list)
    _reading: asyncio.Task[None] | None = None

    @property
    def conversation(self) -> str:
        return self.path.split("/")[2]

    async def send(self, text: str) -> None:
        """Returns once the message is taken; a first one makes the conversation and opens its socket."""
        self.frames.clear()
        if self.path == "/":
            await self.get("/")
        [token] = [cookie.value for cookie in self.http.cookie_jar if cookie.key == "csrftoken"]
        form = {"id": str(uuid.uuid4()), "text": text}
        headers = {"HX-Request": "true", "X-CSRFToken": token}
        async with self.http.post(self.url + self.path, data=form, headers=headers) as answer:
            answer.raise_for_status()
            place = answer.headers.get("HX-Location")
        if place:
            self.path = json.loads(place)["path"]
        if self._reading is None:
            await self._connect()

    async def sees(self, words: str) -> None:
        await until(lambda: any(words in visible(frame) for frame in self.frames))

    async def sees_the_end(self) -> None:
        await until(lambda: any(COMPLETE.search(frame) for frame in self.frames))

    async def sees_an_ad(self) -> None:
        await until(lambda: any("<kontext-ad" in frame for frame in self.frames))

    async def reply(self) -> Reply:
        _, _, html = (await self.get(self.path)).rpartition("<article ")
        [(_, state)], [body] = MESSAGE.findall(html), BODY.findall(html)
        return Reply(state, visible(body), "<kontext-ad" in html)

    async def has_ad(self) -> bool:
        return (await self.reply()).has_ad

    async def get(self, path: str) -> str:
        async with self.http.get(self.url + path) as answer:
            answer.raise_for_status()
            return await answer.text()

    async def leave(self) -> None:
        if self._reading:
            self._reading.cancel()
            await asyncio.wait({self._reading})
            self._reading = None

    # Internal

    async def _connect(self) -> None:
        """From where a page stands that is loaded now."""
        page = await self.get(self.path)
        self.frames.append(page)
        ident, state = MESSAGE.findall(page)[-1]
        address = f"{self.url}/ws{self.path}?after={ident}&state={state}"
        socket = await self.http.ws_connect(address, origin=self.url, max_msg_size=0)
        self._reading = asyncio.create_task(self._read(socket))

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            self.frames.append(frame.data)


@asynccontextmanager
async def visitor(url: str) -> AsyncIterator[Visitor]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        visiting = Visitor(url, http)
        yield visiting
        await visiting.leave()
