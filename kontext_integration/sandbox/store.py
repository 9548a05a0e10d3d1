"""What the sandbox remembers of its sales, in memory and bounded: session ids and bids."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from .creatives import Creative
from .turns import Format, FrameMode, ModalMode

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
    format: Format = "native"
    modal: ModalMode = "speaks"
    modal_error: str = ""
    greeting: str = ""
    """The character's, for a modal; empty: there is none."""


class Store:
    """`limit` is the number of sessions, and of bids, that are kept; the oldest go first."""

    def __init__(self, *, limit: int = 1000) -> None:
        self._limit = limit
        self._sessions: OrderedDict[SessionKey, str] = OrderedDict()
        self._bids: OrderedDict[str, Bid] = OrderedDict()

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
