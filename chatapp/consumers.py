"""The page's socket: authorise, catch up, forward. It writes nothing and takes nothing from the page.

Messages are written by POST, where CSRF protection, limits and the answer to the person are. A socket that accepted
them too would be a second door to guard.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseError

from chatapp import broadcasts, catchup, conf, limits, metrics, people
from chatapp.broadcasts import Fragment, Frame
from chatapp.catchup import Missing, Place
from chatapp.database import in_database
from chatapp.models import Conversation

logger = logging.getLogger(__name__)
T = TypeVar("T")
NOT_YOURS = 4404
TRY_LATER = 1013
BEAT = "<!---->"
"""Changes nothing: it tells the page, and every proxy on the way, that the socket lives."""
FIRST_BEAT_S, LIVE_BEAT_S, IDLE_BEAT_S = 1.0, 2.5, 20.0
"""How long a socket is left without a look at the store and a beat: at first, while a reply is live, and else. Proxies
cut what is silent, most after 60 s, some after 30."""
LOOK_S = 1.0
LOOKS = 3
"""At least so often a live reply is looked at in the time after which it counts as stale."""


class ConversationConsumer(AsyncWebsocketConsumer):
    """One open tab. `place` says which message it shows last; `offsets` how far it is in each reply, `ended` which
    replies it has seen end."""

    async def connect(self) -> None:
        if not await limits.may_connect(self.scope):
            await self.accept()
            await self.close(code=TRY_LATER)
            return
        person = await people.afrom_cookies(self.scope.get("cookies", {}))
        mine = Conversation.objects.owned_by(person).filter(pk=self._id())
        found = await in_database(mine.first)
        await self.accept()
        if found is None:
            # Accepted first: only a close code that the page can read stops it from trying again.
            await self.close(code=NOT_YOURS)
            return
        self.conversation = found
        metrics.socket_opened()
        self.place = Place.from_query(dict(parse_qsl(self.scope["query_string"].decode("ascii", "replace"))))
        self.offsets: dict[str, int] = {}
        self.ended: set[str] = set()
        await self._join()

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "conversation"):
            metrics.socket_closed()
        if hasattr(self, "tending"):
            self.tending.cancel()
            with broadcasts.forgiving():
                await self.channel_layer.group_discard(broadcasts.group_name(self.conversation.pk), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """The socket is downlink only."""

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Frames touch no database, so they are spared the trip to its thread that Channels makes for each message."""
        if message["type"] == "chat.frame":
            await self.chat_frame(message)  # type: ignore[arg-type]
        else:
            await super().dispatch(message)

    async def chat_fragment(self, event: Fragment) -> None:
        async with self.speaking:
            await self.send(text_data=event["html"])
            if event["reply"]:
                self.place = replace(self.place, last=uuid.UUID(event["reply"]))
                self.offsets.setdefault(event["reply"], 0)
                self.begun.set()

    async def chat_frame(self, event: Frame) -> None:
        async with self.speaking:
            await self._forward(event)

    # Internal

    async def _join(self) -> None:
        """Joined before the store is read, so that nothing falls between the two; what arrives twice is recognised."""
        joined = False
        with broadcasts.forgiving():
            async with asyncio.timeout(broadcasts.PATIENCE_S):
                await self.channel_layer.group_add(broadcasts.group_name(self.conversation.pk), self.channel_name)
            joined = True
        if not joined:
            await self.close(code=TRY_LATER)
            return
        # What the layer brings and what is found in the store are told one after the other.
        self.speaking = asyncio.Lock()
        self.begun = asyncio.Event()
        self.tending = asyncio.get_running_loop().create_task(self._look_now_and_then())
        async with self.speaking:
            await self._bring(await catchup.since(self.conversation, self.place))

    async def _forward(self, event: Frame) -> None:
        """Forward a frame that starts where the tab stands; drop a repetition; heal a gap from the store."""
        message = event["message"]
        if message not in self.offsets:
            # The tab missed how this reply began, perhaps with the message that it answers.
            await self._bring(await catchup.since(self.conversation, replace(self.place, state=None)))
        stands = self.offsets.setdefault(message, 0)
        if message in self.ended or (event["end"] <= stands and not event["final"]):
            return
        if event["start"] == stands:
            self.offsets[message] = event["end"]
            if event["final"]:
                self.ended.add(message)
            if event["html"]:
                await self.send(text_data=broadcasts.PART.join(event["html"]))
        elif event["saved"] > stands or event["final"]:
            await self._bring(await catchup.one(message, self.conversation.language))

    async def _bring(self, missing: Missing) -> None:
        if missing.place.last:
            self.place = missing.place
        self.offsets.update(missing.offsets)
        self.ended.update(missing.ended)
        for html in missing.html:
            await self.send(text_data=html)

    def _live(self) -> set[str]:
        return self.offsets.keys() - self.ended

    async def _look_now_and_then(self) -> None:
        """Look at the store: a reply's process may have died, the layer may have dropped anything. And let the page
        hear that the socket lives."""
        wait_s = FIRST_BEAT_S
        while True:
            live_s = min(LIVE_BEAT_S, conf.get_settings().stale_after_ms / 1000 / LOOKS)
            with suppress(TimeoutError):
                async with asyncio.timeout(min(wait_s, live_s) if self._live() else wait_s):
                    await self.begun.wait()
            if self.begun.is_set():
                self.begun.clear()
                wait_s = live_s
                continue
            async with self.speaking:
                await self._look()
                await self.send(text_data=BEAT)
            wait_s = live_s if self._live() else IDLE_BEAT_S

    async def _look(self) -> None:
        try:
            if await _soon(self._has_left()):
                await self.close(code=NOT_YOURS)
                return
            for message in self._live():
                at = self.offsets[message]
                await self._bring(await _soon(catchup.newer(message, self.conversation.language, at=at)))
            if not self._live():
                await self._bring(await _soon(catchup.since(self.conversation, replace(self.place, state=None))))
        except (DatabaseError, TimeoutError) as failure:
            logger.warning("A page cannot be brought up to date for now: %s", type(failure).__name__)

    async def _has_left(self) -> bool:
        """Whether the account that opened this tab has been logged out, or is gone. Guests cannot."""
        owner = self.conversation.owner
        return people.is_account(owner) and await people.afrom_cookies(self.scope.get("cookies", {})) != owner

    def _id(self) -> Any:
        return self.scope["url_route"]["kwargs"]["conversation_id"]


async def _soon(work: Awaitable[T]) -> T:
    """A look that takes too long is given up: frames wait for it."""
    async with asyncio.timeout(LOOK_S):
        return await work
