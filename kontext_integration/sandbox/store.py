"""What the sandbox remembers, in memory and bounded: session ids, bids, the newest requests."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from .creatives import Creative
    from .words import FrameMode

SessionKey = tuple[str, str, str]
"""publisherToken, userId, conversationId."""


@dataclass(frozen=True, slots=True)
class Bid:
    """One sold slot. `message_ids` are those of the preload's snapshot, which the host must hand to the frame."""

    bid_id: str
    code: str
    creative: Creative
    message_ids: tuple[str, ...]
    frame: FrameMode


@dataclass(frozen=True, slots=True)
class Visit:
    """A request as the start page lists it: never with a message's text."""

    at: datetime
    request: str
    status: int
    outcome: str

    @property
    def time(self) -> str:
        return f"{self.at:%H:%M:%S}"


class Store:
    """`limit` is the number of sessions, and of bids, that are kept; the oldest go first."""

    def __init__(self, *, limit: int = 1000, visits: int = 50) -> None:
        self._limit = limit
        self._sessions: OrderedDict[SessionKey, str] = OrderedDict()
        self._bids: OrderedDict[str, Bid] = OrderedDict()
        self.visits: deque[Visit] = deque(maxlen=visits)

    def session_id(self, key: SessionKey, offered: str | None) -> str:
        """The id of this session. An `offered` one, from before a restart of the sandbox, is taken over."""
        session_id = self._sessions.get(key) or offered or str(uuid4())
        self._sessions[key] = session_id
        self._sessions.move_to_end(key)
        self._trim(self._sessions)
        return session_id

    def add_bid(self, bid: Bid) -> None:
        self._bids[bid.bid_id] = bid
        self._trim(self._bids)

    def bid(self, bid_id: str) -> Bid | None:
        """The bid of this id; None when it is unknown or has been forgotten."""
        return self._bids.get(bid_id)

    def _trim(self, kept: OrderedDict[Any, Any]) -> None:
        while len(kept) > self._limit:
            kept.popitem(last=False)
