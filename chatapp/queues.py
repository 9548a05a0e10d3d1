"""A fair queue for what only so many may do at once, such as having a reply written.

People take turns, not requests: whoever asks for ten things waits behind the first thing of everybody else. `FairQueue`
is the rule, `Turnstile` lets asyncio tasks through by it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T", bound=Hashable)
Place = Callable[[int], None]


class FairQueue(Generic[T]):
    """Tickets of many owners. Owners take turns in the order in which they came; the tickets of one come in order."""

    def __init__(self) -> None:
        self._lines: OrderedDict[Hashable, deque[T]] = OrderedDict()
        self._owners: dict[T, Hashable] = {}

    def __len__(self) -> int:
        return len(self._owners)

    def add(self, owner: Hashable, ticket: T) -> None:
        """Raises `ValueError` for a ticket that waits already."""
        if ticket in self._owners:
            raise ValueError("this ticket waits already")
        self._owners[ticket] = owner
        self._lines.setdefault(owner, deque()).append(ticket)

    def pop(self) -> T | None:
        """The next ticket, None when none waits. Its owner goes behind all others."""
        if not self._lines:
            return None
        owner, line = next(iter(self._lines.items()))
        ticket = line.popleft()
        del self._owners[ticket]
        if line:
            self._lines.move_to_end(owner)
        else:
            del self._lines[owner]
        return ticket

    def remove(self, ticket: T) -> bool:
        """Whether it waited; the others of its owner keep their order."""
        owner = self._owners.pop(ticket, None)
        if owner is None:
            return False
        line = self._lines[owner]
        line.remove(ticket)
        if not line:
            del self._lines[owner]
        return True

    def order(self) -> list[T]:
        """All tickets, the next one first, as they come if nobody joins."""
        rounds = [list(line) for line in self._lines.values()]
        longest = max(map(len, rounds), default=0)
        return [line[turn] for turn in range(longest) for line in rounds if turn < len(line)]


class Turnstile:
    """Lets at most `limit()` through at once; the others wait and are told their place, 1 for the next one.

    For one event loop. `limit` is asked each time, so that it may change while others are inside.
    """

    def __init__(self, limit: Callable[[], int]) -> None:
        self._limit = limit
        self._inside = 0
        self._queue: FairQueue[asyncio.Future[None]] = FairQueue()
        self._tell: dict[asyncio.Future[None], tuple[Place, int]] = {}

    @property
    def inside(self) -> int:
        return self._inside

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @asynccontextmanager
    async def enter(self, owner: Hashable, on_place: Place) -> AsyncIterator[None]:
        """Wait for a turn, and hold it until the block ends. `on_place` is called with each new place; never when there
        is no wait. Whoever is cancelled while waiting leaves the line."""
        await self._wait(owner, on_place)
        try:
            yield
        finally:
            self._inside -= 1
            self._admit()

    # Internal

    async def _wait(self, owner: Hashable, on_place: Place) -> None:
        if self._inside < self._limit() and not self._queue:
            self._inside += 1
            return
        ticket = asyncio.get_running_loop().create_future()
        self._queue.add(owner, ticket)
        self._tell[ticket] = (on_place, 0)
        self._admit()
        try:
            await ticket
        except asyncio.CancelledError:
            self._leave(ticket)
            raise

    def _leave(self, ticket: asyncio.Future[None]) -> None:
        if self._queue.remove(ticket):
            del self._tell[ticket]
        elif ticket.done() and not ticket.cancelled():
            # Let in and cancelled at the same moment: the turn is the next one's.
            self._inside -= 1
        self._admit()

    def _admit(self) -> None:
        while self._inside < self._limit() and (ticket := self._queue.pop()) is not None:
            del self._tell[ticket]
            if not ticket.done():
                self._inside += 1
                ticket.set_result(None)
        for place, ticket in enumerate(self._queue.order(), start=1):
            on_place, told = self._tell[ticket]
            if place != told:
                self._tell[ticket] = (on_place, place)
                _say(on_place, place)


def _say(on_place: Place, place: int) -> None:
    try:
        on_place(place)
    except Exception:
        # Nobody else's turn may be lost with it.
        logger.exception("A place in the line could not be told")
