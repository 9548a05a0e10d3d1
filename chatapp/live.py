"""The replies that this process is writing, and the two clocks that drive them: frames and saves."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import uuid
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

from django.db import Error as DatabaseError

from chatapp import conf, endings, logs, store
from chatapp.database import in_database, writing
from chatapp.engines import Turn
from chatapp.models import Message, State
from chatapp.replies import Reply

logger = logging.getLogger(__name__)

FRAMES_PER_S = 200
"""So many frames a process makes at most: when many replies run, each gets fewer, larger ones."""
LONGEST_FRAME_INTERVAL_S = 0.25
SIGN_OF_LIFE_S = 2.0
ASK_INTERVAL_S = 0.25
"""How often the store is asked whether somebody wants a reply to stop: from the press to the closed stream at most half
a second, whichever process was told."""

_replies: dict[uuid.UUID, Reply] = {}
_tasks: set[asyncio.Task[None]] = set()
_clocks: dict[str, asyncio.Task[None]] = {}


def end_with_process() -> None:
    """The server has been told to end: keep all that was written, and say that the replies were interrupted."""
    for reply in _replies.values():
        try:
            store.settle(reply.id, State.INTERRUPTED, text=reply.text, error="shutdown")
        except Exception:
            logger.exception("Reply %s could not be saved at the end", reply.id)


endings.keep(end_with_process)


def start(message: Message, turns: Sequence[Turn], *, language: str) -> Reply:
    """Begin to write a reply. Call `release()` on what is returned once the page knows of the message."""
    reply = Reply(message, turns, language=language)
    _replies[reply.id] = reply
    _spawn(_run(reply))
    _keep_ticking("frames", _send_frames)
    _keep_ticking("saves", _save_often)
    return reply


def find(message_id: uuid.UUID) -> Reply | None:
    """The reply, when it is written by this process."""
    return _replies.get(message_id)


async def _run(reply: Reply) -> None:
    with logs.turn(reply.id):
        try:
            await reply.run()
        except Exception:
            logger.exception("Reply %s was lost", reply.id)
        finally:
            _replies.pop(reply.id, None)


async def _send_frames() -> None:
    while _replies:
        for reply in list(_replies.values()):
            await reply.flush()
        shortest = conf.get_settings().frame_interval_ms / 1000
        await asyncio.sleep(max(shortest, min(len(_replies) / FRAMES_PER_S, LONGEST_FRAME_INTERVAL_S)))


async def _save_often() -> None:
    while _replies:
        await asyncio.sleep(min(conf.get_settings().save_interval_ms / 1000, ASK_INTERVAL_S))
        await _save_all(list(_replies.values()))


async def _save_all(current: Iterable[Reply]) -> None:
    """Save what the frames cover, where that is due, and stop the replies that another process was asked to stop."""
    now, interval_s = asyncio.get_running_loop().time(), conf.get_settings().save_interval_ms / 1000
    due = [r for r in current if now - r.saved_at > (interval_s if r.sent > r.saved else SIGN_OF_LIFE_S)]
    marks = [(reply, reply.sent) for reply in due]
    texts = [(r.id, r.text[:sent] if sent > r.saved else None) for r, sent in marks]
    try:
        stopped = await in_database(_save_and_ask, texts, [r.id for r in current])
    except DatabaseError:
        return  # noted; the next tick tries again
    for reply, sent in marks:
        reply.saved, reply.saved_at = max(reply.saved, sent), now
    for reply in current:
        if reply.id in stopped:
            reply.stop()


def _save_and_ask(texts: Sequence[tuple[uuid.UUID, str | None]], everyone: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    if texts:
        with writing():
            store.save(texts)
    # One whose row is gone was deleted with its conversation: nobody will read it.
    wanted = Message.objects.filter(pk__in=everyone, stop_requested=False).values_list("pk", flat=True)
    return set(everyone) - set(wanted)


def _spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Run apart from the request: with a context of its own, and held so that it is not collected."""
    task = asyncio.get_running_loop().create_task(work, context=contextvars.Context())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return task


def _keep_ticking(name: str, clock: Callable[[], Coroutine[Any, Any, None]]) -> None:
    running = _clocks.get(name)
    if running is None or running.done() or running.get_loop() is not asyncio.get_running_loop():
        _clocks[name] = _spawn(clock())
