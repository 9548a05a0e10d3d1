"""The rules of one session (protocol 4) as transitions: something happened in, new fields and effects out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from ..entities import Configuration, Message, Options
from ..events import AdError, UserEvent
from ..outcomes import InitAnswer, InitApplied, PreloadOutcome
from . import links, preloads, storage
from .effects import CancelInit, Debug, Effect, Emit, PreloadStart, Report, TellAds
from .record import SessionRecord


@dataclass(slots=True)
class SessionState(SessionRecord):
    """One user in one conversation. No clock, no network: what has to be done comes back as a list of effects.

    Every transition changes the object in place; save it before performing the effects.
    """

    def serves(self, config: Configuration) -> bool:
        """Whether this session may be reused for `config`; if not, destroy it and open a new one (protocol 4.9)."""
        return not self.destroyed and _identity(self.config) == _identity(config)

    def add_message(self, message: Message, *, track_only: bool = False) -> list[Effect]:
        """Protocol 4.3, steps 1 to 9. A message that is already known is ignored: posts are repeated on the web."""
        if self.destroyed:
            return [Debug("Session: addMessage-after-destroy")]
        if any(known.id == message.id for known in self.messages):
            return []
        self.messages.append(message)
        effects: list[Effect] = [Debug("Session: message-added", {"messageId": message.id, "role": message.role})]
        effects += links.drop_oldest(self)
        effects += links.pair(self)
        if message.role == "user":
            effects += preloads.supersede(self)
            effects += preloads.schedule(self, track_only=track_only)
        return effects

    def begin_preload(self, sequence: int) -> PreloadStart | None:
        """After the debounce (protocol 4.3, steps 10 to 12): what to send, or `None` when it is no longer wanted."""
        return preloads.begin(self, sequence)

    def awaits(self, sequence: int | None) -> bool:
        """Whether this preload is still the one whose result is awaited; None: whether the session goes on."""
        return not self.destroyed and (sequence is None or preloads.in_flight(self, sequence) is not None)

    def apply_preload(self, sequence: int, outcome: PreloadOutcome) -> list[Effect]:
        """The result of a preload (protocol 2.4, 4.3 step 13); nothing at all when it was superseded or applied."""
        preload = preloads.in_flight(self, sequence)
        return preloads.settle(self, preload, outcome) if preload else []

    def begin_init(self) -> bool:
        """True once in the life of the session: send `/init` now (protocol 4.9, 4.10)."""
        if self.init != "due" or self.destroyed:
            return False
        self.init = "sent"
        return True

    def apply_init(self, answer: InitAnswer) -> list[Effect]:
        """The result of `/init` (protocol 2.3)."""
        if self.init != "sent" or self.destroyed:
            return []
        self.init = "done"
        if not isinstance(answer, InitApplied):
            return [Report(answer.report, "Init.fetch")] if answer.report else []
        if not answer.enabled:
            self.disabled = True
            return [Emit(AdError("Session is disabled", "session_disabled_by_init"))]
        self.preload_timeout_ms = answer.preload_timeout_ms or self.preload_timeout_ms
        self.report_errors, self.report_debug = answer.report_errors, answer.report_debug
        return []

    def update_options(self, given: Options) -> list[Effect]:
        """Overwrite what is given, `regulatory` as a whole; nothing can be cleared (protocol 4.1)."""
        if self.destroyed:
            return []
        names = [field.name for field in fields(Options) if getattr(given, field.name) is not None]
        changes: dict[str, Any] = {name: getattr(given, name) for name in names}
        self.options = replace(self.options, **changes)
        return [Debug("Session: options-updated", {"fields": names})]

    def create_ad(self, message_id: str, code: str) -> list[Effect]:
        """A page shows a slot (protocol 4.6), with or without a bid; its bid stays as long as the slot does."""
        if self.destroyed:
            return [Debug("Session: createAd-after-destroy", {"messageId": message_id})]
        if (message_id, code) in self.ads:
            return [Debug("Session: createAd-returning-existing", {"messageId": message_id})]
        self.ads.append((message_id, code))
        return links.drop_oldest_ads(self)

    def remove_ad(self, message_id: str, code: str) -> list[Effect]:
        """An ad was destroyed; with the last ad of a message its bids are discarded for good (protocol 4.6)."""
        if (message_id, code) not in self.ads:
            return []
        self.ads.remove((message_id, code))
        return links.remove_preload(self, message_id)

    def send_user_event(self, event: UserEvent) -> list[Effect]:
        """What the person does, for the ads of one placement (protocol 6.8); nothing after the end (protocol 4.2)."""
        if self.destroyed:
            return []
        return [TellAds(event), Debug("Session: send-user-event", {"name": event.name, "code": event.code})]

    def destroy(self) -> list[Effect]:
        """The end (protocol 4.7): no event now or later."""
        if self.destroyed:
            return []
        self.destroyed = True
        effects: list[Effect] = [*preloads.supersede(self), CancelInit(), *links.release_all(self)]
        self.preload = None
        self.messages.clear()
        self.ads.clear()
        return [*effects, Debug("Session: destroyed")]

    def to_dict(self) -> dict[str, Any]:
        """The whole session as JSON-safe values."""
        return storage.to_dict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The session that `to_dict` wrote. Raises `CorruptStateError` on anything else."""
        return cls(**storage.read_fields(stored))


def _identity(config: Configuration) -> tuple[object, ...]:
    return (
        config.publisher_token,
        config.user_id,
        config.conversation_id,
        config.enabled_placement_codes,
        config.ad_server_url,
        config.character,
    )
