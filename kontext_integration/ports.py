"""What a session needs from the outside, as values and interfaces: the store, the user's browser, the publisher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .entities import Configuration, Options
    from .gate import ConsentPolicy
    from .state import Effect, SessionState


@dataclass(frozen=True, slots=True)
class Record:
    """One stored version of a session."""

    id: int
    conversation_id: str
    generation: int
    """Grows when the record starts over; work that belongs to an earlier one is dropped."""
    version: int
    """Grows with every save."""
    state: Mapping[str, Any] = field(repr=False)
    """What `SessionState.to_dict` wrote."""


@dataclass(frozen=True, slots=True)
class Browser:
    """The user's newest browser, ready for a request."""

    install_id: str
    device: Mapping[str, Any]
    consent: Mapping[str, Any]
    """The valid privacy signals that the page collected, by their wire names."""
    opted_out: bool
    """Whether it sends Global Privacy Control."""
    forwarded: Mapping[str, str]
    """Headers of the HTTP request that speak for the browser (protocol OQ-1, OQ-3)."""


class Records(Protocol):
    """The stored sessions. Raises whatever the database raises."""

    async def load(self, conversation_id: str) -> Record | None:
        """The newest version, or None."""
        ...

    async def save(self, record: Record, state: SessionState, effects: Sequence[Effect]) -> Record | None:
        """Replace exactly this version, and with it store slots and events of `effects`; None: somebody was faster."""
        ...

    async def browser(self, user_id: str) -> Browser:
        """The user's newest browser; placeholders when none was seen."""
        ...

    def policy(self) -> ConsentPolicy:
        """Whether requests wait for consent."""
        ...

    def effective(self, options: Options, browser: Browser) -> Options:
        """The session's options with the publisher's defaults and the consent of the moment (protocol 7.2)."""
        ...


class Publisher(Protocol):
    async def __call__(self, config: Configuration, effects: Sequence[Effect]) -> None:
        """Announce events and what ads are told, and last of all the slots that were filled. Nothing raises."""
        ...
