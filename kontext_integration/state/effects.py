"""What the shell has to do after a transition of the session, in the order of the list it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..entities import Bid, Message, Options
    from ..events import AdEvent, UserEvent


@dataclass(frozen=True, slots=True)
class StartPreload:
    """Wait `DEBOUNCE_MS`, then `begin_preload(sequence)` on the newest state."""

    sequence: int


@dataclass(frozen=True, slots=True)
class CancelPreload:
    """Stop the debounce, the exchange or the backoff of this preload; its result is ignored in any case."""

    sequence: int


@dataclass(frozen=True, slots=True)
class CancelInit:
    """Stop the exchange with `/init`."""


@dataclass(frozen=True, slots=True)
class Emit:
    """Hand the event to the publisher."""

    event: AdEvent


@dataclass(frozen=True, slots=True)
class TellAds:
    """Tell the mounted ads what the person does (protocol 6.8)."""

    event: UserEvent


@dataclass(frozen=True, slots=True)
class SlotAssigned:
    """The bids belong to this assistant message from now on (protocol 4.5); store them with the frozen snapshot."""

    message_id: str
    sequence: int
    bids: tuple[Bid, ...]
    snapshot: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class SlotReleased:
    """The session has let go of the bids of this message (protocol 4.6): never offer them to a page again."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Report:
    """Post to `/error`; the gate of protocol 2.5 is already applied."""

    error: str
    stack: str


@dataclass(frozen=True, slots=True)
class Debug:
    """A diagnostic note for the local log, and for `/debug` while the state's `report_debug` is true (protocol 2.6)."""

    name: str
    data: Mapping[str, object] | None = None


Effect = StartPreload | CancelPreload | CancelInit | Emit | TellAds | SlotAssigned | SlotReleased | Report | Debug


@dataclass(frozen=True, slots=True)
class PreloadStart:
    """What goes into one `/preload`, read when the request is built (protocol 2.4)."""

    sequence: int
    track_only: bool
    messages: tuple[Message, ...]
    session_id: str | None
    options: Options
    timeout_ms: int
    """Per attempt."""
