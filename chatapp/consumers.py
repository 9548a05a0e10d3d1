"""The page's socket: authorise, catch up, forward. It writes nothing and takes nothing from the page.

Messages are written by POST, where CSRF protection, limits and the answer to the person are. A socket that accepted
them too would be a second door to guard.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer

from chatapp import broadcasts, catchup, conf, people
from chatapp.broadcasts import Fragment, Frame
from chatapp.catchup import Missing
from chatapp.models import Conversation

NOT_YOURS = 4404
LOOKS = 3
"""How often a live reply is looked at in the time after which it counts as stale."""


class ConversationConsumer(AsyncWebsocketConsumer):
    """One open tab. `offsets` says how far the tab is in each reply, `ended` which replies it has seen end."""

    async def connect(self) -> None:
        person = people.from_cookies(self.scope.get("cookies", {}))
        found = await Conversation.objects.owned_by(person).filter(pk=self._id()).afirst()
        await self.accept()
        if found is None:
            # Accepted first: only a close code that the page can read stops it from trying again.
            await self.close(code=NOT_YOURS)
            return
        self.conversation = found
        self.offsets: dict[str, int] = {}
        self.ended: set[str] = set()
        self.watch: asyncio.Task[None] | None = None
        # Joined before the store is read, so that nothing falls between the two; what arrives twice is recognised.
        await self.channel_layer.group_add(broadcasts.group_name(self.conversation.pk), self.channel_name)
        last, state = self._shown()
        await self._bring(await catchup.since(self.conversation, last=last, state=state))

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "conversation"):
            if self.watch:
                self.watch.cancel()
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
        await self.send(text_data=event["html"])
        if event["reply"]:
            self.offsets.setdefault(event["reply"], 0)
            self._watch_live_replies()

    async def chat_frame(self, event: Frame) -> None:
        """Forward a frame that starts where the tab stands; drop a repetition; heal a gap from the store."""
        message = event["message"]
        stands = self.offsets.setdefault(message, 0)
        if message in self.ended or (event["end"] <= stands and not event["final"]):
            return
        if event["start"] == stands:
            self.offsets[message] = event["end"]
            if event["final"]:
                self.ended.add(message)
            for html in event["html"]:
                await self.send(text_data=html)
        elif event["saved"] > stands or event["final"]:
            await self._bring(await catchup.one(message, self.conversation.language))

    async def _bring(self, missing: Missing) -> None:
        self.offsets.update(missing.offsets)
        self.ended.update(missing.ended)
        for html in missing.html:
            await self.send(text_data=html)
        self._watch_live_replies()

    def _live(self) -> set[str]:
        return self.offsets.keys() - self.ended

    def _watch_live_replies(self) -> None:
        """While a reply is live, look now and then whether it has ended unheard: its process died, its last frame was
        dropped."""
        if self._live() and (self.watch is None or self.watch.done()):
            self.watch = asyncio.get_running_loop().create_task(self._look_now_and_then())

    async def _look_now_and_then(self) -> None:
        interval_s = conf.get_settings().stale_after_ms / 1000 / LOOKS
        while self._live():
            await asyncio.sleep(interval_s)
            for message in self._live():
                await self._bring(await catchup.ended(message, self.conversation.language))

    def _id(self) -> Any:
        return self.scope["url_route"]["kwargs"]["conversation_id"]

    def _shown(self) -> tuple[uuid.UUID | None, str]:
        """The last message on the page and its state, as the page says when it connects."""
        query = parse_qs(self.scope["query_string"].decode("ascii", "replace"))
        try:
            return uuid.UUID(query.get("after", [""])[0]), query.get("state", [""])[0]
        except ValueError:
            return None, ""
