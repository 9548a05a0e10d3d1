"""What stands between a browser and this chat, found out by going the way of a browser: page, form, socket, requests.

A conversation of nobody is made for it in the database, with a reply that is for ever being written: so the server says
a word on its socket every few seconds, and whatever holds it up or cuts it shows.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import astuple, dataclass
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import aiohttp
from django.conf import settings
from django.core import signing
from django.utils import timezone

from chatapp import broadcasts, people
from chatapp.checkup.findings import (
    BUFFERING,
    PROTO,
    UNREACHED,
    UPGRADE,
    Finding,
    Heard,
    Problem,
    no_page,
    no_socket,
    reaching,
)
from chatapp.consumers import LIVE_BEAT_S
from chatapp.database import in_database
from chatapp.models import Conversation, Message, Role, State

ANSWER_S = 10.0
LISTEN_S = 7.0
LATE = 1.6
"""So many times the usual pause is late."""
LOST = 1006
MARK = "<!--check-->"


@dataclass(slots=True)
class Way:
    """The way to one conversation. `idle_s`: how long a silent socket is held."""

    url: str
    http: aiohttp.ClientSession
    conversation: Conversation
    reply: Message
    idle_s: float
    token: str = ""

    async def findings(self) -> AsyncIterator[Finding]:
        """Everything that was found, in the order of the way. Ends where it cannot go on."""
        try:
            for step in (self.page, self.form, self.live_socket, self.idle_socket, self.requests):
                async for finding in step():
                    yield finding
        except Problem as problem:
            yield problem.finding

    # Steps

    async def page(self) -> AsyncIterator[Finding]:
        with reaching(self.url):
            async with self.http.get(self._path(), allow_redirects=False) as answer:
                if answer.status != 200:
                    elsewhere = urljoin(self.url, answer.headers.get("Location", "")) if answer.status < 400 else ""
                    raise no_page(answer.status, elsewhere, self.url)
                token = answer.cookies.get(settings.CSRF_COOKIE_NAME)
        self.token = token.value if token else ""
        yield Finding(f"The page answers at {self.url}.")
        if settings.SESSION_COOKIE_SECURE and urlsplit(self.url).scheme == "http":
            fix = "Serve the chat over https, or set SECURE_COOKIES=false for a trial."
            yield Finding("Browsers will not send the cookies back: they are for https, and this is http.", fix)

    async def form(self) -> AsyncIterator[Finding]:
        headers = {"Origin": self.url, "Referer": f"{self.url}/", "X-CSRFToken": self.token}
        headers["Cookie"] = f"{self.http.headers['Cookie']}; {settings.CSRF_COOKIE_NAME}={self.token}"
        with reaching(self.url):
            async with self.http.post(self._path("stop/"), headers=headers, allow_redirects=False) as answer:
                if answer.status == 403:
                    yield Finding("What a page posts is refused: the server takes the page for another site's.", PROTO)
                else:
                    yield Finding("What a page posts is taken.")

    async def live_socket(self) -> AsyncIterator[Finding]:
        async with self._socket() as socket:
            yield Finding("A socket opens.")
            heard = await self._hear(socket, LISTEN_S)
            if heard.code:
                raise Problem(*astuple(heard.ending()))
            if (gap := heard.longest_gap) > LATE * LIVE_BEAT_S:
                text = f"What the server says every {LIVE_BEAT_S:g} s comes late, in bunches: nothing for {gap:.1f} s."
                yield Finding(text, BUFFERING)
            else:
                yield Finding(f"Words come as they are said: never more than {gap:.1f} s between two.")
            if settings.REDIS_URL:
                yield await self._layer(socket)

    async def idle_socket(self) -> AsyncIterator[Finding]:
        await in_database(Message.objects.filter(pk=self.reply.pk).update, state=State.COMPLETE)
        async with self._socket(state=State.COMPLETE) as socket:
            heard = await self._hear(socket, self.idle_s)
        stayed = Finding(f"A socket on which little is said stays open ({self.idle_s:g} s).")
        yield heard.ending() if heard.code else stayed

    async def requests(self) -> AsyncIterator[Finding]:
        place = f"tail/?after={self.reply.pk}&state={State.COMPLETE}&at={len(self.reply.text)}"
        with reaching(self.url):
            async with self.http.get(self._path(place)) as answer:
                if answer.status == 200:
                    yield Finding("Where sockets are blocked, plain requests do.")
                else:
                    fix = f"Pass /c/ on as it is. {UNREACHED}"
                    yield Finding(f"Plain requests, in place of sockets, are answered with {answer.status}.", fix)

    # Internal

    def _path(self, rest: str = "") -> str:
        return f"{self.url}/c/{self.conversation.pk}/{rest}"

    @asynccontextmanager
    async def _socket(self, state: str = State.STREAMING) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        address = f"{self.url}/ws/c/{self.conversation.pk}/?after={self.reply.pk}&state={state}"
        with reaching(self.url):
            try:
                async with asyncio.timeout(ANSWER_S):
                    socket = await self.http.ws_connect(address, origin=self.url)
            except aiohttp.WSServerHandshakeError as refusal:
                raise no_socket(refusal.status) from refusal
            except TimeoutError as silence:
                raise Problem("A socket is asked for and nobody answers.", UPGRADE) from silence
            try:
                yield socket
            finally:
                await socket.close()

    async def _hear(self, socket: aiohttp.ClientWebSocketResponse, seconds: float) -> Heard:
        heard = Heard([time.monotonic()])
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                    heard.times.append(time.monotonic())
                heard.code = socket.close_code or LOST
        heard.times.append(time.monotonic())
        return heard

    async def _layer(self, socket: aiohttp.ClientWebSocketResponse) -> Finding:
        await broadcasts.fragment(self.conversation.pk, MARK)
        try:
            async with asyncio.timeout(2 * LIVE_BEAT_S):
                while (await socket.receive()).data != MARK:
                    continue
        except TimeoutError:
            fix = "Give the server processes the same REDIS_URL as this command has."
            return Finding("What one process says does not reach the sockets of another.", fix)
        return Finding("What one process says reaches the sockets of another.")


@asynccontextmanager
async def way_to(url: str, *, idle_s: float, verify: bool) -> AsyncIterator[Way]:
    """The way to a conversation that is made for this and deleted afterwards."""
    person = uuid.uuid4()
    conversation, reply = await in_database(_make, person)
    signed = signing.get_cookie_signer(salt=people.COOKIE).sign(str(person))
    session = aiohttp.ClientSession(
        headers={"Cookie": f"{people.cookie_name()}={signed}"},
        connector=aiohttp.TCPConnector(ssl=verify, force_close=True),  # as browsers do for a socket
        timeout=aiohttp.ClientTimeout(ANSWER_S),
        cookie_jar=aiohttp.DummyCookieJar(),
    )
    try:
        async with session:
            yield Way(url.rstrip("/"), session, conversation, reply, idle_s)
    finally:
        await in_database(conversation.delete)


def _make(person: uuid.UUID) -> tuple[Conversation, Message]:
    conversation = Conversation.objects.create(owner=person, title="check_transport")
    Message.objects.create(conversation=conversation, position=1, role=Role.USER, text="check_transport")
    # Its next sign of life seems to be a day away, so nobody takes its writer for dead.
    tomorrow = timezone.now() + timedelta(days=1)
    reply = Message.objects.create(
        conversation=conversation, position=2, role=Role.ASSISTANT, state=State.STREAMING, saved_at=tomorrow
    )
    return conversation, reply
