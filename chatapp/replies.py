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
from django.db import DatabaseError, connection
from django.utils import timezone, translation

from chatapp import ads, broadcasts, conf, fragments
from chatapp.database import writing
from chatapp.engines import EngineError, Turn, get_engine
from chatapp.markdown import Document
from chatapp.models import LIVE, Message, State

logger = logging.getLogger(__name__)
SAVE_ATTEMPTS = 6


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
        self._writer = asyncio.create_task(self._write())
        if self._stopping:
            self._writer.cancel()
        await asyncio.wait({self._writer})
        if self._writer.cancelled():
            state, error = (State.STOPPED, "") if self._stopping else (State.INTERRUPTED, "shutdown")
        else:
            state, error = self._writer.result()
        await self._finish(state, error)

    async def flush(self) -> None:
        """Send what has been written since the last frame; nothing when there is nothing."""
        if not self._released.is_set() or self.sent == len(self.text):
            return
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
        limit = conf.get_settings().max_reply_length
        try:
            async with contextlib.aclosing(get_engine().stream(self.turns)) as deltas:
                async for delta in deltas:
                    first = not self.text
                    self._feed(delta)
                    if first:
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
        text = storable(self._held_surrogate + delta)
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
        await self._settle(state, error)
        self.saved = len(self.text)
        status = fragments.status(self.message, language=self.language)
        async with self._sending:
            await self._send_frame(status, final=True)
        ads.reply_ended(self.message)

    async def _settle(self, state: State, error: str) -> None:
        """Write the final state, once. The database may be away for a moment: the text is worth some patience."""
        for attempt in range(SAVE_ATTEMPTS):
            try:
                if not await sync_to_async(settle)(self.id, state, text=self.text, error=error):
                    logger.warning("Reply %s had already been ended by someone else", self.id)
                return
            except DatabaseError:
                logger.exception("Reply %s could not be saved (attempt %d)", self.id, attempt + 1)
                await asyncio.sleep(0.2 * 2**attempt)


def settle(message_id: uuid.UUID, state: State, **changes: object) -> int:
    with writing():
        return Message.objects.filter(pk=message_id).settle(state, **changes)


_SAVE = "UPDATE {table} SET text = %s, state = %s, saved_at = %s WHERE id = %s AND state IN (%s, %s)"


def save(texts: Sequence[tuple[uuid.UUID, str | None]]) -> None:
    """Save what has streamed (None: just a sign of life), for all replies of this process at once.

    One statement for all, past the ORM: its queries would cost more than all else of a save.
    """
    now, live = timezone.now(), [state.value for state in LIVE]
    saved_at = Message._meta.get_field("saved_at").get_db_prep_save(now, connection)
    ident = Message._meta.get_field("id").get_db_prep_save
    rows = [
        (text, State.STREAMING.value, saved_at, ident(message_id, connection), *live)
        for message_id, text in texts
        if text is not None
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_SAVE.format(table=connection.ops.quote_name(Message._meta.db_table)), rows)
    silent = [message_id for message_id, text in texts if text is None]
    if silent:
        Message.objects.live().filter(pk__in=silent).update(saved_at=now)


def storable(text: str) -> str:
    """Without the one character that PostgreSQL cannot keep."""
    return text.replace("\x00", "") if "\x00" in text else text
