"""How a request ends before its time, and how a process ends: what must be kept is kept, and nobody is waited for long.

Django answers in a thread, which waits for the view, which runs in the event loop. A server that is told to end cancels
its requests and waits for them; Django's handler waits for its thread, and nobody tells the view. That would go on for
ever, and what was written in the meantime would be lost with the SIGKILL that comes then.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures.thread  # noqa: F401 - it waits for its threads by the list below, and must be in it before us
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

logger = logging.getLogger(__name__)
CANCEL_S = 2.0
"""How long a cancelled request is waited for. One whose thread waits for a locked database takes longer."""
GRACE_S = 5.0
"""How long threads are waited for. What they do then is not missed: what must be kept has been kept."""
TERMINATED = 128 + signal.SIGTERM
"""The exit status, as of a process that SIGTERM ended."""


class Cancellable:
    """ASGI middleware. When the server cancels a request, Django is told that the browser has gone: then it cancels
    the view, and its thread ends."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        gone = asyncio.get_running_loop().create_future()

        async def next_event() -> Any:
            event = asyncio.ensure_future(receive())
            try:
                await asyncio.wait({event, gone}, return_when=asyncio.FIRST_COMPLETED)
                return event.result() if event.done() else {"type": "http.disconnect"}
            finally:
                event.cancel()

        answer = asyncio.ensure_future(self.application(scope, next_event, send))
        try:
            await asyncio.shield(answer)
        except asyncio.CancelledError:
            gone.set_result(None)
            await asyncio.wait({answer}, timeout=CANCEL_S)
            raise


def keep(save: Callable[[], None]) -> None:
    """Call `save` when the process has been told to end, before Python waits for its threads. From then on the process
    has `GRACE_S`."""

    def end() -> None:
        try:
            save()
        except Exception:
            logger.exception("Something could not be kept")
        threading.Thread(target=_end_in_any_case, name="ending", daemon=True).start()

    # A list that Python's own executors use; the public one comes after the wait. What came last is called first.
    getattr(threading, "_register_atexit", atexit.register)(end)


def _end_in_any_case() -> None:
    time.sleep(GRACE_S)
    waiting = [thread.name for thread in threading.enumerate() if not thread.daemon and thread.is_alive()]
    logger.warning("Ended with %d threads that still waited", len(waiting))
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(TERMINATED)
