"""How a request to the ad server ended: two closed sets of values. `wire` decides them, `state` applies them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .entities import Bid


@dataclass(frozen=True, slots=True)
class InitApplied:
    """A readable answer to `/init`, absent and odd fields already replaced by their defaults (protocol 2.3)."""

    enabled: bool = True
    preload_timeout_ms: int | None = None
    """Greater than 0; `None` keeps what the session has."""
    report_errors: bool = True
    report_debug: bool = False


@dataclass(frozen=True, slots=True)
class InitIgnored:
    """No usable answer to `/init`; the session goes on with its defaults."""

    report: str | None = None
    """What to post to `/error`; `None`: nothing."""


InitAnswer = InitApplied | InitIgnored


@dataclass(frozen=True, slots=True)
class PreloadFilled:
    """Bids for enabled placements, in the server's order (row 11)."""

    session_id: str
    bids: tuple[Bid, ...]


@dataclass(frozen=True, slots=True)
class PreloadNoFill:
    """A normal end without an ad (rows 3, 8, 9)."""

    skip_code: str
    session_id: str | None = None


@dataclass(frozen=True, slots=True)
class PreloadNothing:
    """A tracked turn that ends in silence: its bids are discarded (row 10), or the answer had no byte at all."""

    session_id: str | None = None
    disables: bool = False


@dataclass(frozen=True, slots=True)
class PreloadFailed:
    """An error, with the words of its event (rows 2, 4 to 7)."""

    message: str
    err_code: str
    session_id: str | None = None
    disables: bool = False
    """The session is over for good (row 6)."""
    report: str | None = None
    """What to post to `/error`; `None`: nothing."""


PreloadOutcome = PreloadFilled | PreloadNoFill | PreloadNothing | PreloadFailed
