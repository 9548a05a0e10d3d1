"""The nouns of the ad protocol as frozen values. They know no JSON (see `wire`) and no rules (see `state`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from .exceptions import InvalidMessageError

Role = Literal["user", "assistant"]
ImpressionTrigger = Literal["immediate", "component"]
CreativeType = Literal["display", "video"]

DEFAULT_AD_SERVER_URL = "https://server.megabrain.co"
DEFAULT_PLACEMENT_CODE = "inlineAd"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as its reader sees it (protocol 2.4). Raises `InvalidMessageError` on another role."""

    id: str
    """Stable and unique; joins chat, slot and events."""
    role: Role
    content: str = field(repr=False)
    """Like all words and secrets here it stays out of `repr`, and so out of logs and tracebacks."""
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """Aware; a naive time is taken as UTC. Now, unless it is given."""

    def __post_init__(self) -> None:
        if self.role not in ("user", "assistant"):
            raise InvalidMessageError(f"a message's role is 'user' or 'assistant', not {self.role!r}")


@dataclass(frozen=True, slots=True)
class Character:
    """The persona that answers (protocol 2.4). Another one needs a new session (protocol 4.9)."""

    id: str
    name: str
    avatar_url: str
    """Absolute; without a real avatar one stable placeholder."""
    greeting: str | None = field(default=None, repr=False)
    persona: str | None = field(default=None, repr=False)
    tags: tuple[str, ...] | None = None
    """An empty tuple is sent, `None` is not."""
    is_nsfw: bool | None = None


@dataclass(frozen=True, slots=True)
class Regulatory:
    """Privacy signals (protocol 7.1); `None` is unknown, 0 and an empty tuple are known."""

    gdpr: Literal[0, 1] | None = None
    gdpr_consent: str | None = None
    coppa: Literal[0, 1] | None = None
    gpp: str | None = None
    gpp_sid: tuple[int, ...] | None = None
    us_privacy: str | None = None


@dataclass(frozen=True, slots=True)
class Bid:
    """One winning ad for one placement code (protocol 2.4)."""

    bid_id: str
    """Lowercase canonical UUID."""
    code: str
    revenue: float | None = None
    """As the ad server estimates it; its unit is not documented."""
    impression_trigger: ImpressionTrigger = "immediate"
    creative_type: CreativeType | None = None


@dataclass(frozen=True, slots=True)
class SdkIdentity:
    """Who we say we are, in bodies and frame addresses alike (protocol 2.2)."""

    name: str = "sdk-js"
    platform: str = "web"
    version: str = "4.0.2"


@dataclass(frozen=True, slots=True)
class App:
    """The publisher's application; sent only when configured (protocol 2.3, 2.4)."""

    bundle_id: str
    version: str


@dataclass(frozen=True, slots=True)
class Options:
    """What may change during a session (protocol 4.1); `None` is not given."""

    variant_id: str | None = None
    regulatory: Regulatory | None = None
    user_email: str | None = field(default=None, repr=False)
    advertising_id: str | None = field(default=None, repr=False)
    vendor_id: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is fixed for the life of a session (protocol 4.1)."""

    publisher_token: str = field(repr=False)
    user_id: str
    conversation_id: str
    enabled_placement_codes: tuple[str, ...] = (DEFAULT_PLACEMENT_CODE,)
    """Configured order; none at all means the default."""
    ad_server_url: str = DEFAULT_AD_SERVER_URL
    character: Character | None = None
    sdk: SdkIdentity = SdkIdentity()
    app: App | None = None

    def __post_init__(self) -> None:
        codes = tuple(self.enabled_placement_codes or ()) or (DEFAULT_PLACEMENT_CODE,)
        object.__setattr__(self, "enabled_placement_codes", codes)
