"""One reply while it is written: engine → document → frames and saves.

It runs in a task that belongs to no socket and no request. What it has sent is described by one number, the length of
the text that the frames so far cover; what is saved is always the text up to such a point, so a reader who starts
from the store meets the next frame exactly.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Sequence

from asgiref.sync import sync_to_async
from django.db import Error as DatabaseError
from django.utils import translation

from chatapp import ads, broadcasts, conf, fragments, metrics, store
from chatapp.database import in_database
from chatapp.engines import EngineError, Turn, get_engine
from chatapp.markdown import Document
from chatapp.models import Message, State
from chatapp.queues import Turnstile

logger = logging.getLogger(__name__)
turnstile = Turnstile(lambda: conf.get_settings().concurrent_replies)
"""So many replies this process has written at once; people take turns."""
PLACE_INTERVAL_S = 1.0
PLACE_REPEAT_S = 5.0
"""How often a place in the line is told again, though it is still the same: a page may have come since."""
SAVE_ATTEMPTS = 60
LONGEST_PAUSE_S = 5.0


class Reply:
    """A live reply. `text` is all that the engine has said, `sent` how much of it the frames cover."""

    def __init__(self, message: Message, turns: Sequence[Turn], *, language: str) -> None:
        self.message = message
        self.turns = turns
        self.language = language
        self.document = Document(fragments.dom_id(message))
        self.text = ""
        self.sent = 0
        self.saved = 0
        self.saved_at = asyncio.get_running_loop().time()
        self._held_surrogate = ""
        self.began = asyncio.Event()
        """Set once the first words are on their way to the page, or there will be none."""
        self._released = asyncio.Event()
        self._sending = asyncio.Lock()
        self._writer: asyncio.Task[tuple[State, str]] | None = None
        self._stopping = False
        self._began = asyncio.get_running_loop().time()
        self._deltas = 0
        self._place = self._told_place = 0
        self._told_at = 0.0

    @property
    def id(self) -> uuid.UUID:
        ident: uuid.UUID = self.message.pk
        return ident

    # Actions

    def release(self) -> None:
        """The page has been told of the message: frames may follow."""
        self._released.set()

    def stop(self) -> None:
        """End the reply here and keep its text. The engine's connection closes at once."""
        self._stopping = True
        if self._writer:
            self._writer.cancel()

    async def run(self) -> None:
        """Write the reply to its end, whatever that is."""
        metrics.reply_began()
        self._writer = asyncio.create_task(self._write())
        if self._stopping:
            self._writer.cancel()
        await asyncio.wait({self._writer})
        if self._writer.cancelled():
            state, error = (State.STOPPED, "") if self._stopping else (State.INTERRUPTED, "shutdown")
        else:
            state, error = self._writer.result()
        metrics.reply_ended(state, error, seconds=self._age(), characters=len(self.text), deltas=self._deltas)
        await self._finish(state, error)

    async def flush(self) -> None:
        """Send what has been written since the last frame; nothing when there is nothing."""
        if not self._released.is_set():
            return
        if self._place or self._told_place:
            await self._tell_place()
        if self.sent < len(self.text):
            async with self._sending:
                await self._send_frame()

    async def snapshot(self) -> tuple[str, int]:
        """The body's HTML now, and the sequence number it stands for."""
        async with self._sending:
            await self._send_frame()
            return self.document.html(), self.sent

    # Internal

    async def _write(self) -> tuple[State, str]:
        translation.activate(self.language)  # in this task alone
        async with turnstile.enter(self.message.conversation.owner, self._wait_at):
            self._wait_at(0)
            self._began = asyncio.get_running_loop().time()
            return await self._ask()

    def _wait_at(self, place: int) -> None:
        self._place = place
        metrics.replies_waiting(turnstile.waiting)

    async def _tell_place(self) -> None:
        """The clock of the frames calls this; a line that moves fast is told once a second."""
        now = asyncio.get_running_loop().time()
        interval_s = PLACE_REPEAT_S if self._place == self._told_place else PLACE_INTERVAL_S
        if now - self._told_at < interval_s:
            return
        self._told_place, self._told_at = self._place, now
        async with self._sending:
            if self.message.state == State.PENDING:
                html = fragments.status(self.message, language=self.language, place=self._place)
                await broadcasts.fragment(self.message.conversation_id, html)

    def _age(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    async def _ask(self) -> tuple[State, str]:
        limit = conf.get_settings().max_reply_length
        try:
            async with contextlib.aclosing(get_engine().stream(self.turns)) as deltas:
                async for delta in deltas:
                    first = not self.text
                    self._deltas += 1
                    self._feed(delta[: limit - len(self.text)])
                    if first:
                        metrics.first_words(self._age())
                        await self._released.wait()
                        await self.flush()
                    if len(self.text) >= limit:
                        break
        except EngineError as failure:
            logger.warning("Reply %s ended early: %s", self.id, failure)
            return (State.INTERRUPTED if self.text else State.FAILED), failure.code
        except Exception:
            logger.exception("Reply %s ended early", self.id)
            return (State.INTERRUPTED if self.text else State.FAILED), "internal"
        return (State.COMPLETE, "") if self.text.strip() else (State.FAILED, "empty")

    def _feed(self, delta: str) -> None:
        text = store.storable(self._held_surrogate + delta)
        self._held_surrogate = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        if self._held_surrogate:
            text = text[:-1]
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if not text.isascii() else text
        self.text += text
        self.document.feed(text)

    async def _send_frame(self, status: str = "", *, final: bool = False) -> None:
        start, self.sent = self.sent, len(self.text)
        if start == self.sent and not final:
            return
        if self.message.state == State.PENDING:
            self.message.state = State.STREAMING
            status = fragments.status(self.message, language=self.language)
        with translation.override(self.language):
            html = fragments.frame(self.document.take_swaps(), status)
        await broadcasts.frame(
            self.message.conversation_id,
            html,
            message=self.id,
            start=start,
            end=self.sent,
            saved=self.saved,
            final=final,
        )
        self.began.set()

    async def _finish(self, state: State, error: str) -> None:
        await self._released.wait()
        async with self._sending:
            # What is open in the document goes out as such; only the last frame, with the final state, closes it.
            await self._send_frame()
            self.document.close()
        self.message.state, self.message.error, self.message.text = state, error, self.text
        match await self._settle(state, error):
            case True:
                self.saved = len(self.text)
                await self._say_the_end()
            case False:
                await self._say_what_is_stored()
            case None:
                self.message.state, self.message.error = State.INTERRUPTED, "unsaved"
                await self._say_the_end()
        ads.reply_ended(self.message)

    async def _settle(self, state: State, error: str) -> bool | None:
        """Write the final state, once. False: somebody else had written one. None: the database took nothing.

        The text is worth some patience: the database may be away, locked or full for a while.
        """
        pauses = (min(0.2 * 2**attempt, LONGEST_PAUSE_S) for attempt in range(SAVE_ATTEMPTS))
        for pause_s in pauses:
            try:
                return await in_database(store.end, self.id, state, text=self.text, error=error)
            except DatabaseError as failure:
                logger.warning("Reply %s cannot be saved for now: %s", self.id, type(failure).__name__)
                await asyncio.sleep(pause_s)
        logger.error("Reply %s could not be saved and is lost with this process", self.id)
        return None

    async def _say_the_end(self) -> None:
        status = fragments.status(self.message, language=self.language)
        async with self._sending:
            await self._send_frame(status, final=True)

    async def _say_what_is_stored(self) -> None:
        """What was written here did not become the reply: pages show what a reload would."""
        logger.warning("Reply %s had already been ended by someone else", self.id)
        stored = await in_database(Message.objects.select_related("conversation").filter(pk=self.id).first)
        if stored is None:
            return
        self.message = stored
        body = await sync_to_async(fragments.body)(stored)
        html = fragments.whole_body(stored, body) + fragments.status(stored, language=self.language)
        await broadcasts.fragment(stored.conversation_id, html)
