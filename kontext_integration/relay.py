"""The browser relay (protocol OQ-1): we build a request, a page of the person sends it and hands the answer back.

The ad server then sees the person's own browser and address. The price: the person can read what is sent, and an answer
is the person's word. Nobody else is concerned: at worst there is a false bid, a false revenue or an error in sessions
of the same person. It is decoded with the same distrust as an answer that came over the network.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from django.utils.safestring import SafeString, mark_safe

from . import relay_rows
from .conf import get_settings
from .database import in_database
from .models import AdRelay
from .signals import relay_waiting
from .tasks import Tasks, log_failure
from .transport import Reply, Request, Unreachable


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, in milliseconds."""

    taken_within: int = 5_000
    """For a page to take a request."""
    longest_attempt: int = 60_000
    """For a page to get its answer, at most, whatever `/init` asked for."""
    hand_back: int = 2_000
    """So much longer than the page: the answer has a way to go."""
    first_pause: int = 50
    """Before the first look for an answer that another process was given. Each next pause is twice as long."""
    longest_pause: int = 1_000


PATIENCE = Patience()
_bells: dict[uuid.UUID, Callable[[], object]] = {}


class BrowserRelay:
    """A `Transport` over the pages of `Request.user_id`, and over the database: any process may serve the page.

    `Request.forwarded` is not used: the browser speaks for itself. Of a circle of redirects a page learns only that
    the network failed; an answer beyond `relay_views.LARGEST_ANSWER` is cut.
    """

    def __init__(self, patience: Patience = PATIENCE) -> None:
        self._patience = patience
        self._tasks = Tasks()

    async def post(self, request: Request) -> Reply | Unreachable:
        relay_id = uuid.uuid4()
        try:
            with _bell(relay_id) as bell:
                return await self._send(relay_id, request, bell)
        except Exception as error:
            # The text of an error of the database may quote the body.
            return Unreachable(type(error).__name__)
        finally:
            # In a task of its own: who is cancelled twice leaves no words behind either.
            await asyncio.shield(self._tasks.start(_remove(relay_id)))

    async def _send(self, relay_id: uuid.UUID, request: Request, bell: asyncio.Event) -> Reply | Unreachable:
        timeout_ms = min(request.timeout_ms, self._patience.longest_attempt)
        is_taken = False
        try:
            async with asyncio.timeout(self._patience.taken_within / 1000) as limit:
                await in_database(relay_rows.put, relay_id, request, timeout_ms)
                whose = {"conversation_id": request.conversation_id, "user_id": request.user_id}
                await relay_waiting.asend_robust(sender=AdRelay, **whose)
                pause_ms = self._patience.first_pause
                while True:
                    await _rings(bell, pause_ms)
                    pause_ms = min(2 * pause_ms, self._patience.longest_pause)
                    progress = await in_database(relay_rows.look, relay_id)
                    if progress.answer:
                        return progress.answer
                    if progress.is_taken and not is_taken:
                        is_taken = True
                        rest_ms = timeout_ms + self._patience.hand_back
                        limit.reschedule(asyncio.get_running_loop().time() + rest_ms / 1000)
        except TimeoutError:
            return Unreachable(f"Timed out after {timeout_ms} ms" if is_taken else "No page took the request")


def ring(relay_id: uuid.UUID) -> None:
    """Something has come of a request: whoever waits for it in this process looks at once. Callable from any thread."""
    toll = _bells.get(relay_id)
    if toll:
        # The event loop that waited may have ended without a word.
        with suppress(RuntimeError):
            toll()


def render_relay() -> SafeString:
    """What makes a page send what waits: an unseen element, to be put anywhere into the page. It goes at once.

    "" while this server sends the requests itself.
    """
    if get_settings().transport != "browser":
        return mark_safe("")
    return mark_safe("<kontext-relay hidden></kontext-relay>")


@contextmanager
def _bell(relay_id: uuid.UUID) -> Iterator[asyncio.Event]:
    rung = asyncio.Event()
    _bells[relay_id] = partial(asyncio.get_running_loop().call_soon_threadsafe, rung.set)
    try:
        yield rung
    finally:
        del _bells[relay_id]


async def _rings(bell: asyncio.Event, pause_ms: int) -> None:
    """Return when it rings, at the latest after the pause."""
    with suppress(TimeoutError):
        async with asyncio.timeout(pause_ms / 1000):
            await bell.wait()
    bell.clear()


async def _remove(relay_id: uuid.UUID) -> None:
    try:
        await in_database(relay_rows.remove, relay_id)
    except Exception as error:
        log_failure("removing a relayed request", error)
