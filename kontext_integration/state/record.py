"""The fields of a session and of what it holds: everything that must outlive a process (protocol 4.10), and no rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..entities import Bid, Configuration, Message, Options

DEBOUNCE_MS = 10
MAX_MESSAGES = 30
MAX_ADS = 30
"""So many messages may have ads at once. A server never hears that a tab was closed, so it has to let go by itself."""
DEFAULT_PRELOAD_TIMEOUT_MS = 16_000


@dataclass(frozen=True, slots=True)
class PendingPreload:
    """A preload in its debounce: not yet the current one, so the previous one's bids are still to be had."""

    sequence: int
    track_only: bool
    snapshot: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Preload:
    """The current preload; its number is its identity across processes."""

    sequence: int
    track_only: bool
    snapshot: tuple[Message, ...]
    report_errors: bool
    """The session's gate at the moment the request was built (protocol 2.5)."""
    in_flight: bool = True
    """A result is applied only while this is true."""
    bids: tuple[Bid, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """Preload → assistant message, for good. The snapshot is not kept here: it travels with `SlotAssigned`."""

    sequence: int
    bids: tuple[Bid, ...]


@dataclass(slots=True)
class SessionRecord:
    config: Configuration
    install_id: str
    """Canonical UUID of the person's browser; the shell keeps it up to date."""
    options: Options = field(default_factory=Options)
    session_id: str | None = None
    """The ad server's; from every answer that carries one (protocol 4.8)."""
    disabled: bool = False
    destroyed: bool = False
    init: Literal["due", "sent", "done"] = "due"
    preload_timeout_ms: int = DEFAULT_PRELOAD_TIMEOUT_MS
    report_errors: bool = True
    report_debug: bool = False
    messages: list[Message] = field(default_factory=list)
    last_sequence: int = 0
    pending: PendingPreload | None = None
    preload: Preload | None = None
    links: dict[str, Link] = field(default_factory=dict)
    """By message id."""
    ads: list[tuple[str, str]] = field(default_factory=list)
    """(message id, placement code) of every ad that a page has created and not destroyed, in the order of creation."""
