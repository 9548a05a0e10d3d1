"""A person without a browser: cookies, plain requests and a socket, as any client would use them."""

from __future__ import annotations

import asyncio
import html
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

PATIENCE_S = 60
_ENDED = 'id="message-{}-status"[^>]*data-state="(complete|stopped|interrupted|failed)"'


@dataclass
class Reply:
    """A reply as its socket and its page show it."""

    conversation: str
    id: str
    frames: str = ""
    state: str = ""


class Person:
    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http

    async def ask(self, text: str, conversation: str = "/") -> Reply:
        """Send a message. The reply is the one that the page shows then."""
        form = {"id": str(uuid.uuid4()), "text": text}
        return await self._post(conversation, form)

    async def retry(self, reply: Reply) -> Reply:
        """Try again, by the button's form."""
        return await self._post(f"{reply.conversation}m/{reply.id}/retry/", {})

    async def read(self, reply: Reply, until: str = "") -> None:
        """What the socket brings, to the end of the reply, or until it has brought these words."""
        place = f"?after={reply.id}&state=pending&at=0"
        address = f"/ws{reply.conversation}{place}"
        ended = re.compile(_ENDED.format(reply.id))
        async with asyncio.timeout(PATIENCE_S), self.http.ws_connect(address, max_msg_size=0) as socket:
            async for frame in socket:
                reply.frames += str(frame.data)
                if found := ended.search(reply.frames):
                    reply.state = found[1]
                    return
                if until and until in plain(reply.frames):
                    return

    async def page(self, reply: Reply) -> str:
        """The reply's part of the page, after a reload."""
        text = await self._get(reply.conversation)
        found = re.search(rf'<article id="message-{reply.id}".*?</article>', text, re.DOTALL)
        assert found is not None
        return found[0]

    async def stored(self, reply: Reply) -> dict[str, Any]:
        """The reply as it is stored: `state` and `text`."""
        async with self.http.get("/data/export.json") as answer:
            conversations = (await answer.json())["conversations"]
        return next(m for c in conversations for m in c["messages"] if m["id"] == reply.id)

    async def _get(self, path: str) -> str:
        async with self.http.get(path) as answer:
            assert answer.status == 200
            return await answer.text()

    async def _post(self, path: str, form: dict[str, str]) -> Reply:
        if not len(self.http.cookie_jar):
            await self._get("/")
        token = next(cookie.value for cookie in self.http.cookie_jar if cookie.key == "csrftoken")
        async with self.http.post(path, data=form | {"csrfmiddlewaretoken": token}) as answer:
            text = await answer.text()
            assert answer.status == 200, text
            conversation = answer.url.path
        last = re.findall(r'data-message-id="([^"]+)" data-role="assistant"', text)[-1]
        return Reply(conversation, last)


@asynccontextmanager
async def person(url: str) -> AsyncIterator[Person]:
    jar = aiohttp.CookieJar(unsafe=True)  # "unsafe": for a host that is an address
    async with aiohttp.ClientSession(url, cookie_jar=jar, timeout=aiohttp.ClientTimeout(PATIENCE_S)) as http:
        yield Person(http)


def plain(markup: str) -> str:
    """The words of HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", markup))
