"""Background work of one event loop: who runs, how to stop it, and whose turn it is in a conversation."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import traceback
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from asgiref.sync import SyncToAsync

logger = logging.getLogger("kontext_integration")

T = TypeVar("T")

_running: set[asyncio.Task[Any]] = set()
"""The event loop itself holds its tasks weakly; here they live until they are done."""


class Tasks:
    """Tasks by name, and one first-in-first-out lane per conversation."""

    def __init__(self) -> None:
        self._named: dict[Hashable, asyncio.Task[Any]] = {}
        self._mine: set[asyncio.Task[Any]] = set()
        self._lanes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def start(
        self,
        work: Coroutine[Any, Any, T],
        name: Hashable | None = None,
        context: contextvars.Context | None = None,
    ) -> asyncio.Task[T]:
        """Run `work` on its own. It inherits nothing of the request that happens to start it, unless that waits for it:
        see `context_of_caller`."""
        task = asyncio.create_task(work, context=context or contextvars.Context())
        _running.add(task)
        self._mine.add(task)
        if name is not None:
            self._named[name] = task
        task.add_done_callback(lambda done: self._forget(done, name))
        return task

    def start_once(self, work: Callable[[], Coroutine[Any, Any, None]], name: Hashable) -> None:
        """Run `work` on its own, unless a task of that name runs already."""
        if name not in self._named:
            self.start(work(), name)

    def cancel(self, name: Hashable) -> None:
        """Stop the task of that name, if it still runs in this process."""
        task = self._named.get(name)
        if task is not None:
            task.cancel()

    def lane(self, conversation_id: str) -> asyncio.Lock:
        """The lock that lets the work on a conversation happen in the order in which it was asked for."""
        lock = self._lanes.get(conversation_id)
        if lock is None:
            lock = self._lanes[conversation_id] = asyncio.Lock()
        return lock

    async def idle(self) -> None:
        """Return when nothing started here runs any more, the tasks of tasks included."""
        while self._mine:
            await asyncio.wait(set(self._mine))

    def _forget(self, task: asyncio.Task[Any], name: Hashable | None) -> None:
        _running.discard(task)
        self._mine.discard(task)
        if self._named.get(name) is task:
            del self._named[name]
        if not task.cancelled() and (error := task.exception()) is not None:
            log_failure("background work", error)


def context_of_caller() -> contextvars.Context:
    """For work that the caller waits for.

    A request without a thread of its own, as Django's test client makes them, blocks the thread of the database, so it
    must lend it. That of a server must not, for its thread ends with it.
    """
    has_own_thread = SyncToAsync.thread_sensitive_context.get(None) is not None
    return contextvars.Context() if has_own_thread else contextvars.copy_context()


def log_failure(what: str, error: BaseException) -> None:
    """Log where something failed, without the error's own words: they may quote a message or the token."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
    logger.error("%s failed: %s at %s", what, type(error).__name__, place)
